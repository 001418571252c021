#include "eventlog-svc/rpc/query_call.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "eventlog-svc/client/rpc_error.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/slice.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/cursors.grpc.pb.h"
#include "tests/eventlog-svc/rpc/queue_server.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using GetCall = QueryCall<v1::GetCursorRequest, v1::Cursor>;

// GetCursor gives back the name that it was asked for; "none" is not found.
class QueryCallTest : public testing::Test {
 protected:
  QueryCallTest() {
    GetCall::Serve(
        server_.queue(), [this](auto... arguments) { service_.RequestGetCursor(arguments...); },
        [](GetCall* call) {
          call->response().set_cursor(call->request().cursor());
          call->Finish(call->request().cursor() == "none" ? grpc::Status(grpc::StatusCode::NOT_FOUND, "none")
                                                          : grpc::Status::OK);
        },
        [this](const absl::Status& status) { errors_.push_back(ErrorReason(status)); });
  }
  absl::Status Get(const std::string& name, v1::Cursor& cursor) {
    grpc::ClientContext context;
    v1::GetCursorRequest request;
    request.set_cursor(name);
    return FromGrpcStatus(v1::Cursors::NewStub(server_.channel())->GetCursor(&context, request, &cursor));
  }
  absl::Status GetRaw(const std::string& bytes) {
    grpc::GenericStub stub(server_.channel());
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const grpc::Slice slice(bytes);
    const auto call =
        stub.PrepareUnaryCall(&context, "/eventlog.v1.Cursors/GetCursor", grpc::ByteBuffer(&slice, 1), &queue);
    call->StartCall();
    grpc::ByteBuffer response;
    grpc::Status status;
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok));
    return FromGrpcStatus(status);
  }

  v1::Cursors::WithRawMethod_GetCursor<v1::Cursors::Service> service_;
  std::vector<std::string> errors_;  // the queue's thread's, until the server is stopped
  QueueServer server_{service_};
};

TEST_F(QueryCallTest, GivesTheResponseOrTheError) {
  v1::Cursor cursor;
  EXPECT_THAT(Get("c", cursor), IsOk());
  EXPECT_EQ(cursor.cursor(), "c");
  v1::Cursor none;
  EXPECT_THAT(Get("none", none), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(none.cursor(), "");
  server_.Stop();
  EXPECT_THAT(errors_, testing::IsEmpty());
}

TEST_F(QueryCallTest, WhatCannotBeReadIsRefusedAndTold) {
  for (const std::string& bytes : {std::string("\xFF"), std::string("\x0A\x01\xFF"), std::string(2 << 20, '\0')}) {
    const absl::Status refused = GetRaw(bytes);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(RpcErrorReason(refused), "REQUEST_INVALID");
  }
  server_.Stop();
  EXPECT_THAT(errors_, testing::ElementsAre("REQUEST_INVALID", "REQUEST_INVALID", "REQUEST_INVALID"));
}

}  // namespace
}  // namespace eventlog

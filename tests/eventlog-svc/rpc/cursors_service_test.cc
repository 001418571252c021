// What only the service itself can show; tests/conformance/cursors_test.cc has what its clients see.

#include "eventlog-svc/rpc/cursors_service.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

class CursorsServiceTest : public testing::Test {
 protected:
  CursorsServiceTest() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    // Over a socket: what an in-process channel shares, ThreadSanitizer cannot see the order of.
    stub_ =
        v1::Cursors::NewStub(grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
  }
  grpc::Status Commit(int64_t next_offset, int64_t generation = 0) {
    v1::CommitCursorRequest request;
    request.set_cursor("c");
    request.set_next_offset(next_offset);
    request.set_generation(generation);
    grpc::ClientContext context;
    v1::Cursor cursor;
    return stub_->CommitCursor(&context, request, &cursor);
  }

  const std::unique_ptr<LocalEngine> engine_ = NewMemoryEngine({});
  ErrorCounter errors_;
  CursorsService service_{*engine_, errors_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::Cursors::Stub> stub_;
};

TEST_F(CursorsServiceTest, RefusalsAreCountedByReason) {
  EXPECT_TRUE(Commit(0).ok());
  EXPECT_FALSE(Commit(7).ok());
  EXPECT_FALSE(Commit(-1).ok());
  EXPECT_FALSE(Commit(0, 5).ok());
  EXPECT_THAT(errors_.counts(),
              testing::ElementsAre(testing::Pair("CURSOR_FENCED", 1), testing::Pair("OFFSET_INVALID", 1),
                                   testing::Pair("OFFSET_OUT_OF_RANGE", 1)));
}

TEST_F(CursorsServiceTest, WhileItDrainsNothingIsTaken) {
  service_.Drain();
  EXPECT_EQ(Commit(0).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(errors_.counts(), testing::ElementsAre(testing::Pair("DRAINING", 1)));
  EXPECT_THAT(engine_->FindLog("").value()->cursors(), testing::IsEmpty());
}

}  // namespace
}  // namespace eventlog

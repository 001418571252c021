#include "tests/conformance/live_service.h"

#include <stdlib.h>

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "glog/logging.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "gtest/gtest.h"
#include "proto/google/rpc/status.pb.h"

namespace eventlog {
namespace {

const absl::Time kStart = absl::Now();

// Of all calls of this process.
absl::Time SafetyDeadline() {
  const char* const timeout = getenv("TEST_TIMEOUT");  // Bazel's, in seconds
  int seconds = 0;
  if (timeout == nullptr || !absl::SimpleAtoi(timeout, &seconds)) return absl::InfiniteFuture();
  return kStart + 0.9 * absl::Seconds(seconds);
}

std::string NewFolder() {
  std::string name = absl::StrCat(testing::TempDir(), "/data.XXXXXX");
  CHECK(mkdtemp(name.data()) != nullptr);
  return name;
}

}  // namespace

absl::Status ToAbslStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status out(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return out;
  for (const auto& detail : details.details()) out.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  return out;
}

v1::Event EventOf(const std::string& type, const std::string& text) {
  v1::Event event;
  event.set_type(type);
  event.set_text(text);
  return event;
}

v1::AppendRequest AppendOf(const std::vector<std::string>& texts) {
  v1::AppendRequest request;
  for (const std::string& text : texts) *request.add_events() = EventOf("test.event", text);
  return request;
}

std::vector<std::string> TextsOf(const google::protobuf::RepeatedPtrField<v1::Record>& records) {
  std::vector<std::string> texts;
  for (const v1::Record& record : records) texts.push_back(record.event().text());
  return texts;
}

void SetSafetyDeadline(grpc::ClientContext& context) { context.set_deadline(absl::ToChronoTime(SafetyDeadline())); }

Follower::Follower(v1::EventLog::Stub& stub, const v1::SubscribeRequest& request) {
  SetSafetyDeadline(context_);
  reader_ = stub.Subscribe(&context_, request);
}

Follower::~Follower() {
  if (finished_) return;
  Cancel();
  Finish().IgnoreError();
}

std::optional<v1::SubscribeResponse> Follower::Next() {
  v1::SubscribeResponse message;
  if (!reader_->Read(&message)) return std::nullopt;
  return message;
}

v1::SubscribeResponse Follower::NextOf(v1::SubscribeResponse::MessageCase kind) {
  while (true) {
    std::optional<v1::SubscribeResponse> message = Next();
    if (!message.has_value()) {
      ADD_FAILURE() << "the stream ended before a message of kind " << kind << ": " << Finish();
      return {};
    }
    if (message->message_case() == kind) return *std::move(message);
  }
}

std::vector<std::string> Follower::TextsToCaughtUp() {
  std::vector<std::string> texts;
  while (std::optional<v1::SubscribeResponse> message = Next()) {
    for (std::string& text : TextsOf(message->batch().records())) texts.push_back(std::move(text));
    last_ = *std::move(message);
    if (last_.has_caught_up()) return texts;
  }
  ADD_FAILURE() << "the stream ended before it caught up: " << Finish();
  return texts;
}

std::vector<std::string> Follower::TextsToEnd() {
  std::vector<std::string> texts;
  while (std::optional<v1::SubscribeResponse> message = Next()) {
    for (std::string& text : TextsOf(message->batch().records())) texts.push_back(std::move(text));
    last_ = *std::move(message);
  }
  return texts;
}

absl::Status Follower::Finish() {
  finished_ = true;
  v1::SubscribeResponse rest;
  while (reader_->Read(&rest)) {
  }
  return ToAbslStatus(reader_->Finish());
}

LiveService::LiveService(const std::string& engine, ServerOptions options) {
  options.engine = engine;
  options.listen = {"127.0.0.1", 0};
  options.http_listen = {"127.0.0.1", 0};
  if (options.data_dir.empty()) options.data_dir = NewFolder();
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options);
  CHECK(server.ok()) << server.status();
  server_ = *std::move(server);
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  // Channels to one address would share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ =
      grpc::CreateCustomChannel(server_->grpc_address().ToString(), grpc::InsecureChannelCredentials(), arguments);
  stub_ = v1::EventLog::NewStub(channel_);
}

absl::StatusOr<v1::AppendResponse> LiveService::Append(const v1::AppendRequest& request) {
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  v1::AppendResponse response;
  const absl::Status status = ToAbslStatus(stub_->Append(&context, request, &response));
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<v1::ReadResponse> LiveService::Read(const v1::ReadRequest& request) {
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  v1::ReadResponse response;
  const absl::Status status = ToAbslStatus(stub_->Read(&context, request, &response));
  if (!status.ok()) return status;
  return response;
}

v1::LogStats LiveService::Stats() {
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  v1::LogStats response;
  const grpc::Status status = stub_->GetLogStats(&context, {}, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

absl::Status LiveService::CallRaw(const std::string& method, const std::string& request) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  const grpc::Slice slice(request);
  const grpc::ByteBuffer buffer(&slice, 1);
  grpc::ByteBuffer response;
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(&context, "/eventlog.v1." + method, buffer, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  CHECK(queue.Next(&tag, &ok));
  return ToAbslStatus(status);
}

std::unique_ptr<v1::EventLog::Stub> LiveService::NarrowStub() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return v1::EventLog::NewStub(
      grpc::CreateCustomChannel(server_->grpc_address().ToString(), grpc::InsecureChannelCredentials(), arguments));
}

std::unique_ptr<Follower> LiveService::Subscribe(const v1::SubscribeRequest& request) {
  return std::make_unique<Follower>(*stub_, request);
}

}  // namespace eventlog

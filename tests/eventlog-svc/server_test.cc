#include "eventlog-svc/server.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "httplib.h"
#include "tests/conformance/live_service.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  grpc::Slice bytes;
  EXPECT_TRUE(buffer.DumpToSingleSlice(&bytes).ok());
  return std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
}

// A unary call of a built-in service, request and response as wire bytes.
std::string CallBuiltIn(LiveService& service, const std::string& method, const std::string& request) {
  grpc::GenericStub stub(service.channel());
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  const grpc::Slice slice(request);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(&context, method, grpc::ByteBuffer(&slice, 1), &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  EXPECT_TRUE(queue.Next(&tag, &ok));
  if (!status.ok()) return absl::StrCat("error ", status.error_code());
  return BytesOf(response);
}

ServerOptions OnFreePorts(const std::string& engine) {
  ServerOptions options;
  options.engine = engine;
  options.listen = {"127.0.0.1", 0};
  options.http_listen = {"127.0.0.1", 0};
  return options;
}

const std::string kServing("\x08\x01", 2);
const std::string kNotServing("\x08\x02", 2);

TEST(ServerTest, HealthIsPerServiceAndForTheWhole) {
  LiveService service("memory");
  const std::string name = "eventlog.v1.EventLog";
  EXPECT_EQ(CallBuiltIn(service, "/grpc.health.v1.Health/Check", ""), kServing);
  EXPECT_EQ(CallBuiltIn(service, "/grpc.health.v1.Health/Check", absl::StrCat("\x0A\x14", name)), kServing);
  for (const char* const other : {"\x0A\x14"
                                  "eventlog.v1.LogAdmin",
                                  "\x0A\x13"
                                  "eventlog.v1.Cursors"}) {
    EXPECT_EQ(CallBuiltIn(service, "/grpc.health.v1.Health/Check", other), kServing);
  }
  EXPECT_EQ(CallBuiltIn(service, "/grpc.health.v1.Health/Check", "\x0A\x02xx"), "error 5");
}

TEST(ServerTest, ReflectionListsTheServices) {
  LiveService service("memory");
  // ServerReflectionRequest.list_services = 7
  const std::string listed =
      CallBuiltIn(service, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", std::string("\x3A\x01*"));
  EXPECT_THAT(listed, HasSubstr("eventlog.v1.EventLog"));
  EXPECT_THAT(listed, HasSubstr("grpc.health.v1.Health"));
  EXPECT_THAT(listed, HasSubstr("grpc.channelz.v1.Channelz"));
}

TEST(ServerTest, APortInUseIsSaidInOneLineAndLeavesNoFolder) {
  LiveService first("memory");
  ServerOptions options = OnFreePorts("embedded");
  options.data_dir = absl::StrCat(testing::TempDir(), "/not_made");
  options.listen.port = first.server().grpc_address().port;
  EXPECT_THAT(Server::Start(options).status(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("--listen")));
  options.listen.port = 0;
  options.http_listen.port = first.server().http_address().port;
  EXPECT_THAT(Server::Start(options).status(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("--http_listen")));
  EXPECT_FALSE(std::filesystem::exists(options.data_dir));
}

TEST(ServerTest, ASecondOneOnTheSameFolderIsRefusedUntilTheFirstIsGone) {
  ServerOptions options = OnFreePorts("embedded");
  options.data_dir = absl::StrCat(testing::TempDir(), "/same_folder");
  auto first = Server::Start(options);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(Server::Start(options).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("same_folder")));
  EXPECT_THAT((*first)->Stop(), IsOk());
  EXPECT_THAT(Server::Start(options), IsOk());
}

TEST(ServerTest, AFolderThatCannotBeUsedIsNamedWithItsFlag) {
  ServerOptions options = OnFreePorts("embedded");
  const std::string file = absl::StrCat(testing::TempDir(), "/no_folder");
  ASSERT_TRUE(std::ofstream(file).flush().good());
  for (const std::string& wrong : {file, file + "/below", std::string("/proc/eventlog")}) {
    options.data_dir = wrong;
    EXPECT_THAT(Server::Start(options).status(),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr(absl::StrCat("--data_dir=", wrong, ": cannot "))));
  }
}

TEST(ServerTest, WhatWasAppendedIsThereAfterARestart) {
  ServerOptions options;
  options.data_dir = absl::StrCat(testing::TempDir(), "/restart");
  std::string epoch;
  {
    LiveService service("embedded", options);
    ASSERT_THAT(service.Append({"a", "b"}), IsOk());
    epoch = service.Stats().epoch();
  }
  LiveService service("embedded", options);
  EXPECT_EQ(service.Stats().epoch(), epoch);
  EXPECT_THAT(TextsOf(service.Read({})->records()), testing::ElementsAre("a", "b"));
}

TEST(ServerTest, TheHttpPagesMoveWithTheLog) {
  LiveService service("memory");
  httplib::Client http("127.0.0.1", service.server().http_address().port);
  EXPECT_THAT(http.Get("/stats")->body, HasSubstr("\"messages\":0"));
  ASSERT_THAT(service.Append({"a", "b"}), IsOk());
  EXPECT_FALSE(service.Append(v1::AppendRequest()).ok());
  EXPECT_THAT(http.Get("/stats")->body, HasSubstr("\"messages\":2"));
  EXPECT_THAT(http.Get("/metrics")->body, HasSubstr("eventlog_errors_total{reason=\"EMPTY_APPEND\"} 1"));
  EXPECT_EQ(http.Get("/readyz")->status, 200);
}

TEST(ServerTest, StoppingAnswersWhatItTookAndKeepsExactlyWhatItAcknowledged) {
  ServerOptions options;
  options.data_dir = absl::StrCat(testing::TempDir(), "/stopping");
  options.drain_timeout = absl::Seconds(60);
  int64_t acknowledged = 0;
  {
    LiveService service("embedded", options);
    grpc::ClientContext context;
    SetSafetyDeadline(context);
    const auto stream = service.stub().AppendStream(&context);
    // Writes until the service ends the stream.
    std::thread writer([&] {
      while (stream->Write(AppendOf({"x"}))) {
      }
    });
    v1::AppendStreamResponse answer;
    ASSERT_TRUE(stream->Read(&answer));
    std::thread stopper([&] { EXPECT_THAT(service.server().Stop(), IsOk()); });
    do {
      if (!answer.has_appended()) continue;
      ASSERT_EQ(answer.appended().first_offset(), acknowledged++);
    } while (stream->Read(&answer));
    writer.join();
    stopper.join();
    EXPECT_THAT(ToAbslStatus(stream->Finish()),
                testing::AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("DRAINING")));
  }
  LiveService reopened("embedded", options);
  EXPECT_EQ(reopened.Stats().record_count(), acknowledged);
}

// The other calls that a client may keep open have tests of their own.
TEST(ServerTest, StoppingEndsAStreamOfAppendsThatIsIdle) {
  ServerOptions options;
  options.drain_timeout = absl::InfiniteDuration();
  LiveService service("memory", options);
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  const auto stream = service.stub().AppendStream(&context);
  ASSERT_TRUE(stream->Write(AppendOf({"x"})));
  v1::AppendStreamResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_THAT(service.server().Stop(), IsOk());
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_THAT(ToAbslStatus(stream->Finish()),
              testing::AllOf(StatusIs(absl::StatusCode::kUnavailable), HasReason("DRAINING")));
}

// It asks for none of its answers: they cannot be sent.
TEST(ServerTest, StoppingDoesNotWaitForAClientThatDoesNotRead) {
  ServerOptions options;
  options.drain_timeout = absl::Milliseconds(300);
  options.service.pump_threads = 1;
  LiveService service("memory", options);
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(service.Append(std::vector<std::string>(10, std::string(100'000, 'x'))), IsOk());
  }
  const auto stub = service.NarrowStub();
  v1::SubscribeRequest request;
  request.mutable_earliest();
  Follower follower(*stub, request);
  follower.NextOf(v1::SubscribeResponse::kBatch);
  // What serves this one has begun to send the other its next message before.
  ASSERT_EQ(service.Subscribe(request)->TextsToCaughtUp().size(), 40u);
  EXPECT_THAT(service.server().Stop(), IsOk());
  while (follower.Next().has_value()) {
  }
  EXPECT_FALSE(follower.Finish().ok());
}

TEST(ServerTest, WhenItDrainsHealthWatchersHearNotServing) {
  ServerOptions options;
  options.drain_timeout = absl::Seconds(60);
  LiveService service("memory", options);
  grpc::GenericStub stub(service.channel());
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  grpc::CompletionQueue queue;
  const auto watch = stub.PrepareCall(&context, "/grpc.health.v1.Health/Watch", &queue);
  const auto step = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return ok;
  };
  watch->StartCall(nullptr);
  ASSERT_TRUE(step());
  const grpc::Slice empty;
  watch->WriteLast(grpc::ByteBuffer(&empty, 1), grpc::WriteOptions(), nullptr);
  ASSERT_TRUE(step());
  grpc::ByteBuffer response;
  watch->Read(&response, nullptr);
  ASSERT_TRUE(step());
  EXPECT_EQ(BytesOf(response), kServing);
  std::thread stopper([&] { EXPECT_THAT(service.server().Stop(), IsOk()); });
  watch->Read(&response, nullptr);
  ASSERT_TRUE(step());
  EXPECT_EQ(BytesOf(response), kNotServing);
  context.TryCancel();  // the stop need not wait for the watcher
  stopper.join();
  grpc::Status status;
  watch->Finish(&status, nullptr);
  step();
}

TEST(ServerTest, ChannelzSaysWhatIsServed) {
  LiveService service("memory");
  ASSERT_THAT(service.Append({"a"}), IsOk());
  // Servers are listed with their counts of calls.
  EXPECT_THAT(CallBuiltIn(service, "/grpc.channelz.v1.Channelz/GetServers", ""), HasSubstr("127.0.0.1"));
}

}  // namespace
}  // namespace eventlog

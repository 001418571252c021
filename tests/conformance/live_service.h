// The service as its clients see it: a whole server in this process, on a free port of the loopback.

#ifndef TESTS_CONFORMANCE_LIVE_SERVICE_H_
#define TESTS_CONFORMANCE_LIVE_SERVICE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/server.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/sync_stream.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog {

// With the details as payloads, so that the matchers of statuses see the reason.
absl::Status ToAbslStatus(const grpc::Status& status);

v1::Event EventOf(const std::string& type, const std::string& text);
v1::AppendRequest AppendOf(const std::vector<std::string>& texts);
std::vector<std::string> TextsOf(const google::protobuf::RepeatedPtrField<v1::Record>& records);

// The call ends shortly before the test's time does, so that a test that hangs says where: the time of one call would
// be that of several when one after the other waits in vain.
void SetSafetyDeadline(grpc::ClientContext& context);

// One subscription, read message by message.
class Follower {
 public:
  Follower(v1::EventLog::Stub& stub, const v1::SubscribeRequest& request);
  ~Follower();

  // Waits for the next message; nothing at the end of the stream.
  std::optional<v1::SubscribeResponse> Next();
  // Skips messages up to the next one of this kind; fails the test at the end of the stream.
  v1::SubscribeResponse NextOf(v1::SubscribeResponse::MessageCase kind);
  // The texts of all batches up to the next caught_up.
  std::vector<std::string> TextsToCaughtUp();
  // The texts of all batches up to the end; then finish() has the status.
  std::vector<std::string> TextsToEnd();
  // The status of the stream, after it ended.
  absl::Status Finish();
  void Cancel() { context_.TryCancel(); }
  // The last message of the kind that TextsTo… skipped.
  const v1::SubscribeResponse& last() const { return last_; }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> reader_;
  v1::SubscribeResponse last_;
  bool finished_ = false;
};

// Owned by one test; calls may come from any thread.
class LiveService {
 public:
  // `engine` is "memory" or "embedded"; the latter in a new folder of the test unless `options` names one.
  explicit LiveService(const std::string& engine, ServerOptions options = {});

  Server& server() { return *server_; }
  v1::EventLog::Stub& stub() { return *stub_; }
  const std::shared_ptr<grpc::Channel>& channel() { return channel_; }
  // With a connection of its own, which takes little that nobody reads (64 KiB of each stream), however fast it is.
  std::unique_ptr<v1::EventLog::Stub> NarrowStub();

  absl::StatusOr<v1::AppendResponse> Append(const v1::AppendRequest& request);
  absl::StatusOr<v1::AppendResponse> Append(const std::vector<std::string>& texts) { return Append(AppendOf(texts)); }
  absl::StatusOr<v1::ReadResponse> Read(const v1::ReadRequest& request);
  v1::LogStats Stats();
  // Of a raw call of "Service/Method" with these bytes.
  absl::Status CallRaw(const std::string& method, const std::string& request);
  std::unique_ptr<Follower> Subscribe(const v1::SubscribeRequest& request);

 private:
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::EventLog::Stub> stub_;
};

}  // namespace eventlog

#endif  // TESTS_CONFORMANCE_LIVE_SERVICE_H_

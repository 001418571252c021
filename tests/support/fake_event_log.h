// A log service in this process that behaves, and misbehaves as a test asks: the other end of the client's tests.

#ifndef TESTS_SUPPORT_FAKE_EVENT_LOG_H_
#define TESTS_SUPPORT_FAKE_EVENT_LOG_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/server.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog {

// An error as the service sends it.
google::rpc::Status RpcError(int code, absl::string_view reason, absl::Duration retry_delay = absl::ZeroDuration());

// Thread safe. The log lives through Stop and Start.
class FakeEventLog : private v1::EventLog::Service {
 public:
  // What becomes of one item of an AppendStream.
  enum class Fate {
    kStore,
    kDropConnection,          // neither stored nor answered
    kStoreAndDropConnection,  // stored; the answer is lost
    kRefuse,                  // answered with `refusal`
    kStoreAndExhaust,         // stored; the call ends with RESOURCE_EXHAUSTED and no reason, as a proxy's quota does
    kAnswerTwice,             // stored, with one answer too many
    kStoreWithoutAnswer,      // stored; the stream goes on as if it had been answered
    kAnswerNothing,           // not stored; the answer has neither a result nor an error
  };
  struct Verdict {
    Fate fate = Fate::kStore;
    google::rpc::Status refusal;
  };
  using Judge = std::function<Verdict(const v1::AppendRequest&)>;
  using Writer = grpc::ServerWriter<v1::SubscribeResponse>;
  // Plays one connection of Subscribe; `connection` counts from 0.
  using Script =
      std::function<grpc::Status(int connection, grpc::ServerContext&, const v1::SubscribeRequest&, Writer&)>;

  // Remembers this many batches of a producer, as the real log does.
  static constexpr size_t kBatchesRemembered = 64;

  FakeEventLog() { Start(); }
  ~FakeEventLog() override { Stop(); }

  std::string address() const;
  // On the same port as before.
  void Start();
  // Breaks every connection.
  void Stop();

  // Asked for each item that arrives in order, before it is stored.
  void SetJudge(Judge judge);
  void SetScript(Script script);
  // While held no item is looked at.
  void Hold(bool held);

  // The `text` of the events in the log, in order.
  std::vector<std::string> texts() const;
  std::vector<v1::AppendRequest> requests() const;
  bool AwaitEvents(size_t count) const;
  bool AwaitRequests(size_t count) const;
  // Until the client has given the connection up; false when it has not for so long.
  static bool AwaitCancelled(const grpc::ServerContext& context, absl::Duration patience = absl::InfiniteDuration());

 private:
  struct Producer {
    int64_t epoch = -1;
    int64_t next_sequence = 0;
    std::map<int64_t, v1::AppendResponse> batches;
  };

  grpc::Status AppendStream(grpc::ServerContext* context,
                            grpc::ServerReaderWriter<v1::AppendStreamResponse, v1::AppendRequest>* stream) override;
  grpc::Status Subscribe(grpc::ServerContext* context, const v1::SubscribeRequest* request, Writer* writer) override;
  grpc::Status Read(grpc::ServerContext* context, const v1::ReadRequest* request, v1::ReadResponse* response) override;
  grpc::Status GetLogStats(grpc::ServerContext* context, const v1::GetLogStatsRequest* request,
                           v1::LogStats* stats) override;
  bool AwaitTurn(const grpc::ServerContext& context);
  v1::AppendStreamResponse Store(const v1::AppendRequest& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  mutable absl::Mutex mutex_;
  Judge judge_ ABSL_GUARDED_BY(mutex_);
  Script script_ ABSL_GUARDED_BY(mutex_);
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  int subscriptions_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<v1::Event> events_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::AppendRequest> requests_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Producer> producers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace eventlog

#endif  // TESTS_SUPPORT_FAKE_EVENT_LOG_H_

// Appends through the client library: retries, exactly once.

#ifndef PRODUCERS_LOAD_CLIENT_APPENDER_H_
#define PRODUCERS_LOAD_CLIENT_APPENDER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "eventlog-svc/client/event_log_client.h"
#include "eventlog-svc/client/event_log_client_observer.h"
#include "grpcpp/channel.h"
#include "producers/load/event_appender.h"

namespace eventlog {

class ClientAppender : public EventAppender, private EventLogClientObserver {
 public:
  ClientAppender(const std::shared_ptr<grpc::Channel>& channel, std::string log, int batch_events_max);

  absl::Status Append(v1::Event event, AppendDone done) override;
  void Push() override {}  // the library sends by itself
  void Finish() override;
  void Abort() override;
  // As Finish, at most until the deadline. False then.
  bool Flush(absl::Time deadline) { return client_.Flush(deadline); }
  int64_t connections() const override { return client_.counters().connections; }
  int64_t retries() const override { return client_.counters().resent; }
  int64_t duplicates() const override { return duplicates_; }

 private:
  void OnBatchAnswered(const AnsweredBatch& batch) override;

  std::atomic<int64_t> duplicates_{0};
  EventLogClient client_;  // last: it tells us what it does
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_CLIENT_APPENDER_H_

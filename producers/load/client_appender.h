// Appends through the client library: retries, exactly once.

#ifndef PRODUCERS_LOAD_CLIENT_APPENDER_H_
#define PRODUCERS_LOAD_CLIENT_APPENDER_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "eventlog-svc/client/event_log_client.h"
#include "grpcpp/channel.h"
#include "producers/load/event_appender.h"

namespace eventlog {

class ClientAppender : public EventAppender {
 public:
  ClientAppender(const std::shared_ptr<grpc::Channel>& channel, std::string log, int batch_events_max);

  absl::Status Append(v1::Event event, AppendDone done) override;
  void Push() override {}  // the library sends by itself
  void Finish() override;
  void Abort() override;
  // As Finish, at most until the deadline. False then.
  bool Flush(absl::Time deadline) { return client_.Flush(deadline); }
  int64_t connections() const override { return client_.counters().connections; }

 private:
  EventLogClient client_;
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_CLIENT_APPENDER_H_

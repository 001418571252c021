// Gives events to the client library, and says what it waits for.

#ifndef PRODUCERS_CLI_APPENDER_H_
#define PRODUCERS_CLI_APPENDER_H_

#include <istream>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "eventlog-svc/client/event_log_client.h"
#include "grpcpp/channel.h"
#include "producers/cli/append_results.h"
#include "producers/cli/exit_code.h"
#include "producers/cli/patience.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

struct AppenderOptions {
  std::string server;
  std::string log;
  // How long to try while the service does not answer.
  absl::Duration timeout = absl::Seconds(30);
  bool json = true;  // as of AppendResults
  ProgressBarOptions progress;
};

// Used by one thread.
class Appender {
 public:
  explicit Appender(AppenderOptions options);

  // False: the service is away for too long; nothing more is worth reading.
  bool Append(const InputPlace& place, v1::Event event);
  // Each JSON object of the input; no further one when there is no such log.
  void AppendObjects(std::istream& input);
  // Waits for the answers. Once, at the end.
  ExitCode Close();

 private:
  // Not for long: says that the first event waits, which the client sends as soon as it can.
  void AwaitConnection();
  void SayNotReached();

  const AppenderOptions options_;
  AppendResults results_;
  bool connection_asked_ = false;
  bool waiting_said_ = false;
  Patience patience_;
  const std::shared_ptr<grpc::Channel> channel_;
  EventLogClient client_;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_APPENDER_H_

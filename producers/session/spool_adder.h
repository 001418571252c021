// Where the events of sessions are kept: the user's spool for a server and a log, and somebody who sends from it.
//
// Opened with the first events, so that making one costs nothing and cannot fail. What has an id is kept once, whoever
// adds it and however often (Spool::AddOnce): who cannot know whether another had kept an event before it was killed
// adds it. Thread compatible.

#ifndef PRODUCERS_SESSION_SPOOL_ADDER_H_
#define PRODUCERS_SESSION_SPOOL_ADDER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/spool.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

struct SpoolAdderOptions {
  std::string server;
  std::string log;  // empty: "events"
  // Called with the spool's folder after each addition; an error is of no consequence to what was added.
  std::function<absl::Status(const std::string&)> ensure_sender;
  // How long to wait for others that write.
  absl::Duration busy_max = absl::Seconds(1);
};

class SpoolAdder {
 public:
  explicit SpoolAdder(SpoolAdderOptions options) : options_(std::move(options)) {}

  // Keeps all of them or none; errors as of Spool::Open and Spool::AddOnce.
  absl::Status Add(const std::vector<v1::Event>& events);

 private:
  const SpoolAdderOptions options_;
  std::unique_ptr<Spool> spool_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SPOOL_ADDER_H_

// RepairOrphans beside what a program does otherwise: begun with the object, and ended with it.

#ifndef PRODUCERS_SESSION_REPAIR_THREAD_H_
#define PRODUCERS_SESSION_REPAIR_THREAD_H_

#include <functional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "producers/session/session_registry.h"

namespace eventlog {

struct RepairThreadOptions {
  // Where the events of a session go whose entry does not say it.
  std::string server;
  std::string log;
  // As of SpoolAdderOptions.
  std::function<absl::Status(const std::string&)> ensure_sender;
  // There is a token, of a flag, the environment or the configuration file: it is for `server`, and for no other one.
  bool has_token = false;
};

class RepairThread {
 public:
  RepairThread(const SessionRegistry& registry, RepairThreadOptions options);
  // Does not wait for commands that do not end; what is left then is for the next start.
  ~RepairThread();
  RepairThread(const RepairThread&) = delete;
  RepairThread& operator=(const RepairThread&) = delete;

 private:
  void Run() const;

  const SessionRegistry registry_;
  const RepairThreadOptions options_;
  const int stop_;
  std::thread thread_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_REPAIR_THREAD_H_

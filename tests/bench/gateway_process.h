// A gateway under measurement: a process of its own on free ports, and how clients of it open their connections.

#ifndef TESTS_BENCH_GATEWAY_PROCESS_H_
#define TESTS_BENCH_GATEWAY_PROCESS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/bench/child_process.h"
#include "tests/bench/stream_readers.h"

namespace eventlog::bench {

// Not thread safe.
class GatewayProcess {
 public:
  // Follows the log service at `eventlog` with `flags` more, and is ready: a client that came before would be told to
  // come again.
  explicit GatewayProcess(const std::string& eventlog, const std::vector<std::string>& flags = {});

  const ChildProcess& process() const { return process_; }
  int port() const;
  // The number behind "name": in /stats.
  int64_t Stat(absl::string_view name) const;
  // Whether a client that offers to take compressed messages gets them.
  bool Compresses() const;

  // Of a client with that query, up to the text that its place in the log is fixed ("hello"), or that it has everything
  // ("live").
  static std::vector<Opening> Open(absl::string_view query, absl::string_view await, bool deflate = false);

 private:
  const ChildProcess process_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_GATEWAY_PROCESS_H_

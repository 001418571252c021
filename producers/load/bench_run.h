// One run of `eventlog bench`: the load, those who follow it, and the verification of what is in the log afterwards.

#ifndef PRODUCERS_LOAD_BENCH_RUN_H_
#define PRODUCERS_LOAD_BENCH_RUN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "producers/load/bench_options.h"
#include "producers/load/bench_report.h"
#include "producers/load/event_appender.h"
#include "producers/load/load_follower.h"
#include "producers/load/load_log.h"
#include "producers/load/load_producer.h"
#include "producers/load/run_ledger.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {

struct BenchProgress {
  absl::string_view phase;  // "warm-up", "load", "last answers", "verification"
  absl::Duration elapsed;   // since the start
  int64_t sent = 0;
  int64_t acknowledged = 0;
  int64_t verified = 0;  // records read back
};

// Waits for a moment (100 ms or less), and returns whether the run is to end now: the load ends and is verified; at a
// second time the verification ends, too.
using BenchTick = std::function<bool(const BenchProgress&)>;

// Used once, by one thread.
class BenchRun {
 public:
  BenchRun(std::string server, BenchOptions options, BenchTick tick);
  ~BenchRun();

  // An error: nothing was begun, as the service is away or refuses; else the report, whatever it says.
  absl::StatusOr<BenchReport> Run();

 private:
  // What there is before the load, and makes the log where it is missing.
  absl::Status OpenLog();
  absl::Status StartFollowers();
  void StartProducers();
  // Until everything is sent and answered, or given up.
  void AwaitProducers();
  // A moment; notes how long no answer has come.
  bool Tick(absl::string_view phase);
  void CollectFigures();
  // Until they have all that is in the log.
  void AwaitFollowers();
  void Verify(const RunLedger* ledger);
  // Tells later verifications what was acknowledged.
  absl::Status AppendEnds();
  void LeaveLog();

  const std::string server_;
  const BenchOptions options_;
  const BenchTick tick_;
  const std::shared_ptr<grpc::Channel> channel_;
  LoadLog log_;
  bool made_log_ = false;
  v1::LogStats before_;
  RunLedger ledger_;
  LoadPlan plan_;
  absl::Time start_;
  bool stopped_ = false;
  int64_t last_acknowledged_ = 0;
  absl::Time last_answer_;
  BenchReport report_;
  std::vector<std::unique_ptr<LoadFollower>> followers_;
  std::vector<std::unique_ptr<EventAppender>> appenders_;
  std::vector<std::unique_ptr<LoadProducer>> producers_;  // last: they end first
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_BENCH_RUN_H_

// Compares durable appends with Redis Streams that sync every write (appendonly, appendfsync always). `bazel run
// //tests/bench:redis`.

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/event_log_client.h"
#include "glog/logging.h"
#include "grpcpp/grpcpp.h"
#include "tests/bench/append_load.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/child_process.h"
#include "tests/bench/comparison.h"
#include "tests/bench/redis_load.h"
#include "tests/bench/redis_server.h"

namespace eventlog::bench {
namespace {

constexpr int kEventBytes = 256;
constexpr Shape kBatched = {100, 64, kEventBytes};
constexpr int kPlaces = 256;

// Places that may have an event on its way.
class Places {
 public:
  void Take() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Places::HasFree));
    --free_;
  }
  void Return() {
    absl::MutexLock lock(&mutex_);
    ++free_;
  }
  void AwaitAll() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Places::AllFree));
  }

 private:
  bool HasFree() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return free_ > 0; }
  bool AllFree() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return free_ == kPlaces; }

  absl::Mutex mutex_;
  int free_ ABSL_GUARDED_BY(mutex_) = kPlaces;
};

// The client library, one event a call, each place with one that is not acknowledged. Gives events per second.
double AppendFromPlaces(EventLogClient& client, absl::Duration duration) {
  const v1::Event event = MakeAppendRequest(1, kEventBytes).events(0);
  Places places;
  int64_t events = 0;
  const absl::Time start = absl::Now();
  for (; absl::Now() - start < duration; ++events) {
    places.Take();
    const absl::Status taken = client.AppendEvent(event, [&places](const absl::StatusOr<int64_t>& offset) {
      CHECK(offset.ok()) << offset.status();
      places.Return();
    });
    CHECK(taken.ok()) << taken;
  }
  places.AwaitAll();
  return static_cast<double>(events) / absl::ToDoubleSeconds(absl::Now() - start);
}

void Run() {
  if (!HaveRedis()) return;
  const BenchFolder folder;
  const ChildProcess ours(EventLogCommand(folder.Path("eventlog")));
  const std::string address = ours.Address("grpc");
  // Its log of commands is never rewritten while it is measured.
  const RedisServer redis(folder.Path("redis"),
                          {"--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"});
  EventLogClient client(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()), {});
  PrintComparisonHead(
      "durable appends of 256 B events, events/s; ratio = eventlog-svc / Redis Streams, appendfsync always");
  const auto append_batched = [&] { return RunAppendLoad(address, kBatched, RunTime()).EventsPerSecond(); };
  Compare("AppendStream (100, 64) / XADD (100, 64), 1 client", Better::kHigher, append_batched,
          [&] { return AddPipelined(redis.port(), kBatched, RunTime()); });
  // Redis reads 16 KiB from a client, then syncs: many clients let it gather more.
  Compare("AppendStream (100, 64) / XADD (100, 64), 64 clients", Better::kHigher, append_batched,
          [&] { return AddFromClients(redis.port(), kBatched, RunTime()); });
  Compare(
      "client library, 256 places / XADD, 256 clients", Better::kHigher,
      [&] { return AppendFromPlaces(client, RunTime()); },
      [&] {
        return AddFromClients(redis.port(), {1, kPlaces, kEventBytes}, RunTime());
      });
  CHECK(client.Close(absl::InfiniteFuture()));
}

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Durable appends against Redis Streams, as ratios.");
  absl::ParseCommandLine(argc, argv);
  eventlog::bench::Run();
}

// Compares catching up on a log that lies in the page cache with a bare gRPC stream of the same messages, and with
// Redis Streams. `bazel run //tests/bench:catch_up`.
//
// Nobody parses what comes: the servers are measured, not the clients. Of Redis there are two figures: a consumer's,
// who needs the last id of a page for the next XREAD, and what its server would do for one who knew all ids beforehand.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "tests/bench/append_load.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/child_process.h"
#include "tests/bench/comparison.h"
#include "tests/bench/raw_subscriber.h"
#include "tests/bench/redis_connection.h"
#include "tests/bench/redis_server.h"

ABSL_FLAG(int64_t, bytes, 256 * 1024 * 1024, "size of the log's events; 8 MiB under --quick");

namespace eventlog::bench {
namespace {

constexpr int kEventBytes = 256;
constexpr int kPage = 1000;         // of XREAD
constexpr int kPagesInFlight = 16;  // what no consumer can have: the next page's start is in the page before
constexpr int64_t kFirstId = 1'000'000'000;

int64_t Events() {
  const int64_t bytes = Quick() ? 8 * 1024 * 1024 : absl::GetFlag(FLAGS_bytes);
  return std::max<int64_t>(1, bytes / kEventBytes / kPage) * kPage;
}

// Runs `pass`, which delivers every event once, for a run's time; gives events per second.
double EventsPerSecond(const std::function<void()>& pass) {
  const absl::Time start = absl::Now();
  int64_t events = 0;
  while (events == 0 || absl::Now() - start < RunTime()) {
    pass();
    events += Events();
  }
  return static_cast<double>(events) / absl::ToDoubleSeconds(absl::Now() - start);
}

void CompareWithBare(const BenchFolder& folder, const ChildProcess& ours, int batch_records) {
  const v1::SubscribeRequest request = CatchUpRequest(batch_records);
  const std::string path = folder.Path(absl::StrCat("messages-", batch_records));
  const SubscribedBytes whole = CaptureMessages(ours.Address("grpc"), request, path);
  const ChildProcess bare({"tests/bench/bare_stream_server", absl::StrCat("--file=", path)});
  const auto pass = [&](const ChildProcess& server) {
    const SubscribedBytes got = SubscribeRaw(server.Address("grpc"), request);
    CHECK_EQ(got.messages, whole.messages);
    CHECK_EQ(got.bytes, whole.bytes);
  };
  const auto rate = [&](const ChildProcess& server) { return EventsPerSecond([&] { pass(server); }); };
  const auto cpu_us = [&](const ChildProcess& server) {
    const absl::Duration before = server.CpuTime();
    int64_t events = 0;
    EventsPerSecond([&] {
      pass(server);
      events += Events();
    });
    return absl::ToDoubleMicroseconds(server.CpuTime() - before) / static_cast<double>(events);
  };
  const std::string shape = absl::StrCat("bare stream, ", batch_records, " records a message");
  Compare(
      shape, Better::kHigher, [&] { return rate(ours); }, [&] { return rate(bare); });
  Compare(
      absl::StrCat(shape, ", CPU us"), Better::kLower, [&] { return cpu_us(ours); }, [&] { return cpu_us(bare); });
}

std::string Id(int64_t event) { return absl::StrCat(kFirstId + event, "-1"); }

void FillRedis(RedisConnection& redis) {
  const std::string value(kEventBytes, 'x');
  for (int64_t event = 0; event < Events(); event += kPage) {
    std::string commands;
    for (int i = 1; i <= kPage; ++i) {
      commands += RedisConnection::Command({"XADD", "events", Id(event + i), "d", value});
    }
    redis.Send(commands);
    for (int i = 0; i < kPage; ++i) redis.ReadReply();
  }
}

void CompareWithRedis(const BenchFolder& folder, const std::string& address) {
  if (!HaveRedis()) return;
  const RedisServer server(folder.Path("redis"), {"--appendonly", "no"});
  RedisConnection redis(server.port());
  FillRedis(redis);
  const auto ask = [&redis](absl::string_view after) {
    redis.Send(RedisConnection::Command({"XREAD", "COUNT", absl::StrCat(kPage), "STREAMS", "events", after}));
  };
  ask(Id(0));
  // All ids are of one length, so that all full pages are of one size.
  const size_t page_bytes = redis.ReadReply();
  CHECK_GT(page_bytes, static_cast<size_t>(kPage * kEventBytes));
  const auto redis_pass = [&] {
    int64_t asked = 0;
    for (int64_t read = 0; read < Events(); read += kPage) {
      for (; asked < Events() && asked < read + kPagesInFlight * kPage; asked += kPage) ask(Id(asked));
      redis.SkipReply(page_bytes);
    }
  };
  const auto consumer_pass = [&] {
    std::string last_id = Id(0);
    for (int64_t read = 0; read < Events();) {
      ask(last_id);
      RedisConnection::Page page = redis.ReadPage();
      CHECK_EQ(page.entries, kPage);
      read += page.entries;
      last_id = std::move(page.last_id);
    }
    CHECK_EQ(last_id, Id(Events()));
  };
  const auto our_rate = [&] { return EventsPerSecond([&] { SubscribeRaw(address, CatchUpRequest(kPage)); }); };
  const std::string shape = absl::StrCat("Redis XREAD COUNT ", kPage);
  Compare(absl::StrCat(shape, ", one after another"), Better::kHigher, our_rate,
          [&] { return EventsPerSecond(consumer_pass); });
  Compare(absl::StrCat(shape, ", ", kPagesInFlight, " in flight, ids known"), Better::kHigher, our_rate,
          [&] { return EventsPerSecond(redis_pass); });
}

void Run() {
  const BenchFolder folder;
  const ChildProcess ours(EventLogCommand(folder.Path("eventlog")));
  const std::string address = ours.Address("grpc");
  AppendEvents(address, {100, 64, kEventBytes}, Events());
  PrintComparisonHead(absl::StrCat("catch-up from earliest, events/s and server CPU an event, ", Events(),
                                   " events of ", kEventBytes,
                                   " B in batches of 100, in the page cache; ratio = eventlog-svc / other"));
  for (const int batch_records : {100, 1000}) CompareWithBare(folder, ours, batch_records);
  CompareWithRedis(folder, address);
}

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Catching up on a log against bare streaming and Redis, as ratios.");
  absl::ParseCommandLine(argc, argv);
  eventlog::bench::Run();
}

#include "tests/bench/fanout_rates.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "tests/bench/bare_side.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/broadcast_events.h"
#include "tests/bench/comparison.h"
#include "tests/bench/fanout_side.h"
#include "tests/bench/fanout_size.h"
#include "tests/bench/gateway_side.h"
#include "tests/bench/nats_side.h"
#include "tests/bench/redis_side.h"

ABSL_FLAG(std::vector<std::string>, rates_clients, std::vector<std::string>({"1000", "5000"}), "of the part fanout");
ABSL_FLAG(std::vector<std::string>, rates_in_flight, std::vector<std::string>({"1", "10", "200"}),
          "of the part fanout");
ABSL_FLAG(int, rates_threads, 0,
          "of gateway-svc (--shards) and of the bare loop; 0: a core fewer than there are, for the receivers");
ABSL_FLAG(bool, rates_others, true, "measure NATS and Redis too in the part fanout");

namespace eventlog::bench {
namespace {

constexpr size_t kEventBytes = 300;

v1::Record MakeRecord(int64_t offset) { return MakeEventRecord(offset, "bench.event", kEventBytes); }

using Runs = std::vector<Delivered>;

std::vector<int> Numbers(const std::vector<std::string>& texts) {
  std::vector<int> numbers(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) CHECK(absl::SimpleAtoi(texts[i], &numbers[i])) << texts[i];
  return numbers;
}

std::vector<int> InFlight() { return Numbers(absl::GetFlag(FLAGS_rates_in_flight)); }

void Print(const std::string& shape, absl::string_view base_name, const Runs& ours, const Runs& base) {
  for (const bool a_core : {true, false}) {
    const auto figure = a_core ? &Delivered::per_core_second : &Delivered::per_second;
    PrintComparison(absl::StrCat("events/s", a_core ? " a core, " : ", ", shape, " / ", base_name), Better::kHigher,
                    Each(ours, figure), Each(base, figure));
  }
}

std::string Shape(int clients, int in_flight) { return absl::StrCat(clients, " clients, ", in_flight, " in flight"); }

// The run of the side that was the better one.
Runs BetterOf(const std::vector<Runs>& sides) {
  Runs better = sides[0];
  for (const Runs& side : sides) {
    for (size_t run = 0; run < side.size(); ++run) {
      better[run].per_core_second = std::max(better[run].per_core_second, side[run].per_core_second);
      better[run].per_second = std::max(better[run].per_second, side[run].per_second);
    }
  }
  return better;
}

int Threads() {
  const int given = absl::GetFlag(FLAGS_rates_threads);
  return given > 0 ? given : std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)) - 1);
}

std::unique_ptr<GatewaySide> Gateway(int clients) {
  GatewaySideOptions options;
  options.clients = clients;
  options.record = MakeRecord;
  options.event_bytes_min = kEventBytes;
  options.flags = {absl::StrCat("--shards=", Threads())};
  return std::make_unique<GatewaySide>(options);
}

void AgainstBare(FanoutSide& gateway, int clients) {
  BareSideOptions options;
  options.threads = Threads();
  options.clients = clients;
  options.record = MakeRecord;
  options.event_bytes_min = kEventBytes;
  BareSide bare(options);
  for (const int in_flight : InFlight()) {
    const std::vector<Runs> found = DeliverAlternating({&gateway, &bare}, in_flight);
    Print(Shape(clients, in_flight), "bare send", found[0], found[1]);
    PrintComparison(absl::StrCat("bytes a delivery, ", Shape(clients, in_flight), " / bare send"), Better::kLower,
                    Each(found[0], &Delivered::bytes_per_delivery), Each(found[1], &Delivered::bytes_per_delivery));
  }
}

void AgainstOthers(FanoutSide& gateway, int clients) {
  const BenchFolder folder;
  std::vector<FanoutSide*> sides = {&gateway};
  std::vector<std::string> names = {""};
  std::vector<std::unique_ptr<FanoutSide>> owned;
  if (HaveNats()) {
    owned.push_back(std::make_unique<NatsSide>(folder.Path("nats"), clients, MakeRecord, kEventBytes));
    names.push_back("NATS WebSocket");
  }
  if (HaveRedis()) {
    owned.push_back(std::make_unique<RedisSide>(folder.Path("redis"), clients, MakeRecord, kEventBytes));
    names.push_back("Redis Pub/Sub");
  }
  for (const auto& side : owned) sides.push_back(side.get());
  if (owned.empty()) return;
  for (const int in_flight : InFlight()) {
    const std::vector<Runs> found = DeliverAlternating(sides, in_flight);
    for (size_t i = 1; i < sides.size(); ++i) Print(Shape(clients, in_flight), names[i], found[0], found[i]);
    if (owned.size() > 1) {
      Print(Shape(clients, in_flight), "better", found[0], BetterOf({found.begin() + 1, found.end()}));
    }
  }
}

}  // namespace

void MeasureRates() {
  PrintComparisonHead(
      absl::StrCat("delivered events/s of ", kEventBytes,
                   " B, and for each second of CPU of the server's process; ratio = gateway-svc / the other\n"
                   "bare send: each client is given all that is pending with one send; by ",
                   Threads(), " threads, as gateway-svc has"));
  for (const int full : Numbers(absl::GetFlag(FLAGS_rates_clients))) {
    const int clients = Scaled(full, std::max(1, full / 1000));
    const std::unique_ptr<GatewaySide> gateway = Gateway(clients);
    AgainstBare(*gateway, clients);
    if (absl::GetFlag(FLAGS_rates_others)) AgainstOthers(*gateway, clients);
  }
}

}  // namespace eventlog::bench

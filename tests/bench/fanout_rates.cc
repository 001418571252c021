#include "tests/bench/fanout_rates.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/bench/bare_side.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/broadcast_events.h"
#include "tests/bench/comparison.h"
#include "tests/bench/fanout_side.h"
#include "tests/bench/fanout_size.h"
#include "tests/bench/gateway_side.h"
#include "tests/bench/nats_side.h"
#include "tests/bench/redis_side.h"

namespace eventlog::bench {
namespace {

constexpr int kClients[] = {1000, 5000};
constexpr int kInFlight[] = {1, 10, 200};
constexpr size_t kEventBytes = 300;

v1::Record MakeRecord(int64_t offset) { return MakeEventRecord(offset, "bench.event", kEventBytes); }

using Runs = std::vector<Delivered>;

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

std::unique_ptr<GatewaySide> Gateway(int clients) {
  GatewaySideOptions options;
  options.clients = clients;
  options.record = MakeRecord;
  options.event_bytes_min = kEventBytes;
  return std::make_unique<GatewaySide>(options);
}

void AgainstBare(FanoutSide& gateway, int clients) {
  BareSide bare(clients, MakeRecord, kEventBytes);
  for (const int in_flight : kInFlight) {
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
  for (const int in_flight : kInFlight) {
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
                   "bare send: an epoll loop that gives each client all that is pending with one send"));
  for (const int full : kClients) {
    const int clients = Scaled(full, full / 1000);
    const std::unique_ptr<GatewaySide> gateway = Gateway(clients);
    AgainstBare(*gateway, clients);
    AgainstOthers(*gateway, clients);
  }
}

}  // namespace eventlog::bench

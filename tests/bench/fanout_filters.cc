#include "tests/bench/fanout_filters.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/bench/broadcast_events.h"
#include "tests/bench/comparison.h"
#include "tests/bench/fanout_side.h"
#include "tests/bench/fanout_size.h"
#include "tests/bench/gateway_side.h"

namespace eventlog::bench {
namespace {

constexpr int kFilters = 100;
constexpr int kManyClients = 5000;
constexpr int kFewClients = 500;
// Of each type in a round: enough that filtering is not lost in the cost of sending.
constexpr int kEventsOfType = 20;
constexpr size_t kEventBytes = 300;

std::string Type(int number) { return absl::StrCat("bench.t", number); }

// Whatever the number of filters, there are as many types, and each client gets one of them.
GatewaySideOptions Options(int clients, int filters, int types) {
  GatewaySideOptions options;
  options.clients = clients;
  options.filters = filters;
  options.types = types;
  options.type = Type;
  options.event_bytes_min = kEventBytes - 8;  // longer names of types leave less room for others
  options.record = [types](int64_t offset) {
    return MakeEventRecord(offset, Type(static_cast<int>(offset % types)), kEventBytes);
  };
  return options;
}

std::vector<double> CpuADelivery(const std::vector<Delivered>& runs) {
  std::vector<double> us;
  for (const Delivered& run : runs) us.push_back(1e6 / run.per_core_second);
  return us;
}

// CPU for each published event, with the filters and with one.
std::vector<double> Added(const std::vector<Delivered>& with, const std::vector<Delivered>& one) {
  std::vector<double> us;
  for (size_t i = 0; i < with.size(); ++i) us.push_back(with[i].cpu_us_per_event - one[i].cpu_us_per_event);
  return us;
}

}  // namespace

void MeasureFilters() {
  PrintComparisonHead("CPU of gateway-svc, in us; each client follows one type of event");
  const int filters = Scaled(kFilters);
  const int many = Scaled(kManyClients, 10 * filters);
  const int few = Scaled(kFewClients, filters);
  GatewaySide many_filters(Options(many, filters, filters)), many_one(Options(many, 1, filters));
  GatewaySide few_filters(Options(few, filters, filters)), few_one(Options(few, 1, filters));
  const auto found = DeliverAlternating({&many_filters, &many_one, &few_filters, &few_one}, kEventsOfType * filters);
  const std::string filters_name = absl::StrCat(filters, " filters");
  PrintComparison(absl::StrCat("a delivery, ", many, " clients, ", filters_name, " / 1"), Better::kLower,
                  CpuADelivery(found[0]), CpuADelivery(found[1]));
  PrintComparison(absl::StrCat("a delivery, ", few, " clients, ", filters_name, " / 1"), Better::kLower,
                  CpuADelivery(found[2]), CpuADelivery(found[3]));
  PrintComparison(absl::StrCat("an event, added by ", filters - 1, " more filters, ", many, " / ", few, " clients"),
                  Better::kLower, Added(found[0], found[1]), Added(found[2], found[3]));
}

}  // namespace eventlog::bench

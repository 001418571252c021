#include "tests/bench/fanout_deflate.h"

#include <zlib.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/broadcast_events.h"
#include "tests/bench/comparison.h"
#include "tests/bench/fanout_side.h"
#include "tests/bench/fanout_size.h"
#include "tests/bench/gateway_side.h"
#include "tests/bench/session_events.h"

namespace eventlog::bench {
namespace {

constexpr int kClients = 9000;
constexpr int kInFlight[] = {1, 10, 100};
constexpr int kSampled = 2000;

size_t DeflatedBytes(const std::string& text) {
  std::vector<Bytef> out(compressBound(text.size()));
  uLongf size = out.size();
  CHECK_EQ(compress2(out.data(), &size, reinterpret_cast<const Bytef*>(text.data()), text.size(), 6), Z_OK);
  return size;
}

// So many events compressed at a time.
void PrintRatio(int together) {
  size_t plain = 0, deflated = 0;
  for (int64_t from = kFirstOffset; from < kFirstOffset + kSampled; from += together) {
    std::string text;
    for (int i = 0; i < together; ++i) text += EventJson(SessionRecord(from + i));
    plain += text.size();
    deflated += DeflatedBytes(text);
  }
  std::printf("%s%d together: %.0f B an event, zlib level 6: %.2f of it", together == 1 ? "" : "; ", together,
              static_cast<double>(plain) / kSampled, static_cast<double>(deflated) / static_cast<double>(plain));
}

GatewaySideOptions Options(int clients, bool deflate) {
  GatewaySideOptions options;
  options.clients = clients;
  options.record = SessionRecord;
  options.deflate = deflate;
  return options;
}

}  // namespace

void MeasureDeflate() {
  PrintComparisonHead(
      "events of coding agents' sessions, clients that take compressed messages / others; events/s for each second of "
      "CPU of gateway-svc");
  for (const int together : kInFlight) PrintRatio(together);
  std::printf("\n");
  const int clients = Scaled(kClients);
  GatewaySide plain(Options(clients, false));
  if (!plain.gateway().Compresses()) {
    std::printf("skipped: the gateway does not compress\n");
    return;
  }
  GatewaySide compressed(Options(clients, true));
  for (const int in_flight : kInFlight) {
    const auto found = DeliverAlternating({&compressed, &plain}, in_flight);
    const std::string shape = absl::StrCat(clients, " clients, ", in_flight, " in flight, deflate");
    PrintComparison(absl::StrCat("events/s a core, ", shape), Better::kHigher,
                    Each(found[0], &Delivered::per_core_second), Each(found[1], &Delivered::per_core_second));
    PrintComparison(absl::StrCat("bytes a delivery, ", shape), Better::kLower,
                    Each(found[0], &Delivered::bytes_per_delivery), Each(found[1], &Delivered::bytes_per_delivery));
  }
  CHECK_GT(compressed.readers().compressed_messages(), clients) << "nothing came compressed";
}

}  // namespace eventlog::bench

#include "tests/bench/fanout_size.h"

#include <algorithm>

#include "absl/flags/flag.h"

ABSL_FLAG(double, scale, 1, "all numbers of clients, and of events that wait, are multiplied by this");

namespace eventlog::bench {

int Scaled(int full, int least) { return std::max(least, static_cast<int>(full * absl::GetFlag(FLAGS_scale))); }

}  // namespace eventlog::bench

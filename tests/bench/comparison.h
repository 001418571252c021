// One figure of two sides, measured in alternating runs and printed as a ratio of neighbours.

#ifndef TESTS_BENCH_COMPARISON_H_
#define TESTS_BENCH_COMPARISON_H_

#include <functional>
#include <vector>

#include "absl/strings/string_view.h"

namespace eventlog::bench {

// Which ratio is the worst.
enum class Better { kHigher, kLower };

// Says what the rows below mean, and how often and how long is measured. `what` names both sides.
void PrintComparisonHead(absl::string_view what);

// Each function measures one run of its side and gives the figure; both run once before that counts. Who comes first
// changes with each run. Prints "SHAPE  median of ours  median of base  median ratio (worst ratio)".
void Compare(absl::string_view shape, Better better, const std::function<double()>& ours,
             const std::function<double()>& base);

// The same row of figures that stand: ours[i] and base[i] are of the same run.
void PrintComparison(absl::string_view shape, Better better, const std::vector<double>& ours,
                     const std::vector<double>& base);

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_COMPARISON_H_

#include "tests/bench/comparison.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/samples.h"

namespace eventlog::bench {
namespace {

std::string Figure(double value) {
  return std::abs(value) < 100 ? absl::StrFormat("%.3f", value) : absl::StrFormat("%.0f", value);
}

}  // namespace

void PrintComparisonHead(absl::string_view what) {
  std::printf("%s; %d alternating runs of %d ms or more; medians, the worst run in parentheses\n",
              std::string(what).c_str(), Runs(), static_cast<int>(absl::ToInt64Milliseconds(RunTime())));
  double load = 0;
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  if (getloadavg(&load, 1) == 1 && load > static_cast<double>(cores)) {
    std::printf("NOTE: others keep this machine busy (load %.0f, %ld cores): trust CPU times, and no ratio of times\n",
                load, cores);
  }
  std::fflush(stdout);
}

void Compare(absl::string_view shape, Better better, const std::function<double()>& ours,
             const std::function<double()>& base) {
  ours();
  base();
  std::vector<double> our_figures, base_figures;
  for (int run = 0; run < Runs(); ++run) {
    double a = 0, b = 0;
    if (run % 2 == 0) a = ours();
    b = base();
    if (run % 2 != 0) a = ours();
    our_figures.push_back(a);
    base_figures.push_back(b);
  }
  PrintComparison(shape, better, our_figures, base_figures);
}

void PrintComparison(absl::string_view shape, Better better, const std::vector<double>& ours,
                     const std::vector<double>& base) {
  Samples our_figures, base_figures, ratios;
  for (size_t run = 0; run < ours.size(); ++run) {
    our_figures.Add(ours[run]);
    base_figures.Add(base[run]);
    ratios.Add(ours[run] / base[run]);
  }
  std::printf("%-64s %12s %12s  %6.2f (%5.2f)\n", std::string(shape).c_str(), Figure(our_figures.Median()).c_str(),
              Figure(base_figures.Median()).c_str(), ratios.Median(),
              better == Better::kHigher ? ratios.Min() : ratios.Max());
  std::fflush(stdout);
}

}  // namespace eventlog::bench

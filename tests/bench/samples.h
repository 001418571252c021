// Repeated measurements of one figure, and how they are printed: median, with the worst beside it.

#ifndef TESTS_BENCH_SAMPLES_H_
#define TESTS_BENCH_SAMPLES_H_

#include <algorithm>
#include <cstddef>
#include <vector>

namespace eventlog::bench {

class Samples {
 public:
  void Add(double value) { values_.push_back(value); }
  // 0 when empty.
  double Quantile(double q) const {
    if (values_.empty()) return 0;
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(q * static_cast<double>(sorted.size())))];
  }
  double Median() const { return Quantile(0.5); }
  double Min() const { return Quantile(0); }
  double Max() const { return values_.empty() ? 0 : *std::max_element(values_.begin(), values_.end()); }

 private:
  std::vector<double> values_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_SAMPLES_H_

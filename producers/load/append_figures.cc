#include "producers/load/append_figures.h"

#include <algorithm>

namespace eventlog {

void AppendFigures::Add(const AppendFigures& other) {
  latency.Merge(other.latency);
  measured_bytes += other.measured_bytes;
  last_measured = std::max(last_measured, other.last_measured);
  acknowledged += other.acknowledged;
  unacknowledged += other.unacknowledged;
  for (const auto& [reason, count] : other.errors) errors[reason] += count;
  due += other.due;
  not_sent += other.not_sent;
  late_for_log += other.late_for_log;
  late_for_generator += other.late_for_generator;
  generator_late_max = std::max(generator_late_max, other.generator_late_max);
}

}  // namespace eventlog

#include "eventlog-svc/http/metrics_page.h"

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "eventlog-svc/engine/commit_metrics.h"
#include "prometheus/metric_family.h"
#include "prometheus/text_serializer.h"

namespace eventlog {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily Family(std::string name, std::string help, MetricType type, std::vector<ClientMetric> metrics) {
  MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  family.metric = std::move(metrics);
  return family;
}

MetricFamily Counter(std::string name, std::string help, int64_t value) {
  ClientMetric metric;
  metric.counter.value = static_cast<double>(value);
  return Family(std::move(name), std::move(help), MetricType::Counter, {metric});
}

MetricFamily Gauge(std::string name, std::string help, int64_t value) {
  ClientMetric metric;
  metric.gauge.value = static_cast<double>(value);
  return Family(std::move(name), std::move(help), MetricType::Gauge, {metric});
}

MetricFamily Histogram(std::string name, std::string help, const DurationHistogram& histogram) {
  ClientMetric metric;
  uint64_t cumulative = 0;
  for (size_t i = 0; i < DurationHistogram::kBuckets; ++i) {
    cumulative += static_cast<uint64_t>(histogram.count(i));
    const bool last = i + 1 == DurationHistogram::kBuckets;
    ClientMetric::Bucket bucket;
    bucket.cumulative_count = cumulative;
    bucket.upper_bound = absl::ToDoubleSeconds(last ? absl::InfiniteDuration() : DurationHistogram::UpperBound(i));
    metric.histogram.bucket.push_back(bucket);
  }
  metric.histogram.sample_count = cumulative;
  metric.histogram.sample_sum = absl::ToDoubleSeconds(histogram.sum());
  return Family(std::move(name), std::move(help), MetricType::Histogram, {metric});
}

}  // namespace

std::string MetricsPage(const LocalEngine& engine, const ServiceFigures& figures) {
  const CommitMetrics& commit = engine.metrics();
  const LogSize size = engine.logs().front()->size();
  std::vector<MetricFamily> families = {
      Counter("eventlog_events_appended_total", "Events acknowledged.", commit.events),
      Counter("eventlog_batches_appended_total", "Batches acknowledged.", commit.batches),
      Counter("eventlog_appended_bytes_total", "Bytes stored, headers of batches included.", commit.bytes),
      Counter("eventlog_duplicate_batches_total", "Repeated batches recognized.", commit.duplicates),
      Counter("eventlog_commits_total", "Groups written and synced.", commit.groups),
      Histogram("eventlog_append_latency_seconds", "From the queue to the answer.", commit.append_latency),
      Histogram("eventlog_sync_latency_seconds", "Of the sync of a group.", commit.sync_latency),
      Gauge("eventlog_queue_events", "Events that wait for the committing thread.", commit.queue_records),
      Gauge("eventlog_queue_bytes", "Bytes that wait for the committing thread.", commit.queue_bytes),
      Gauge("eventlog_log_start_offset", "The oldest offset kept.", size.bounds.start_offset),
      Gauge("eventlog_log_head_offset", "The next offset to be given.", size.bounds.head_offset),
      Gauge("eventlog_log_events", "Events kept.", size.record_count),
      Gauge("eventlog_log_bytes", "Bytes kept.", size.byte_count),
      Gauge("eventlog_subscriptions", "Subscribe calls under way.", figures.subscriptions),
      Gauge("eventlog_healthy", "1 while appends can be acknowledged.", engine.health().ok() ? 1 : 0),
  };
  std::vector<ClientMetric> errors;
  for (const auto& [reason, count] : figures.errors) {
    ClientMetric metric;
    metric.label.push_back({"reason", reason});
    metric.counter.value = static_cast<double>(count);
    errors.push_back(std::move(metric));
  }
  if (!errors.empty()) {
    families.push_back(
        Family("eventlog_errors_total", "Requests refused, by reason.", MetricType::Counter, std::move(errors)));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace eventlog

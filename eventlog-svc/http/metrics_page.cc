#include "eventlog-svc/http/metrics_page.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/commit_log.h"
#include "eventlog-svc/engine/commit_metrics.h"
#include "eventlog-svc/rpc/cursor_lag.h"
#include "prometheus/metric_family.h"
#include "prometheus/text_serializer.h"

namespace eventlog {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// The families of a page, each made when its first value comes.
class Page {
 public:
  void Counter(const std::string& log, const std::string& name, const std::string& help, int64_t value) {
    Add(log, name, help, MetricType::Counter).counter.value = static_cast<double>(value);
  }
  void Gauge(const std::string& log, const std::string& name, const std::string& help, double value) {
    Add(log, name, help, MetricType::Gauge).gauge.value = value;
  }
  void CursorGauge(const std::string& log, const std::string& cursor, const std::string& name, const std::string& help,
                   double value) {
    ClientMetric& metric = Add(log, name, help, MetricType::Gauge);
    metric.label.push_back({"cursor", cursor});
    metric.gauge.value = value;
  }
  void Histogram(const std::string& log, const std::string& name, const std::string& help,
                 const DurationHistogram& histogram);
  // One more value of a family, without labels.
  ClientMetric& Add(const std::string& name, const std::string& help, MetricType type);
  const std::vector<MetricFamily>& families() const { return families_; }

 private:
  ClientMetric& Add(const std::string& log, const std::string& name, const std::string& help, MetricType type) {
    ClientMetric& metric = Add(name, help, type);
    metric.label.push_back({"log", log});
    return metric;
  }

  std::vector<MetricFamily> families_;
};

ClientMetric& Page::Add(const std::string& name, const std::string& help, MetricType type) {
  auto family = std::find_if(families_.begin(), families_.end(), [&](const auto& any) { return any.name == name; });
  if (family == families_.end()) {
    families_.emplace_back();
    family = families_.end() - 1;
    family->name = name;
    family->help = help;
    family->type = type;
  }
  return family->metric.emplace_back();
}

void Page::Histogram(const std::string& log, const std::string& name, const std::string& help,
                     const DurationHistogram& histogram) {
  ClientMetric& metric = Add(log, name, help, MetricType::Histogram);
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
}

void AddLog(const CommitLog& log, absl::Time now, Page& page) {
  const CommitMetrics& commit = log.metrics();
  const LogSize size = log.size();
  const std::string& name = log.name();
  page.Counter(name, "eventlog_events_appended_total", "Events acknowledged.", commit.events);
  page.Counter(name, "eventlog_batches_appended_total", "Batches acknowledged.", commit.batches);
  page.Counter(name, "eventlog_appended_bytes_total", "Bytes stored, headers of batches included.", commit.bytes);
  page.Counter(name, "eventlog_duplicate_batches_total", "Repeated batches recognized.", commit.duplicates);
  page.Counter(name, "eventlog_commits_total", "Groups written.", commit.groups);
  page.Histogram(name, "eventlog_append_latency_seconds", "From the queue to the answer.", commit.append_latency);
  page.Histogram(name, "eventlog_sync_latency_seconds", "Of the sync of a group.", commit.sync_latency);
  page.Gauge(name, "eventlog_queue_events", "Events that wait for the committing thread.", commit.queue_records);
  page.Gauge(name, "eventlog_queue_bytes", "Bytes that wait for the committing thread.", commit.queue_bytes);
  page.Gauge(name, "eventlog_log_start_offset", "The oldest offset kept.", size.bounds.start_offset);
  page.Gauge(name, "eventlog_log_head_offset", "The next offset to be given.", size.bounds.head_offset);
  page.Gauge(name, "eventlog_log_events", "Events kept.", size.record_count);
  page.Gauge(name, "eventlog_log_bytes", "Bytes kept.", size.byte_count);
  for (const CursorLag& lag : CursorLags(log, now)) {
    page.CursorGauge(name, lag.cursor.name, "eventlog_cursor_lag_events", "Events that a cursor has not passed.",
                     static_cast<double>(lag.records));
    if (!lag.time.has_value()) continue;
    page.CursorGauge(name, lag.cursor.name, "eventlog_cursor_lag_seconds",
                     "Since the append of the oldest event that a cursor has not passed.",
                     absl::ToDoubleSeconds(*lag.time));
  }
}

}  // namespace

std::string MetricsPage(const LocalEngine& engine, const ServiceFigures& figures) {
  Page page;
  const absl::Time now = absl::Now();
  for (const std::shared_ptr<CommitLog>& log : engine.commit_logs()) AddLog(*log, now, page);
  page.Add("eventlog_subscriptions", "Subscribe calls under way.", MetricType::Gauge).gauge.value =
      static_cast<double>(figures.subscriptions);
  page.Add("eventlog_healthy", "1 while appends can be acknowledged.", MetricType::Gauge).gauge.value =
      engine.health().ok() ? 1 : 0;
  for (const auto& [reason, count] : figures.errors) {
    ClientMetric& metric = page.Add("eventlog_errors_total", "Requests refused, by reason.", MetricType::Counter);
    metric.label.push_back({"reason", reason});
    metric.counter.value = static_cast<double>(count);
  }
  return prometheus::TextSerializer().Serialize(page.families());
}

}  // namespace eventlog

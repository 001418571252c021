#include "eventlog-svc/http/metrics_page.h"

#include <string>

#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MetricsPageTest, EveryFigureIsThere) {
  const auto engine = NewMemoryEngine({});
  ASSERT_THAT(Append(*engine->logs().front(), MakeBatch({"a", "b", "c"})), IsOk());
  const std::string page = MetricsPage(*engine, {7, {{"EMPTY_APPEND", 2}, {"FILTER_INVALID", 1}}});
  for (const char* line :
       {"eventlog_events_appended_total{log=\"events\"} 3", "eventlog_batches_appended_total{log=\"events\"} 1",
        "eventlog_log_head_offset{log=\"events\"} 3", "eventlog_log_events{log=\"events\"} 3",
        "eventlog_subscriptions 7", "eventlog_healthy 1", "eventlog_queue_events{log=\"events\"} 0",
        "eventlog_append_latency_seconds_bucket{log=\"events\",le=\"+Inf\"} 1",
        "eventlog_append_latency_seconds_count{log=\"events\"} 1",
        "eventlog_sync_latency_seconds_count{log=\"events\"} 0", "eventlog_errors_total{reason=\"EMPTY_APPEND\"} 2",
        "eventlog_errors_total{reason=\"FILTER_INVALID\"} 1", "# TYPE eventlog_events_appended_total counter",
        "# TYPE eventlog_append_latency_seconds histogram"}) {
    EXPECT_THAT(page, HasSubstr(line));
  }
}

TEST(MetricsPageTest, WithoutErrorsThereIsNoFamilyOfThem) {
  const auto engine = NewMemoryEngine({});
  EXPECT_THAT(MetricsPage(*engine, {}), Not(HasSubstr("eventlog_errors_total")));
}

}  // namespace
}  // namespace eventlog

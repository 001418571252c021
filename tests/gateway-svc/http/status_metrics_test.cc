#include "gateway-svc/http/status_metrics.h"

#include <map>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

GatewayStatus Status() {
  GatewayStatus status;
  status.ring.connected = true;
  status.ring.head = 42;
  status.clients = 7;
  status.sse_clients = 1;
  status.events_sent = 200;
  status.accepts_refused_cap = 4;
  status.http_responses[1] = 8;
  status.disconnects[0] = 2;
  status.upstream_connects = 3;
  status.process = ReadProcessFigures();
  return status;
}

TEST(StatusMetricsTest, HasTheNumbers) {
  const std::string metrics = StatusMetrics(Status());
  EXPECT_THAT(metrics, HasSubstr("# TYPE gateway_clients gauge\n"
                                 "gateway_clients{transport=\"websocket\"} 6\ngateway_clients{transport=\"sse\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("\ngateway_events_sent_total 200\n"));
  EXPECT_THAT(metrics, HasSubstr("\ngateway_accepts_refused_total{reason=\"cap\"} 4\n"));
  EXPECT_THAT(metrics, HasSubstr("\ngateway_http_responses_total{status=\"1xx\"} 8\n"));
  EXPECT_THAT(metrics, HasSubstr("\ngateway_disconnects_total{reason=\"client\"} 2\n"));
  EXPECT_THAT(metrics, HasSubstr("\ngateway_head_offset 42\n"));
  EXPECT_THAT(metrics, HasSubstr("\ngateway_upstream_connected 1\n"));
  EXPECT_THAT(metrics, HasSubstr("\ngateway_upstream_reconnects_total 2\n"));
  EXPECT_THAT(metrics, HasSubstr(absl::StrCat("\ngateway_build_info{version=\"", kVersion, "\"} 1\n")));
  EXPECT_THAT(metrics, HasSubstr("\ngateway_process_resident_memory_bytes "));
}

TEST(StatusMetricsTest, EachFamilyIsNamedAndExplainedAndCountersEndInTotal) {
  std::map<std::string, std::string> types;
  std::set<std::string> helped;
  for (const absl::string_view line : absl::StrSplit(StatusMetrics(Status()), '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words[0] != "#") {
      const std::string name(line.substr(0, line.find_first_of("{ ")));
      EXPECT_TRUE(absl::StartsWith(name, "gateway_")) << line;
      EXPECT_EQ(types.count(name), 1u) << line;
      continue;
    }
    if (words[1] == "HELP") {
      EXPECT_GT(words.size(), 3u) << line;
      EXPECT_TRUE(helped.insert(words[2]).second) << "twice: " << line;
    } else {
      EXPECT_EQ(words[1], "TYPE");
      EXPECT_EQ(helped.count(words[2]), 1u) << line;
      types[words[2]] = words[3];
    }
  }
  EXPECT_GT(types.size(), 40u);
  for (const auto& [name, type] : types) {
    EXPECT_EQ(type == "counter", absl::EndsWith(name, "_total")) << name << " is a " << type;
  }
}

TEST(StatusMetricsTest, WhatCannotBeReadIsLeftOut) {
  GatewayStatus status = Status();
  status.process = ProcessFigures();
  EXPECT_THAT(StatusMetrics(status), Not(HasSubstr("gateway_process_")));
}

}  // namespace
}  // namespace gateway

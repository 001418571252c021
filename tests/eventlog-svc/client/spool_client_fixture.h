// What the tests share in which clients send a spool to a log that misbehaves as it is told.

#ifndef TESTS_EVENTLOG_SVC_CLIENT_SPOOL_CLIENT_FIXTURE_H_
#define TESTS_EVENTLOG_SVC_CLIENT_SPOOL_CLIENT_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>

#include "eventlog-svc/client/event_log_client.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/client/event_log_client_fixture.h"
#include "tests/eventlog-svc/client/spool_fixture.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {

class SpoolClientFixture : public SpoolFixture {
 protected:
  SpoolClientFixture() {
    client_options_.backoff = {absl::Milliseconds(1), absl::Milliseconds(20)};
    client_options_.queue.batch_events_max = 10;
  }
  std::unique_ptr<EventLogClient> OpenClient() {
    client_options_.spool = options_;
    absl::StatusOr<std::unique_ptr<EventLogClient>> client = EventLogClient::Open(log_.address(), client_options_);
    EXPECT_THAT(client, IsOk());
    return client.ok() ? *std::move(client) : nullptr;
  }
  static void AppendNumbers(EventLogClient& client, int first, int end) {
    for (int i = first; i < end; ++i) ASSERT_THAT(client.AppendEvent(MakeEvent(absl::StrCat(i))), IsOk());
  }
  SpoolStats StatsNow() {
    const auto spool = Spool::OpenExisting(options_);
    EXPECT_THAT(spool, IsOk());
    return spool.ok() ? (*spool)->Stats().value_or(SpoolStats()) : SpoolStats();
  }

  FakeEventLog log_;
  EventLogClientOptions client_options_;
};

}  // namespace eventlog

#endif  // TESTS_EVENTLOG_SVC_CLIENT_SPOOL_CLIENT_FIXTURE_H_

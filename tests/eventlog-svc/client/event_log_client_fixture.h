// What the tests of EventLogClient share: a client of a log that misbehaves as it is told.

#ifndef TESTS_EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_FIXTURE_H_
#define TESTS_EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_FIXTURE_H_

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/event_log_client.h"
#include "gtest/gtest.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {

inline absl::Time SafetyNet() { return absl::Now() + absl::Seconds(60); }

inline v1::Event MakeEvent(const std::string& text) {
  v1::Event event;
  event.set_type("test");
  event.set_text(text);
  return event;
}

inline std::vector<std::string> Numbers(int count) {
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) texts.push_back(absl::StrCat(i));
  return texts;
}

class EventLogClientFixture : public testing::Test {
 protected:
  EventLogClientFixture() {
    options_.backoff = {absl::Milliseconds(1), absl::Milliseconds(20)};
    options_.queue.batch_events_max = 10;
  }

  void Connect() { client_ = std::make_unique<EventLogClient>(NewChannel(log_.address()), options_); }
  void AppendNumbers(int count) {
    for (const std::string& text : Numbers(count)) ASSERT_THAT(client_->AppendEvent(MakeEvent(text)), IsOk());
  }
  // Refuses batches that hold this text.
  void RefuseText(const std::string& text, google::rpc::Status refusal) {
    log_.SetJudge([text, refusal](const v1::AppendRequest& request) {
      const bool found = std::any_of(request.events().begin(), request.events().end(),
                                     [&](const v1::Event& event) { return event.text() == text; });
      return found ? FakeEventLog::Verdict{FakeEventLog::Fate::kRefuse, refusal} : FakeEventLog::Verdict();
    });
  }
  // Gives every n-th item this fate.
  void EveryNth(int n, FakeEventLog::Fate fate) {
    log_.SetJudge([n, fate, seen = std::make_shared<std::atomic<int>>(0)](const v1::AppendRequest&) {
      return FakeEventLog::Verdict{++*seen % n == 0 ? fate : FakeEventLog::Fate::kStore, {}};
    });
  }

  FakeEventLog log_;
  EventLogClientOptions options_;
  std::unique_ptr<EventLogClient> client_;
};

}  // namespace eventlog

#endif  // TESTS_EVENTLOG_SVC_CLIENT_EVENT_LOG_CLIENT_FIXTURE_H_

#include "eventlog-svc/engine/log_listeners.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;

class Listener : public LogListener {
 public:
  explicit Listener(std::function<void(int64_t)> hear) : hear_(std::move(hear)) {}
  void OnLogChanged(const Log& log) override { hear_(log.bounds().head_offset); }

 private:
  const std::function<void(int64_t)> hear_;
};

// A log with this many events.
std::shared_ptr<Log> LogAt(int64_t head) {
  static const std::unique_ptr<LocalEngine> engine = NewMemoryEngine({});
  const std::string name = absl::StrCat("at-", head);
  if (const auto there = engine->FindLog(name); there.ok()) return *there;
  std::shared_ptr<Log> log = *engine->CreateLog(name, {});
  for (int64_t i = 0; i < head; ++i) EXPECT_THAT(Append(*log, MakeBatch({"a"})), IsOk());
  return log;
}

TEST(LogListenersTest, AllAreToldUntilTheyAreRemoved) {
  LogListeners listeners;
  std::vector<int64_t> first, second;
  Listener a([&](int64_t head) { first.push_back(head); }), b([&](int64_t head) { second.push_back(head); });
  listeners.Tell(*LogAt(1));
  listeners.Add(&a);
  listeners.Add(&b);
  listeners.Tell(*LogAt(2));
  listeners.Remove(&a);
  listeners.Tell(*LogAt(3));
  EXPECT_THAT(first, ElementsAre(2));
  EXPECT_THAT(second, ElementsAre(2, 3));
}

TEST(LogListenersTest, RemoveWaitsForTheCallThatIsUnderWay) {
  LogListeners listeners;
  absl::Notification called, go_on;
  std::atomic<bool> over = false;
  Listener slow([&](int64_t) {
    called.Notify();
    go_on.WaitForNotification();
    over = true;
  });
  listeners.Add(&slow);
  std::thread teller([&] { listeners.Tell(*LogAt(1)); });
  called.WaitForNotification();
  absl::Notification removed;
  std::thread remover([&] {
    listeners.Remove(&slow);
    EXPECT_TRUE(over);
    removed.Notify();
  });
  // Long enough to see a Remove that does not wait; one that does passes at any speed.
  EXPECT_FALSE(removed.WaitForNotificationWithTimeout(absl::Milliseconds(50)));
  // Others are not held up by the call.
  Listener other([](int64_t) {});
  listeners.Add(&other);
  listeners.Remove(&other);
  go_on.Notify();
  remover.join();
  teller.join();
}

TEST(LogListenersTest, OneThatIsRemovedDuringTheRoundIsNotCalledAnyMore) {
  LogListeners listeners;
  int calls = 0;
  Listener victim([&](int64_t) { ++calls; });
  Listener remover([&](int64_t) { listeners.Remove(&victim); });
  listeners.Add(&remover);
  listeners.Add(&victim);
  listeners.Tell(*LogAt(1));
  EXPECT_EQ(calls, 0);
}

TEST(LogListenersTest, AListenerMayRemoveItselfAndAddAnother) {
  LogListeners listeners;
  std::vector<int64_t> heard;
  Listener late([&](int64_t head) { heard.push_back(head); });
  std::unique_ptr<Listener> once;
  once = std::make_unique<Listener>([&](int64_t head) {
    heard.push_back(-head);
    listeners.Remove(once.get());
    listeners.Add(&late);
  });
  listeners.Add(once.get());
  listeners.Tell(*LogAt(1));
  listeners.Tell(*LogAt(2));
  EXPECT_THAT(heard, ElementsAre(-1, 2));
}

}  // namespace
}  // namespace eventlog

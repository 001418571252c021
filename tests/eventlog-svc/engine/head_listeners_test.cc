#include "eventlog-svc/engine/head_listeners.h"

#include <functional>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;

class Listener : public HeadListener {
 public:
  explicit Listener(std::function<void(int64_t)> hear) : hear_(std::move(hear)) {}
  void OnHeadAdvanced(int64_t head_offset) override { hear_(head_offset); }

 private:
  const std::function<void(int64_t)> hear_;
};

TEST(HeadListenersTest, AllAreToldUntilTheyAreRemoved) {
  HeadListeners listeners;
  std::vector<int64_t> first, second;
  Listener a([&](int64_t head) { first.push_back(head); }), b([&](int64_t head) { second.push_back(head); });
  listeners.Tell(1);
  listeners.Add(&a);
  listeners.Add(&b);
  listeners.Tell(2);
  listeners.Remove(&a);
  listeners.Tell(3);
  EXPECT_THAT(first, ElementsAre(2));
  EXPECT_THAT(second, ElementsAre(2, 3));
}

TEST(HeadListenersTest, RemoveWaitsForTheCallThatIsUnderWay) {
  HeadListeners listeners;
  absl::Notification called, go_on;
  std::atomic<bool> over = false;
  Listener slow([&](int64_t) {
    called.Notify();
    go_on.WaitForNotification();
    over = true;
  });
  listeners.Add(&slow);
  std::thread teller([&] { listeners.Tell(1); });
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

TEST(HeadListenersTest, OneThatIsRemovedDuringTheRoundIsNotCalledAnyMore) {
  HeadListeners listeners;
  int calls = 0;
  Listener victim([&](int64_t) { ++calls; });
  Listener remover([&](int64_t) { listeners.Remove(&victim); });
  listeners.Add(&remover);
  listeners.Add(&victim);
  listeners.Tell(1);
  EXPECT_EQ(calls, 0);
}

TEST(HeadListenersTest, AListenerMayRemoveItselfAndAddAnother) {
  HeadListeners listeners;
  std::vector<int64_t> heard;
  Listener late([&](int64_t head) { heard.push_back(head); });
  std::unique_ptr<Listener> once;
  once = std::make_unique<Listener>([&](int64_t head) {
    heard.push_back(-head);
    listeners.Remove(once.get());
    listeners.Add(&late);
  });
  listeners.Add(once.get());
  listeners.Tell(1);
  listeners.Tell(2);
  EXPECT_THAT(heard, ElementsAre(-1, 2));
}

}  // namespace
}  // namespace eventlog

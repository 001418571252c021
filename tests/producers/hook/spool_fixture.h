// The commands that look after a user's spool: a fake log, a spool for it, and senders that end with the test.

#ifndef TESTS_PRODUCERS_HOOK_SPOOL_FIXTURE_H_
#define TESTS_PRODUCERS_HOOK_SPOOL_FIXTURE_H_

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "eventlog-svc/client/spool.h"
#include "eventlog-svc/client/spool_sender_lock.h"
#include "gtest/gtest.h"
#include "producers/spool/spool_sender.h"
#include "tests/support/fake_event_log.h"
#include "tests/support/status_matchers.h"

namespace eventlog {

// The test's program is started as the sender: its main must know kSpoolSenderWord.
class SpoolFixture : public testing::Test {
 protected:
  SpoolFixture() {
    const std::string spools =
        absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name());
    setenv(kSpoolDirVariable, spools.c_str(), 1);
    setenv(kSpoolLingerVariable, "1", 1);
    folder_ = SpoolFolder(log_.address(), "");
  }
  ~SpoolFixture() override {
    // No sender outlives the test.
    absl::Notification never;
    while (spool_ != nullptr && Lock() == nullptr) never.WaitForNotificationWithTimeout(absl::Milliseconds(1));
  }

  void Add(const std::string& type, const std::string& text = "") {
    SpoolOptions options;
    options.folder = folder_;
    absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::Open(options, {log_.address(), ""});
    ASSERT_THAT(spool, IsOk());
    v1::Event event;
    event.set_type(type);
    if (!text.empty()) event.set_text(text);
    EXPECT_THAT((*spool)->Add({event}), IsOk());
    spool_ = *std::move(spool);
  }
  std::unique_ptr<SpoolSenderLock> Lock() {
    absl::StatusOr<std::unique_ptr<SpoolSenderLock>> lock = SpoolSenderLock::TryTake(folder_);
    EXPECT_THAT(lock, IsOk());
    return *std::move(lock);
  }

  FakeEventLog log_;
  std::string folder_;
  std::unique_ptr<Spool> spool_;
};

}  // namespace eventlog

#endif  // TESTS_PRODUCERS_HOOK_SPOOL_FIXTURE_H_

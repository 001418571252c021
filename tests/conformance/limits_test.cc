// What is full, as the service's clients see it: a refusal that says when to come again, and nothing lost.

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/admin_client.h"
#include "tests/conformance/engines.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::Each;
using testing::SizeIs;

constexpr int64_t kQueueMax = 6;
constexpr int kLogsMax = 100;
constexpr int kCursorsMax = 1000;
// A safety net: what is not refused by then never will be.
constexpr absl::Duration kRefusalDeadline = absl::Seconds(60);

testing::Matcher<absl::Status> IsFull(const std::string& reason) {
  return AllOf(StatusIs(absl::StatusCode::kResourceExhausted), HasReason(reason));
}

// Calls that are made at the same time, each on a thread of its own.
class ParallelCalls {
 public:
  ParallelCalls(int64_t count, const std::function<absl::Status(int64_t)>& call) {
    for (int64_t i = 0; i < count; ++i) {
      threads_.emplace_back([this, call, i] {
        const absl::Status status = call(i);
        absl::MutexLock lock(&mutex_);
        (status.ok() ? done_ : refused_).push_back(status);
      });
    }
  }
  void AwaitRefusal() {
    absl::MutexLock lock(&mutex_);
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(this, &ParallelCalls::HasRefusal), kRefusalDeadline))
        << "nothing was refused";
  }
  void Join() {
    for (std::thread& thread : threads_) thread.join();
  }
  // After Join.
  std::vector<absl::Status> done() {
    absl::MutexLock lock(&mutex_);
    return done_;
  }
  std::vector<absl::Status> refused() {
    absl::MutexLock lock(&mutex_);
    return refused_;
  }

 private:
  bool HasRefusal() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !refused_.empty(); }

  absl::Mutex mutex_;
  std::vector<absl::Status> done_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Status> refused_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

class LimitsTest : public testing::TestWithParam<const char*> {
 protected:
  ServerOptions SmallOptions() {
    ServerOptions options;
    options.segment_bytes_max = 4096;
    options.commit.clock = [this] { return clock_.Now(); };
    options.commit.queue_records_max = kQueueMax;
    options.commit.queue_changes_max = kQueueMax;
    return options;
  }
  // Makes one call more than may wait, while the log takes nothing from its queue: one is refused.
  void Overfill(const std::function<absl::Status(int64_t)>& call) {
    Log& log = *service_.server().engine().logs().at(0);
    HeldGroup held(log, clock_);
    ParallelCalls calls(kQueueMax + 1, call);
    calls.AwaitRefusal();
    held.Release();
    calls.Join();
    ASSERT_THAT(calls.refused(), AllOf(SizeIs(1), Each(IsFull("QUEUE_FULL"))));
    EXPECT_TRUE(calls.refused().at(0).GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
    EXPECT_THAT(calls.done(), SizeIs(kQueueMax));
  }

  GatedClock clock_;
  LiveService service_{GetParam(), SmallOptions()};
  AdminClient admin_{service_.channel()};
};

TEST_P(LimitsTest, AnAppendBeyondTheQueueIsRefusedAndThoseThatWaitAreStored) {
  Overfill([this](int64_t i) { return service_.Append({absl::StrCat(i)}).status(); });
  EXPECT_EQ(service_.Stats().record_count(), kQueueMax);
  EXPECT_THAT(service_.Append({"again"}), IsOk());
}

TEST_P(LimitsTest, AChangeBeyondTheQueueIsRefusedAndThoseThatWaitAreMade) {
  Overfill([this](int64_t i) { return admin_.Commit(absl::StrCat("c", i), 0).status(); });
  EXPECT_EQ(service_.Stats().cursors_size(), kQueueMax);
  EXPECT_THAT(admin_.Commit("again", 0), IsOk());
}

TEST_P(LimitsTest, ThereAreOnlySoManyLogs) {
  for (int i = 1; i < kLogsMax; ++i) ASSERT_THAT(admin_.Create(absl::StrCat("log-", i)), IsOk());
  EXPECT_THAT(admin_.Create("one-more").status(), IsFull("QUOTA_EXCEEDED"));
  EXPECT_THAT(admin_.Get("one-more").status(), HasReason("LOG_NOT_FOUND"));
  ASSERT_THAT(admin_.Delete("log-7"), IsOk());
  EXPECT_THAT(admin_.Create("one-more"), IsOk());
}

TEST_P(LimitsTest, ALogHasOnlySoManyCursors) {
  // Not more at a time than may wait: they share their syncs.
  ParallelCalls commits(kQueueMax, [this](int64_t first) {
    absl::Status committed;
    for (int64_t i = first; i < kCursorsMax; i += kQueueMax) {
      committed.Update(admin_.Commit(absl::StrCat("c", i), 0).status());
    }
    return committed;
  });
  commits.Join();
  ASSERT_THAT(commits.done(), SizeIs(kQueueMax));
  EXPECT_THAT(admin_.Commit("one-more", 0).status(), IsFull("QUOTA_EXCEEDED"));
  EXPECT_THAT(admin_.GetCursor("one-more").status(), HasReason("CURSOR_NOT_FOUND"));
  EXPECT_THAT(admin_.Commit("c7", 0), IsOk()) << "those that are there are not touched";
  ASSERT_THAT(admin_.DeleteCursor("c7"), IsOk());
  EXPECT_THAT(admin_.Commit("one-more", 0), IsOk());
}

INSTANTIATE_ON_ENGINES(LimitsTest);

}  // namespace
}  // namespace eventlog

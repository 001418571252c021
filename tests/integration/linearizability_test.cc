// Concurrent Append, GetLogStats and Read through gRPC, recorded and held against the model of a log: all clients saw
// one log that takes one operation after the other.

#include "tests/support/linearizability.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "eventlog-svc/engine/error.h"
#include "gtest/gtest.h"
#include "proto/google/rpc/error_details.pb.h"
#include "tests/conformance/engines.h"
#include "tests/conformance/live_service.h"
#include "tests/support/log_history.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

constexpr int kClients = 8;
constexpr int kOperations = 300;  // of each client

// The head that a refusal names.
int64_t HeadOf(const absl::Status& refusal, const std::string& key) {
  google::rpc::ErrorInfo info;
  const absl::optional<absl::Cord> payload = refusal.GetPayload(kErrorInfoUrl);
  int64_t head = -1;
  if (!payload.has_value() || !info.ParseFromString(std::string(*payload))) return head;
  return absl::SimpleAtoi(info.metadata().at(key), &head) ? head : -1;
}

// Thread safe.
class Recorder {
 public:
  // A tick of the one clock: what is called after something returned has a higher one.
  int64_t Tick() { return ticks_.fetch_add(1); }
  void Add(LogOperation operation) {
    absl::MutexLock lock(&mutex_);
    history_.push_back(std::move(operation));
  }
  LogHistory history() const {
    absl::MutexLock lock(&mutex_);
    return history_;
  }

 private:
  std::atomic<int64_t> ticks_{0};
  mutable absl::Mutex mutex_;
  LogHistory history_ ABSL_GUARDED_BY(mutex_);
};

// One client, on a thread of its own.
class Client {
 public:
  Client(int number, LiveService& service, Recorder& recorder)
      : number_(number), service_(service), recorder_(recorder), random_(static_cast<uint32_t>(number)) {}

  void Run() {
    for (int i = 0; i < kOperations; ++i) {
      LogOperation operation;
      operation.client = number_;
      operation.called = recorder_.Tick();
      switch (Below(6)) {
        case 0:
          Stats(operation);
          break;
        case 1:
        case 2:
          Read(operation);
          break;
        case 3:
          Append(operation, std::nullopt);
          break;
        default:  // contention: most clients expect the same head
          Append(operation, seen_head_);
      }
    }
  }

 private:
  int64_t Below(int64_t limit) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(limit)); }

  void Finish(LogOperation operation) {
    operation.returned = recorder_.Tick();
    seen_head_ = std::max(seen_head_, operation.next_offset);
    recorder_.Add(std::move(operation));
  }

  void Stats(LogOperation operation) {
    operation.kind = LogOperation::Kind::kStats;
    operation.next_offset = service_.Stats().head_offset();
    Finish(std::move(operation));
  }

  void Read(LogOperation operation) {
    operation.kind = LogOperation::Kind::kRead;
    v1::ReadRequest request;
    operation.offset = std::max<int64_t>(0, seen_head_ - Below(12));
    request.set_offset(operation.offset);
    request.set_max_records(static_cast<int32_t>(1 + Below(40)));
    const absl::StatusOr<v1::ReadResponse> response = service_.Read(request);
    if (ErrorReason(response.status()) == "OFFSET_OUT_OF_RANGE") {
      // A head below an offset that this client had seen: the checker says what is wrong with that.
      operation.kind = LogOperation::Kind::kStats;
      operation.next_offset = HeadOf(response.status(), "head_offset");
      return Finish(std::move(operation));
    }
    ASSERT_THAT(response, IsOk());
    ASSERT_EQ(0, response->gaps_size());
    operation.values = TextsOf(response->records());
    operation.next_offset = response->next_offset();
    operation.end_of_log = response->end_of_log();
    Finish(std::move(operation));
  }

  void Append(LogOperation operation, std::optional<int64_t> expected) {
    for (int64_t left = 1 + Below(3); left > 0; --left) {
      operation.values.push_back(absl::StrCat(number_, ".", appended_++));
    }
    operation.expected_next_offset = expected;
    v1::AppendRequest request = AppendOf(operation.values);
    if (expected.has_value()) request.set_expected_next_offset(*expected);
    const absl::StatusOr<v1::AppendResponse> response = service_.Append(request);
    if (response.ok()) {
      operation.offset = response->first_offset();
      operation.next_offset = response->next_offset();
    } else {
      ASSERT_THAT(response, HasReason("OFFSET_MISMATCH"));
      operation.outcome = LogOperation::Outcome::kMismatch;
      operation.next_offset = HeadOf(response.status(), "actual");
    }
    Finish(std::move(operation));
  }

  const int number_;
  LiveService& service_;
  Recorder& recorder_;
  std::mt19937_64 random_;
  int64_t seen_head_ = 0;
  int appended_ = 0;
};

using LinearizabilityTest = EngineSuite;

TEST_P(LinearizabilityTest, AllClientsSeeOneLog) {
  Recorder recorder;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] { Client(i, service_, recorder).Run(); });
  }
  for (std::thread& thread : threads) thread.join();
  const LogHistory history = recorder.history();
  ASSERT_EQ(static_cast<size_t>(kClients * kOperations), history.size());
  int appended = 0, mismatched = 0;
  for (const LogOperation& operation : history) {
    if (operation.kind != LogOperation::Kind::kAppend) continue;
    ++(operation.outcome == LogOperation::Outcome::kOk ? appended : mismatched);
  }
  // Both were there, or nothing contended.
  EXPECT_GT(appended, kClients);
  EXPECT_GT(mismatched, kClients);
  EXPECT_THAT(CheckLinearizable(history), IsOk());
}

INSTANTIATE_ON_ENGINES(LinearizabilityTest);

}  // namespace
}  // namespace eventlog

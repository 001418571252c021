#include "tests/support/linearizability.h"

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Kind = LogOperation::Kind;
using Outcome = LogOperation::Outcome;

LogOperation Append(int64_t called, int64_t returned, std::vector<std::string> values, int64_t offset) {
  LogOperation operation;
  operation.called = called;
  operation.returned = returned;
  operation.offset = offset;
  operation.next_offset = offset + static_cast<int64_t>(values.size());
  operation.values = std::move(values);
  return operation;
}

LogOperation AppendAt(int64_t called, int64_t returned, std::vector<std::string> values, int64_t expected) {
  LogOperation operation = Append(called, returned, std::move(values), expected);
  operation.expected_next_offset = expected;
  return operation;
}

LogOperation Mismatch(int64_t called, int64_t returned, int64_t expected, int64_t head) {
  LogOperation operation = AppendAt(called, returned, {"refused"}, expected);
  operation.outcome = Outcome::kMismatch;
  operation.next_offset = head;
  return operation;
}

LogOperation Unknown(int64_t called, std::vector<std::string> values) {
  LogOperation operation = Append(called, 0, std::move(values), 0);
  operation.outcome = Outcome::kUnknown;
  return operation;
}

LogOperation Stats(int64_t called, int64_t returned, int64_t head) {
  LogOperation operation;
  operation.kind = Kind::kStats;
  operation.called = called;
  operation.returned = returned;
  operation.next_offset = head;
  return operation;
}

LogOperation Read(int64_t called, int64_t returned, std::vector<std::string> values, bool end_of_log = true,
                  int64_t offset = 0) {
  LogOperation operation = Append(called, returned, std::move(values), offset);
  operation.kind = Kind::kRead;
  operation.end_of_log = end_of_log;
  return operation;
}

TEST(LinearizabilityTest, OneAfterTheOther) {
  EXPECT_THAT(CheckLinearizable({}), IsOk());
  EXPECT_THAT(CheckLinearizable({Stats(1, 2, 0), Read(3, 4, {}), Append(5, 6, {"a", "b"}, 0), Stats(7, 8, 2),
                                 Read(9, 10, {"a", "b"}), Read(11, 12, {"a"}, false), AppendAt(13, 14, {"c"}, 2),
                                 Mismatch(15, 16, 2, 3), Read(17, 18, {"c"}, true, 2)}),
              IsOk());
}

TEST(LinearizabilityTest, ConcurrentOperationsTakeAnyOrder) {
  // b before a although it was called later; one reader sees the time between, one the time before.
  EXPECT_THAT(CheckLinearizable({Append(1, 10, {"a"}, 1), Append(2, 9, {"b"}, 0), Read(3, 8, {"b"}), Stats(4, 7, 0)}),
              IsOk());
  EXPECT_THAT(CheckLinearizable({AppendAt(1, 10, {"a"}, 0), Mismatch(2, 9, 0, 1)}), IsOk());
}

TEST(LinearizabilityTest, AnUnknownOutcomeMayHaveHappenedOrNotOrLater) {
  EXPECT_THAT(CheckLinearizable({Unknown(1, {"x"}), Read(2, 3, {})}), IsOk());
  EXPECT_THAT(CheckLinearizable({Unknown(1, {"x"}), Read(2, 3, {"x"})}), IsOk());
  EXPECT_THAT(CheckLinearizable({Unknown(1, {"x"}), Append(2, 3, {"a"}, 0), Read(4, 5, {"a"}), Append(6, 7, {"b"}, 2),
                                 Read(8, 9, {"a", "x", "b"})}),
              IsOk());
  // Nobody saw it, but its place.
  EXPECT_THAT(CheckLinearizable({Unknown(1, {"x", "y"}), Stats(2, 3, 2), Append(4, 5, {"a"}, 2)}), IsOk());
}

TEST(LinearizabilityTest, AStaleReadIsRefused) {
  EXPECT_THAT(CheckLinearizable({Append(1, 2, {"a"}, 0), Read(3, 4, {})}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("after 1 of 2 operations the log has 1 events"),
                             HasSubstr("client 0 [3, 4]: Read from 0 to 0, the end of the log: (): the end of the log "
                                       "is elsewhere"),
                             HasSubstr("before it:\n  client 0 [1, 2]: Append(a), at offset 0"))));
  EXPECT_THAT(CheckLinearizable({Append(1, 2, {"a"}, 0), Stats(3, 4, 0)}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("GetLogStats, head 0: the head is another")));
}

TEST(LinearizabilityTest, ALogThatGoesBackIsRefused) {
  EXPECT_THAT(CheckLinearizable({Append(1, 20, {"a"}, 0), Read(2, 3, {"a"}), Read(4, 5, {})}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("[4, 5]: Read")));
  EXPECT_THAT(CheckLinearizable({Append(1, 20, {"a"}, 0), Stats(2, 3, 1), Stats(4, 5, 0)}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("[4, 5]: GetLogStats")));
}

TEST(LinearizabilityTest, ALostAppendIsRefused) {
  EXPECT_THAT(CheckLinearizable({Append(1, 2, {"a"}, 0), Append(3, 4, {"b"}, 1), Read(5, 6, {"a"})}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("[5, 6]: Read")));
}

TEST(LinearizabilityTest, AnAcknowledgedAppendThatARestartTookBackIsRefused) {
  // Its offset was given again.
  EXPECT_THAT(CheckLinearizable({Append(1, 2, {"a"}, 0), Append(3, 4, {"b"}, 1), Unknown(5, {"c"}),
                                 Append(6, 7, {"d"}, 1), Read(8, 9, {"a", "d"})}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("offset 1 holds two events")));
  // Nothing came in its place.
  EXPECT_THAT(CheckLinearizable({Append(1, 2, {"a"}, 0), Unknown(3, {"c"}), Stats(4, 5, 0)}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("GetLogStats, head 0")));
}

TEST(LinearizabilityTest, OneOffsetForTwoIsRefused) {
  EXPECT_THAT(CheckLinearizable({Append(1, 9, {"a"}, 0), Append(2, 8, {"b"}, 0)}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("offset 0 holds two events"), HasSubstr("Append(a)"), HasSubstr("Append(b)"))));
}

TEST(LinearizabilityTest, OneEventTwiceIsRefused) {
  EXPECT_THAT(CheckLinearizable({Unknown(1, {"a"}), Read(2, 3, {"a", "a"})}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("event a is at two offsets")));
}

TEST(LinearizabilityTest, AnotherOrderThanThatOfTheCallsIsRefused) {
  EXPECT_THAT(
      CheckLinearizable({Append(1, 2, {"a"}, 1), Append(3, 4, {"b"}, 0)}),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("Append(a), at offset 1: the head is another")));
}

TEST(LinearizabilityTest, HalfABatchIsRefused) {
  EXPECT_THAT(CheckLinearizable({Append(1, 9, {"a", "b"}, 0), Read(2, 3, {"a"})}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("(a)")));
  EXPECT_THAT(CheckLinearizable({Unknown(1, {"a", "b"}), Read(2, 3, {"a"})}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("(a)")));
}

TEST(LinearizabilityTest, AReadOfTheFutureIsRefused) {
  EXPECT_THAT(CheckLinearizable({Read(1, 2, {"a"}), Append(3, 4, {"a"}, 0)}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("it read what is not there yet")));
}

TEST(LinearizabilityTest, ACompareThatHeldAgainstAnotherHeadIsRefused) {
  LogOperation wrong = AppendAt(3, 4, {"b"}, 0);
  wrong.offset = 1;
  wrong.next_offset = 2;
  EXPECT_THAT(CheckLinearizable({Append(1, 2, {"a"}, 0), wrong}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("the head is another than it expected")));
  // Two that expected the same.
  EXPECT_THAT(CheckLinearizable({Append(1, 9, {"a"}, 0), AppendAt(2, 8, {"b"}, 1), AppendAt(3, 7, {"c"}, 1)}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("offset 1 holds two events")));
}

TEST(LinearizabilityTest, ACompareThatWasRefusedAtTheHeadThatItExpectedIsRefused) {
  EXPECT_THAT(CheckLinearizable({Append(1, 2, {"a"}, 0), Mismatch(3, 4, 1, 1)}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("the head is what it expected")));
  EXPECT_THAT(CheckLinearizable({Append(1, 2, {"a"}, 0), Mismatch(3, 4, 7, 0)}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("the head was 0")));
}

TEST(LinearizabilityTest, ASearchThatIsTooLongIsNotAnAnswer) {
  EXPECT_THAT(CheckLinearizable({Append(1, 2, {"a"}, 0), Stats(3, 4, 1)}, {1}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("too long")));
}

TEST(LinearizabilityTest, ALongHistoryOfManyClientsNeedsNoLongSearch) {
  // 16 appends at a time, answered in another order than they took effect in, with 200 that never answered.
  LogHistory history;
  int64_t offset = 0;
  for (int64_t round = 0; round < 200; ++round) {
    history.push_back(Unknown(round * 100, {absl::StrCat("u", round)}));
    for (int64_t i = 0; i < 16; ++i) {
      history.push_back(Append(round * 100 + i, round * 100 + 60 - 2 * i, {absl::StrCat(round, ".", i)}, offset + i));
    }
    offset += 16;
    history.push_back(Stats(round * 100 + 70, round * 100 + 71, offset));
  }
  EXPECT_THAT(CheckLinearizable(history, {1'000'000}), IsOk());
}

// Tries every order, every choice of the unknown ones, with a model of its own.
bool SomeOrderFits(const LogHistory& history, std::vector<bool>& taken, std::vector<std::string>& log) {
  int64_t first_return = INT64_MAX;
  bool complete = true;
  for (size_t i = 0; i < history.size(); ++i) {
    if (taken[i] || history[i].outcome == Outcome::kUnknown) continue;
    complete = false;
    first_return = std::min(first_return, history[i].returned);
  }
  if (complete) return true;
  for (size_t i = 0; i < history.size(); ++i) {
    const LogOperation& operation = history[i];
    if (taken[i] || operation.called > first_return) continue;
    const int64_t head = static_cast<int64_t>(log.size());
    const bool as_expected = operation.expected_next_offset.value_or(head) == head;
    bool fits = false, grows = false;
    if (operation.kind == Kind::kStats) {
      fits = operation.next_offset == head;
    } else if (operation.kind == Kind::kRead) {
      fits = operation.next_offset <= head && (!operation.end_of_log || operation.next_offset == head) &&
             std::equal(operation.values.begin(), operation.values.end(), log.begin() + operation.offset);
    } else if (operation.outcome == Outcome::kMismatch) {
      fits = !as_expected && operation.next_offset == head;
    } else {
      grows = true;
      fits = as_expected && (operation.outcome == Outcome::kUnknown || operation.offset == head);
    }
    if (!fits) continue;
    taken[i] = true;
    if (grows) log.insert(log.end(), operation.values.begin(), operation.values.end());
    if (SomeOrderFits(history, taken, log)) return true;
    if (grows) log.resize(log.size() - operation.values.size());
    taken[i] = false;
  }
  return false;
}

// A few operations of a log that sometimes answers wrongly.
LogHistory RandomHistory(std::mt19937& random) {
  const auto below = [&](int limit) { return static_cast<int64_t>(random() % static_cast<uint32_t>(limit)); };
  LogHistory history;
  std::vector<std::string> log;
  for (int i = 0; i < 6; ++i) {
    const int64_t moment = 10 * i, head = static_cast<int64_t>(log.size());
    const int64_t called = moment - below(25), returned = moment + 1 + below(25);
    const int64_t wrong = below(12) == 0 ? 1 : 0;
    switch (below(5)) {
      case 0:
        history.push_back(Stats(called, returned, head + wrong));
        break;
      case 1: {
        const int64_t size = std::max<int64_t>(0, head - wrong);
        history.push_back(Read(called, returned, {log.begin(), log.begin() + size}, below(3) > 0));
        break;
      }
      case 2:
        history.push_back(Mismatch(called, returned, head + 1 - wrong, head));
        break;
      case 3:
        history.push_back(Unknown(called, {absl::StrCat("u", i)}));
        if (below(2) == 0) log.push_back(absl::StrCat("u", i));
        break;
      default:
        history.push_back(Append(called, returned, {absl::StrCat("a", i)}, std::max<int64_t>(0, head - wrong)));
        log.push_back(absl::StrCat("a", i));
        break;
    }
  }
  return history;
}

TEST(LinearizabilityTest, AgreesWithTryingEveryOrder) {
  std::mt19937 random(1);
  int fit = 0, refused = 0;
  for (int i = 0; i < 5000; ++i) {
    const LogHistory history = RandomHistory(random);
    std::vector<bool> taken(history.size());
    std::vector<std::string> log;
    const bool fits = SomeOrderFits(history, taken, log);
    const absl::Status status = CheckLinearizable(history);
    ++(fits ? fit : refused);
    if (fits == status.ok()) continue;
    for (const LogOperation& operation : history) ADD_FAILURE() << Describe(operation);
    FAIL() << "history " << i << " is " << (fits ? "right: " : "wrong, and accepted") << status;
  }
  EXPECT_GT(fit, 500);
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace eventlog

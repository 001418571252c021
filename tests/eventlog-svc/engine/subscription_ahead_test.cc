// What a subscription may read before it is asked for its next message, and how its messages share what was read.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "eventlog-svc/engine/record_bytes.h"
#include "eventlog-svc/engine/subscription.h"
#include "gtest/gtest.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

constexpr int kPage = 1000;  // records

class SubscriptionAheadTest : public testing::Test {
 protected:
  explicit SubscriptionAheadTest() { AppendRecords(3 * kPage); }
  void AppendRecords(int count) {
    for (int i = 0; i < count; i += 100) {
      ASSERT_THAT(Append(*log_, MakeBatch(std::vector<std::string>(100, std::string(150, 'x')))), IsOk());
    }
  }
  Subscription FromEarliest(SubscriptionOptions options = {}) {
    options.start = StartEarliest{};
    Subscription subscription(*log_, std::move(options));
    EXPECT_FALSE(subscription.PageAhead().has_value()) << "it does not know yet where it starts";
    EXPECT_TRUE(std::holds_alternative<StartedMessage>(*subscription.Next(absl::Now())));
    return subscription;
  }
  // The offset behind the next message, a batch.
  static int64_t TakeBatch(Subscription& subscription) {
    const absl::StatusOr<SubscriptionMessage> message = subscription.Next(absl::Now());
    return std::get<BatchMessage>(*message).next_offset;
  }

  const std::unique_ptr<LocalEngine> engine_ = NewMemoryEngine({});
  Log* const log_ = engine_->logs().front().get();
};

TEST_F(SubscriptionAheadTest, ItIsThePageBehindWhatIsAtHand) {
  SubscriptionOptions options;
  options.records_max = 400;
  Subscription subscription = FromEarliest(options);
  EXPECT_EQ(subscription.PageAhead()->from, 0);
  EXPECT_EQ(TakeBatch(subscription), 400);
  ASSERT_TRUE(subscription.HasNextAtHand());
  const std::optional<ReadOptions> ahead = subscription.PageAhead();
  ASSERT_TRUE(ahead.has_value());
  EXPECT_EQ(ahead->from, kPage);
  EXPECT_EQ(TakeBatch(subscription), 800);
  EXPECT_EQ(subscription.PageAhead()->from, kPage) << "until it is set";
  EXPECT_EQ(TakeBatch(subscription), kPage);
  EXPECT_FALSE(subscription.HasNextAtHand());
  subscription.SetPage(*log_->Read(*ahead));
  EXPECT_TRUE(subscription.HasNextAtHand());
  EXPECT_EQ(subscription.PageAhead()->from, 2 * kPage);
  EXPECT_EQ(TakeBatch(subscription), kPage + 400);
}

TEST_F(SubscriptionAheadTest, NothingIsAheadWhereTheLogHasLessThanAPage) {
  Subscription subscription = FromEarliest();
  EXPECT_EQ(TakeBatch(subscription), kPage);
  EXPECT_EQ(TakeBatch(subscription), 2 * kPage);
  EXPECT_EQ(subscription.PageAhead()->from, 2 * kPage);
  EXPECT_EQ(TakeBatch(subscription), 3 * kPage);
  EXPECT_FALSE(subscription.PageAhead().has_value());
  AppendRecords(kPage - 100);
  EXPECT_FALSE(subscription.PageAhead().has_value()) << "there will be more by the time that it is wanted";
  AppendRecords(100);
  EXPECT_EQ(subscription.PageAhead()->from, 3 * kPage);
}

TEST_F(SubscriptionAheadTest, MessagesOfAPageShareIt) {
  SubscriptionOptions options;
  options.records_max = 400;
  Subscription subscription = FromEarliest(options);
  std::vector<RecordBytes> messages;
  std::string wire;
  for (int i = 0; i < 6; ++i) {
    absl::StatusOr<SubscriptionMessage> message = subscription.Next(absl::Now());
    messages.push_back(std::move(std::get<BatchMessage>(*message).records));
    EXPECT_TRUE(messages.back().holds_page()) << i;
    wire.append(messages.back().view().data(), messages.back().size());
    if (i % 3 > 0) {
      const absl::string_view before = messages[messages.size() - 2].view();
      EXPECT_EQ(before.data() + before.size(), messages.back().view().data()) << i;
    }
  }
  EXPECT_EQ(wire, log_->Read({0, Direction::kForward, 2 * kPage, 1 << 20})->wire);
}

TEST_F(SubscriptionAheadTest, WhatIsASmallPartOfItsPageDoesNotHoldIt) {
  SubscriptionOptions filtered;
  filtered.filter = *EventFilter::Create({{"t", "test.*"}, {}, {}, {}});
  // How many records of a page of 1,000 a message has, and whether it holds the page.
  const auto check = [this](SubscriptionOptions options, int64_t records, bool holds) {
    options.records_max = records;
    Subscription subscription = FromEarliest(options);
    const absl::StatusOr<SubscriptionMessage> message = subscription.Next(absl::Now());
    const auto& batch = std::get<BatchMessage>(*message);
    EXPECT_EQ(batch.record_count, records);
    EXPECT_EQ(batch.records.holds_page(), holds) << records;
    EXPECT_EQ(batch.records.view(), log_->Read({0, Direction::kForward, records, 1 << 20})->wire);
  };
  check({}, kPage, true);
  check({}, kPage / 10, true);
  check({}, kPage / 100, false);
  check(filtered, kPage, true);
  check(filtered, kPage / 10, false);
}

TEST_F(SubscriptionAheadTest, NothingIsAheadOfWhatMayNotBeWanted) {
  SubscriptionOptions filtered;
  filtered.filter = *EventFilter::Create({{"no.such"}, {}, {}, {}});
  EXPECT_FALSE(FromEarliest(filtered).PageAhead().has_value());
  SubscriptionOptions until;
  until.until_offset = 2 * kPage - 1;
  Subscription ending = FromEarliest(until);
  EXPECT_EQ(TakeBatch(ending), kPage);
  EXPECT_FALSE(ending.PageAhead().has_value());
  SubscriptionOptions until_time;
  until_time.until_time = absl::UnixEpoch();
  Subscription ended = FromEarliest(until_time);
  ended.Next(absl::Now()).IgnoreError();
  EXPECT_FALSE(ended.PageAhead().has_value());
}

}  // namespace
}  // namespace eventlog

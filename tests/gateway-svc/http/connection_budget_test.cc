#include "gateway-svc/http/connection_budget.h"

#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace gateway {
namespace {

using Answer = ConnectionBudget::Answer;

using Endpoint = boost::asio::ip::tcp::endpoint;

const Endpoint kOne(boost::asio::ip::make_address("192.0.2.1"), 1001);
const Endpoint kOther(boost::asio::ip::make_address("192.0.2.2"), 1002);

TEST(ConnectionBudgetTest, APlaceIsGivenBackOnce) {
  ConnectionBudget budget(10);
  {
    ConnectionPlace place, second;
    EXPECT_FALSE(place.held());
    ASSERT_EQ(budget.Take(kOne, place), Answer::kTaken);
    EXPECT_TRUE(place.held());
    second = std::move(place);
    ConnectionPlace third(std::move(second));
    EXPECT_TRUE(third.held());
    EXPECT_EQ(third.peer(), kOne);
    EXPECT_EQ(budget.open(), 1);
  }
  EXPECT_EQ(budget.open(), 0);
}

TEST(ConnectionBudgetTest, AssigningGivesTheOldPlaceBack) {
  ConnectionBudget budget(10);
  ConnectionPlace place, second;
  ASSERT_EQ(budget.Take(kOne, place), Answer::kTaken);
  ASSERT_EQ(budget.Take(kOther, second), Answer::kTaken);
  place = std::move(second);
  EXPECT_EQ(budget.open(), 1);
  EXPECT_TRUE(place.held());
  place = ConnectionPlace();
  EXPECT_EQ(budget.open(), 0);
}

TEST(ConnectionBudgetTest, BeyondTheCapSomeAreToldAndTheRestIsRefused) {
  ConnectionBudget budget(1);
  std::vector<ConnectionPlace> places(1 + ConnectionBudget::kToldMax);
  EXPECT_FALSE(budget.exceeded());
  for (ConnectionPlace& place : places) ASSERT_EQ(budget.Take(kOne, place), Answer::kTaken);
  EXPECT_TRUE(budget.exceeded());
  ConnectionPlace place;
  EXPECT_EQ(budget.Take(kOther, place), Answer::kFull);
  EXPECT_FALSE(place.held());
  places.clear();
  EXPECT_EQ(budget.Take(kOther, place), Answer::kTaken);
}

TEST(ConnectionBudgetTest, AnAddressHasItsOwnCap) {
  ConnectionBudget budget(10, /*per_address_max=*/1);
  ConnectionPlace first, second, third;
  EXPECT_EQ(budget.Take(kOne, first), Answer::kTaken);
  EXPECT_EQ(budget.Take(kOne, second), Answer::kAddressFull);
  EXPECT_FALSE(second.held());
  EXPECT_EQ(budget.Take(kOther, third), Answer::kTaken);
  EXPECT_EQ(budget.open(), 2);
  first = ConnectionPlace();
  EXPECT_EQ(budget.Take(kOne, second), Answer::kTaken);
}

TEST(ConnectionBudgetTest, NoneIsAwaited) {
  ConnectionBudget budget(10);
  ConnectionPlace place;
  ASSERT_EQ(budget.Take(kOne, place), Answer::kTaken);
  EXPECT_FALSE(budget.AwaitNone(absl::ZeroDuration()));
  place = ConnectionPlace();
  EXPECT_TRUE(budget.AwaitNone(absl::ZeroDuration()));
}

}  // namespace
}  // namespace gateway

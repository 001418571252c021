#include "eventlog-svc/engine/event_list.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<std::pair<std::string, bool>> Contents(const EventList& list) {
  std::vector<std::pair<std::string, bool>> contents;
  for (const EventView event : list) contents.emplace_back(event.wire, event.lacks_time);
  return contents;
}

TEST(EventListTest, GivesBackWhatWasAdded) {
  EventList list;
  EXPECT_TRUE(list.empty());
  list.Reserve(1, 1);
  list.Add("one", true);
  list.Add("", false);
  list.Add("th", "ree", false);
  EXPECT_EQ(list.size(), 3u);
  EXPECT_EQ(list.byte_size(), 8u);
  EXPECT_THAT(Contents(list), ElementsAre(Pair("one", true), Pair("", false), Pair("three", false)));
}

TEST(EventListTest, ACopyStandsOnItsOwn) {
  EventList list = {{"a", true}, {"b", false}};
  const EventList copy = list;
  list.Add("c", true);
  EXPECT_THAT(Contents(copy), ElementsAre(Pair("a", true), Pair("b", false)));
  EXPECT_EQ(list.size(), 3u);
}

}  // namespace
}  // namespace eventlog

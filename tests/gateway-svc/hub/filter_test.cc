#include "gateway-svc/hub/filter.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace gateway {
namespace {

EncodedEvent Event(const std::string& type, const std::string& subject, const std::string& source) {
  EncodedEvent event;
  event.type = type;
  event.subject = subject;
  event.source = source;
  return event;
}

TEST(FilterTest, AnEmptyFilterTakesAll) {
  EXPECT_TRUE(Filter().Matches(Event("a", "", "/")));
  EXPECT_TRUE(Filter().empty());
}

TEST(FilterTest, APrefixTakesWhatIsBelowItAndNotTheWordItself) {
  const Filter filter{{"session.*"}, {}, {}};
  EXPECT_TRUE(filter.Matches(Event("session.created", "", "/")));
  EXPECT_TRUE(filter.Matches(Event("session.a.b", "", "/")));
  EXPECT_FALSE(filter.Matches(Event("session", "", "/")));
  EXPECT_FALSE(filter.Matches(Event("sessions.created", "", "/")));
}

TEST(FilterTest, FieldsAreAndValuesAreOr) {
  const Filter filter{{"a", "b"}, {"s1"}, {"/", "/x"}};
  EXPECT_TRUE(filter.Matches(Event("a", "s1", "/")));
  EXPECT_TRUE(filter.Matches(Event("b", "s1", "/x")));
  EXPECT_FALSE(filter.Matches(Event("c", "s1", "/")));
  EXPECT_FALSE(filter.Matches(Event("a", "s2", "/")));
  EXPECT_FALSE(filter.Matches(Event("a", "s1", "/y")));
}

TEST(FilterTest, FiltersThatMeanTheSameAreOne) {
  const Filter one = Normalized({{"b", "a", "a", "x.*", "x.y", "x.y.*"}, {"2", "1", "2"}, {}});
  const Filter two = Normalized({{"x.*", "a", "b"}, {"1", "2"}, {}});
  EXPECT_EQ(one.types, (std::vector<std::string>{"a", "b", "x.*"}));
  EXPECT_EQ(FilterKey(one), FilterKey(two));
  EXPECT_TRUE(Normalized({{"*", "a"}, {}, {}}).empty());
}

TEST(FilterTest, FiltersThatMeanSomethingElseHaveAnotherKey) {
  const std::vector<Filter> filters = {{},
                                       {{"a"}, {}, {}},
                                       {{}, {"a"}, {}},
                                       {{}, {}, {"a"}},
                                       {{"ab"}, {}, {}},
                                       {{"a", "b"}, {}, {}},
                                       {{"a"}, {"b"}, {}}};
  for (size_t i = 0; i < filters.size(); ++i) {
    for (size_t k = i + 1; k < filters.size(); ++k) EXPECT_NE(FilterKey(filters[i]), FilterKey(filters[k]));
  }
}

TEST(FilterTest, EachAttributeThatIsWantedMustHaveOneOfItsValues) {
  Filter filter;
  filter.attributes = {{"lang", {"de", "en"}}, {"region", {"eu"}}};
  EncodedEvent event = Event("a", "", "/");
  EXPECT_FALSE(filter.Matches(event)) << "an event without attributes";
  event.attributes = {{"region", "eu"}, {"lang", "en"}, {"other", "x"}};
  EXPECT_TRUE(filter.Matches(event));
  event.attributes = {{"region", "eu"}, {"lang", "fr"}};
  EXPECT_FALSE(filter.Matches(event));
  event.attributes = {{"region", "eu"}};
  EXPECT_FALSE(filter.Matches(event));
  event.attributes = {{"lang", "eu"}, {"region", "de"}};
  EXPECT_FALSE(filter.Matches(event)) << "a value belongs to its key";
}

TEST(FilterTest, AttributesAreNormalizedAndInTheKey) {
  Filter one, two;
  one.attributes = {{"k", {"b", "a", "b"}}};
  two.attributes = {{"k", {"a", "b"}}};
  EXPECT_FALSE(one.empty());
  EXPECT_EQ(Normalized(one).attributes, two.attributes);
  EXPECT_EQ(FilterKey(Normalized(one)), FilterKey(two));
  std::vector<Filter> filters(5);
  filters[0].attributes = {{"k", {"a", "b"}}};
  filters[1].attributes = {{"k", {"ab"}}};
  filters[2].attributes = {{"k", {"a"}}, {"b", {"b"}}};
  filters[3].attributes = {{"k", {"a"}}, {"b", {}}};
  filters[4].types = {"k", "a", "b"};
  for (size_t i = 0; i < filters.size(); ++i) {
    for (size_t k = i + 1; k < filters.size(); ++k) EXPECT_NE(FilterKey(filters[i]), FilterKey(filters[k]));
  }
}

}  // namespace
}  // namespace gateway

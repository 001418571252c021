#include "eventlog-svc/engine/event_filter.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/event.pb.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Record(const std::string& type, const std::string& subject = "", const std::string& source = "") {
  v1::Record record;
  record.mutable_event()->set_id("id");
  record.mutable_event()->set_type(type);
  record.mutable_event()->set_subject(subject);
  record.mutable_event()->set_source(source);
  record.mutable_event()->set_text("session.created");  // the payload is not looked at
  record.set_offset(5);
  return record.SerializeAsString();
}

EventFilter Filter(const EventFilterSpec& spec) {
  absl::StatusOr<EventFilter> filter = EventFilter::Create(spec);
  EXPECT_THAT(filter, IsOk());
  return filter.ok() ? *std::move(filter) : EventFilter();
}

TEST(EventFilterTest, AnEmptyOneTakesAll) {
  EXPECT_TRUE(Filter({}).takes_all());
  EXPECT_TRUE(Filter({}).Matches(Record("a")));
  EXPECT_TRUE(EventFilter().Matches("no record at all"));
  EXPECT_FALSE(Filter({{"a"}, {}, {}, {}}).takes_all());
  EXPECT_FALSE(Filter({{}, {}, {}, {{"k", "v"}}}).takes_all());
}

TEST(EventFilterTest, ATypeIsExactOrAPrefixUpToADot) {
  const EventFilter exact = Filter({{"session"}, {}, {}, {}});
  EXPECT_TRUE(exact.Matches(Record("session")));
  EXPECT_FALSE(exact.Matches(Record("session.created")));
  const EventFilter prefix = Filter({{"session.*"}, {}, {}, {}});
  EXPECT_TRUE(prefix.Matches(Record("session.created")));
  EXPECT_TRUE(prefix.Matches(Record("session.a.b")));
  EXPECT_FALSE(prefix.Matches(Record("session")));
  EXPECT_FALSE(prefix.Matches(Record("sessions.created")));
  EXPECT_FALSE(prefix.Matches(Record("my.session.created")));
}

TEST(EventFilterTest, FieldsAreAndedAndTheirValuesOred) {
  const EventFilter filter = Filter({{"a", "b.*"}, {"s1", "s2"}, {}, {}});
  EXPECT_TRUE(filter.Matches(Record("a", "s1")));
  EXPECT_TRUE(filter.Matches(Record("b.c", "s2")));
  EXPECT_FALSE(filter.Matches(Record("a", "s3")));
  EXPECT_FALSE(filter.Matches(Record("c", "s1")));
  EXPECT_FALSE(filter.Matches(Record("a")));
}

TEST(EventFilterTest, TheRootSourceIsAlsoTheEmptyOne) {
  const EventFilter root = Filter({{}, {}, {"/"}, {}});
  EXPECT_TRUE(root.Matches(Record("a", "", "")));
  EXPECT_TRUE(root.Matches(Record("a", "", "/")));
  EXPECT_FALSE(root.Matches(Record("a", "", "/x")));
  EXPECT_FALSE(Filter({{}, {}, {"/x"}, {}}).Matches(Record("a", "", "")));
}

TEST(EventFilterTest, AllAttributesMustBeThereWithTheirValues) {
  v1::Record record;
  record.mutable_event()->set_type("a");
  (*record.mutable_event()->mutable_attributes())["room"] = "hall";
  (*record.mutable_event()->mutable_attributes())["floor"] = "";
  const std::string bytes = record.SerializeAsString();
  EXPECT_TRUE(Filter({{}, {}, {}, {{"room", "hall"}}}).Matches(bytes));
  EXPECT_TRUE(Filter({{}, {}, {}, {{"room", "hall"}, {"floor", ""}}}).Matches(bytes));
  EXPECT_FALSE(Filter({{}, {}, {}, {{"room", "kitchen"}}}).Matches(bytes));
  EXPECT_FALSE(Filter({{}, {}, {}, {{"room", "hall"}, {"roof", ""}}}).Matches(bytes));
  EXPECT_FALSE(Filter({{}, {}, {}, {{"hall", "room"}}}).Matches(bytes));
}

TEST(EventFilterTest, FieldsOfALaterVersionAreSteppedOver) {
  v1::Record record;
  record.mutable_event()->set_type("a");
  v1::Event& event = *record.mutable_event();
  event.GetReflection()->MutableUnknownFields(&event)->AddLengthDelimited(1003, "type");
  event.GetReflection()->MutableUnknownFields(&event)->AddFixed64(1004, 1);
  EXPECT_TRUE(Filter({{"a"}, {}, {}, {}}).Matches(record.SerializeAsString()));
}

TEST(EventFilterTest, BytesThatAreNoRecordMatchNothing) {
  const EventFilter filter = Filter({{"a"}, {}, {}, {}});
  EXPECT_FALSE(filter.Matches(""));
  EXPECT_FALSE(filter.Matches("\xFF\xFF\xFF"));
  const std::string record = Record("a");
  for (size_t size = 0; size < 8; ++size) EXPECT_FALSE(filter.Matches(record.substr(0, size))) << size;
}

TEST(EventFilterTest, WhatIsMalformedIsRefusedAndSaysWhere) {
  const std::vector<std::pair<std::string, EventFilterSpec>> bad = {
      {"filter.types[0]", {{""}, {}, {}, {}}},
      {"filter.types[0]", {{"*"}, {}, {}, {}}},
      {"filter.types[0]", {{".*"}, {}, {}, {}}},
      {"filter.types[1]", {{"a", "a*"}, {}, {}, {}}},
      {"filter.types[0]", {{"*.a"}, {}, {}, {}}},
      {"filter.types[0]", {{"a.*.*"}, {}, {}, {}}},
      {"filter.types[0]", {{std::string(EventFilter::kTypeBytesMax + 1, 'x')}, {}, {}, {}}},
      {"filter.subjects[0]", {{}, {""}, {}, {}}},
      {"filter.subjects[0]", {{}, {"a\x7F"}, {}, {}}},
      {"filter.sources[0]", {{}, {}, {"\n"}, {}}},
      {"filter.sources[0]", {{}, {}, {std::string(EventFilter::kValueBytesMax + 1, 'x')}, {}}},
      {"filter.subjects", {{}, std::vector<std::string>(EventFilter::kValuesMax + 1, "s"), {}, {}}},
      {"filter.attributes", {{}, {}, {}, {{"", "v"}}}},
      {"filter.attributes", {{}, {}, {}, {{"k", std::string(EventFilter::kValueBytesMax + 1, 'v')}}}},
  };
  for (const auto& [where, spec] : bad) {
    EXPECT_THAT(EventFilter::Create(spec),
                AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(where)), HasReason("FILTER_INVALID")));
  }
}

TEST(EventFilterTest, LimitsAreReachedBeforeTheyAreBroken) {
  EXPECT_THAT(EventFilter::Create({{std::string(EventFilter::kTypeBytesMax, 'x')}, {}, {}, {}}), IsOk());
  EXPECT_THAT(EventFilter::Create({{}, std::vector<std::string>(EventFilter::kValuesMax, "s"), {}, {}}), IsOk());
  EXPECT_THAT(EventFilter::Create({{"a.*"}, {}, {}, {{"k", ""}}}), IsOk());
}

}  // namespace
}  // namespace eventlog

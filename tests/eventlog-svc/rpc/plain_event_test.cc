#include "eventlog-svc/rpc/plain_event.h"

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {
namespace {

std::string Field(char tag, const std::string& bytes) {
  return std::string(1, tag) + static_cast<char>(bytes.size()) + bytes;
}

v1::Event FullEvent() {
  v1::Event event;
  event.set_id("id");
  event.set_source("/source/\xC3\xA9");
  event.set_type("a.b");
  event.set_subject("subject");
  event.mutable_time()->set_seconds(1'700'000'000);
  event.mutable_time()->set_nanos(999'999'999);
  event.set_data_content_type("text/plain");
  (*event.mutable_attributes())["key"] = "a value\nof two lines";
  (*event.mutable_attributes())["none"] = "";
  event.set_text("text, \xE2\x82\xAC");
  return event;
}

// Whether the full event is plain once it was changed.
bool IsPlainWith(const std::function<void(v1::Event&)>& change) {
  v1::Event event = FullEvent();
  change(event);
  return ReadPlainEvent(event.SerializeAsString()).has_value();
}

const std::string kType = Field('\x1A', "a.b");

TEST(PlainEventTest, WhatProtobufWritesIsPlain) {
  const std::string wire = FullEvent().SerializeAsString();
  const auto full = ReadPlainEvent(wire);
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->wire, wire);
  EXPECT_TRUE(full->has_id);
  EXPECT_TRUE(full->has_time);
  const auto small = ReadPlainEvent(kType);
  ASSERT_TRUE(small.has_value());
  EXPECT_FALSE(small->has_id);
  EXPECT_FALSE(small->has_time);
  EXPECT_TRUE(IsPlainWith([](v1::Event& event) { event.set_binary("\xFF\xFE"); }));
  EXPECT_TRUE(IsPlainWith([](v1::Event& event) { event.set_text(""); })) << "an empty text is a text";
  EXPECT_TRUE(IsPlainWith([](v1::Event& event) { event.clear_data(); }));
  EXPECT_TRUE(IsPlainWith([](v1::Event& event) { event.mutable_time()->Clear(); })) << "a time of zero is a time";
  EXPECT_TRUE(IsPlainWith([](v1::Event& event) { event.set_text(std::string(100'000, 'x')); }));
  EXPECT_TRUE(IsPlainWith([](v1::Event& event) { event.set_id(std::string(1024, 'x')); }));
  EXPECT_TRUE(IsPlainWith([](v1::Event& event) { event.set_type(std::string(255, 'x')); }));
  EXPECT_TRUE(IsPlainWith([](v1::Event& event) { event.mutable_time()->set_seconds(253'402'300'799); }));
}

TEST(PlainEventTest, WhatBreaksALimitIsNotPlain) {
  EXPECT_FALSE(ReadPlainEvent("").has_value()) << "no type";
  EXPECT_FALSE(IsPlainWith([](v1::Event& event) { event.clear_type(); }));
  EXPECT_FALSE(IsPlainWith([](v1::Event& event) { event.set_type(std::string(256, 'x')); }));
  EXPECT_FALSE(IsPlainWith([](v1::Event& event) { event.set_id(std::string(1025, 'x')); }));
  EXPECT_FALSE(IsPlainWith([](v1::Event& event) { event.set_source("a\tb"); }));
  EXPECT_FALSE(IsPlainWith([](v1::Event& event) { event.set_subject("a\x7F"); }));
  EXPECT_FALSE(IsPlainWith([](v1::Event& event) { event.set_subject("\xC2\x85"); })) << "C1";
  EXPECT_FALSE(IsPlainWith([](v1::Event& event) { event.mutable_time()->set_seconds(253'402'300'800); }));
  EXPECT_FALSE(IsPlainWith([](v1::Event& event) { event.mutable_time()->set_nanos(1'000'000'000); }));
  EXPECT_FALSE(IsPlainWith([](v1::Event& event) { event.mutable_time()->set_nanos(-1); }));
  EXPECT_FALSE(IsPlainWith([](v1::Event& event) { (*event.mutable_attributes())["UPPER"] = ""; }));
  EXPECT_FALSE(IsPlainWith([](v1::Event& event) { (*event.mutable_attributes())[std::string(65, 'k')] = ""; }));
  EXPECT_FALSE(IsPlainWith([](v1::Event& event) { (*event.mutable_attributes())["k"] = std::string(1025, 'v'); }));
  EXPECT_FALSE(ReadPlainEvent(kType + Field('\x42', "\xFF")).has_value()) << "text that is not UTF-8";
  EXPECT_FALSE(ReadPlainEvent(Field('\x0A', "\xFF") + kType).has_value()) << "an id that is not UTF-8";
  EXPECT_FALSE(ReadPlainEvent(kType + Field('\x3A', Field('\x0A', "k") + Field('\x12', "\xFF"))).has_value());
}

TEST(PlainEventTest, WhatProtobufWouldWriteOtherwiseIsNotPlain) {
  EXPECT_FALSE(ReadPlainEvent(Field('\x12', "/s") + Field('\x0A', "id") + kType).has_value()) << "order";
  EXPECT_FALSE(ReadPlainEvent(kType + kType).has_value()) << "twice";
  EXPECT_FALSE(ReadPlainEvent(Field('\x0A', "") + kType).has_value()) << "an empty id";
  EXPECT_FALSE(ReadPlainEvent(kType + Field('\x42', "text") + Field('\x4A', "binary")).has_value()) << "both kinds";
  EXPECT_FALSE(ReadPlainEvent(kType + Field('\x52', "?")).has_value()) << "field 10";
  EXPECT_FALSE(ReadPlainEvent(kType + "\x38\x01").has_value()) << "attributes as a number";
  const std::string attribute = Field('\x3A', Field('\x0A', "k") + Field('\x12', "v"));
  EXPECT_TRUE(ReadPlainEvent(kType + attribute).has_value());
  EXPECT_FALSE(ReadPlainEvent(kType + attribute + attribute).has_value()) << "a key twice";
  EXPECT_FALSE(ReadPlainEvent(kType + Field('\x3A', Field('\x0A', "k"))).has_value()) << "no value";
  EXPECT_FALSE(ReadPlainEvent(kType + Field('\x3A', Field('\x12', "v") + Field('\x0A', "k"))).has_value());
  EXPECT_FALSE(ReadPlainEvent(kType + Field('\x3A', Field('\x0A', "k") + Field('\x12', "v") + "\x18\x01")).has_value());
  EXPECT_FALSE(ReadPlainEvent(kType + Field('\x2A', "\x10\x01\x08\x01")).has_value()) << "nanos before seconds";
  EXPECT_FALSE(ReadPlainEvent(kType + Field('\x2A', std::string("\x08\x00", 2))).has_value()) << "seconds of 0";
  EXPECT_FALSE(ReadPlainEvent(kType + Field('\x2A', "\x18\x01")).has_value()) << "a time's field 3";
}

TEST(PlainEventTest, ManyAttributesAreForTheParser) {
  const auto with_attributes = [](int count) {
    v1::Event event;
    event.set_type("a.b");
    for (int i = 0; i < count; ++i) (*event.mutable_attributes())[absl::StrCat("key-", i)] = "value";
    return event.SerializeAsString();
  };
  EXPECT_TRUE(ReadPlainEvent(with_attributes(16)).has_value());
  EXPECT_FALSE(ReadPlainEvent(with_attributes(17)).has_value());
}

TEST(PlainEventTest, ACutEventIsNotPlain) {
  const std::string wire = FullEvent().SerializeAsString();
  for (size_t size = 0; size < wire.size(); ++size) {
    const std::string cut = wire.substr(0, size);
    v1::Event event;
    if (event.ParseFromString(cut)) continue;  // cut between two fields
    EXPECT_FALSE(ReadPlainEvent(cut).has_value()) << size;
  }
}

}  // namespace
}  // namespace eventlog

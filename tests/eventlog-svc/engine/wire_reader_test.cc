#include "eventlog-svc/engine/wire_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<std::pair<uint32_t, std::string>> Fields(WireReader reader, bool& ok) {
  std::vector<std::pair<uint32_t, std::string>> fields;
  while (reader.Next()) fields.emplace_back(reader.field(), reader.is_bytes() ? std::string(reader.bytes()) : "-");
  ok = reader.ok();
  return fields;
}

bool IsWhole(const std::string& bytes) {
  bool ok = false;
  Fields(WireReader(bytes), ok);
  return ok;
}

TEST(WireReaderTest, WalksEveryKindOfField) {
  v1::SubscribeRequest request;
  request.set_log("events");
  request.set_offset(300);
  auto* unknown = request.GetReflection()->MutableUnknownFields(&request);
  unknown->AddFixed32(100, 7);
  unknown->AddFixed64(101, 7);
  unknown->AddLengthDelimited((1 << 29) - 1, "far");
  bool ok = false;
  const std::string bytes = request.SerializeAsString();
  EXPECT_THAT(Fields(WireReader(bytes), ok),
              ElementsAre(Pair(1, "events"), Pair(2, "-"), Pair(100, "-"), Pair(101, "-"), Pair((1 << 29) - 1, "far")));
  EXPECT_TRUE(ok);
}

TEST(WireReaderTest, NothingIsAWholeMessage) { EXPECT_TRUE(IsWhole("")); }

TEST(WireReaderTest, EveryCutIsFound) {
  v1::Event event;
  event.set_type("a.b");
  event.mutable_time()->set_seconds(1'700'000'000);
  const std::string bytes = event.SerializeAsString();
  const size_t border = 2 + 3;  // behind the type
  for (size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_EQ(IsWhole(bytes.substr(0, size)), size == border) << size;
  }
}

TEST(WireReaderTest, WhatIsNoFieldIsNotSkipped) {
  EXPECT_FALSE(IsWhole(std::string("\x02\x00", 2)));                      // field number 0
  EXPECT_FALSE(IsWhole("\x0B\x0C"));                                      // a group
  EXPECT_FALSE(IsWhole("\x9A\x80\x80\x80\x80\x01\x01x"));                 // number 3 + 2^32 must not be taken for 3
  EXPECT_FALSE(IsWhole("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"));  // a length beyond everything
  EXPECT_FALSE(IsWhole("\x09\x01\x02"));
  EXPECT_FALSE(IsWhole("\x0D\x01"));
}

}  // namespace
}  // namespace eventlog

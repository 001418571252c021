#include "eventlog-svc/rpc/request_parser.h"

#include <string>

#include "gmock/gmock.h"
#include "grpcpp/support/slice.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// In two slices, as they may come from the network.
grpc::ByteBuffer Buffer(const std::string& bytes) {
  const size_t half = bytes.size() / 2;
  const grpc::Slice slices[] = {grpc::Slice(bytes.substr(0, half)), grpc::Slice(bytes.substr(half))};
  return grpc::ByteBuffer(slices, 2);
}

std::string Field(char tag, const std::string& bytes) {
  return std::string(1, tag) + static_cast<char>(bytes.size()) + bytes;
}

const std::string kGood = Field('\x12', Field('\x1A', "a.b"));
const std::string kBadText = Field('\x12', Field('\x1A', "a.b") + Field('\x42', "\xFF"));

TEST(RequestParserTest, WhatIsWellFormedIsParsed) {
  const auto request = ParseAppendRequest(Buffer(kGood + kGood));
  ASSERT_THAT(request, IsOk());
  EXPECT_EQ(request->events(1).type(), "a.b");
  EXPECT_THAT(ParseAppendRequest(Buffer("")), IsOk());
  EXPECT_THAT(ParseSubscribeRequest(Buffer(Field('\x0A', "events"))), IsOk());
  EXPECT_THAT(ParseReadRequest(Buffer(Field('\x0A', "events"))), IsOk());
  EXPECT_THAT(ParseGetLogStatsRequest(Buffer(Field('\x0A', "events"))), IsOk());
}

TEST(RequestParserTest, TheEventThatIsNotUtf8IsNamed) {
  EXPECT_THAT(ParseAppendRequest(Buffer(kGood + kGood + kBadText)),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("events[2]")), HasReason("EVENT_INVALID")));
}

// An event with a field, unknown to this version, of so many groups one in the other.
std::string NestedEvent(int groups) {
  std::string event = Field('\x1A', "a.b");
  for (int i = 0; i < groups; ++i) event += '\x7B';  // begin of group 15
  for (int i = 0; i < groups; ++i) event += '\x7C';  // its end
  std::string size;
  for (size_t rest = event.size(); rest > 0; rest >>= 7) size += static_cast<char>((rest & 0x7F) | (rest > 0x7F) << 7);
  return '\x12' + size + event;
}

TEST(RequestParserTest, AnEventIsNestedNoDeeperThanItsReadersCanParse) {
  const auto deepest = ParseAppendRequest(Buffer(kGood + NestedEvent(89)));
  ASSERT_THAT(deepest, IsOk());
  v1::SubscribeResponse response;
  *response.mutable_batch()->add_records()->mutable_event() = deepest->events(1);
  EXPECT_TRUE(v1::SubscribeResponse().ParseFromString(response.SerializeAsString()));
  for (const int groups : {90, 98, 500}) {
    EXPECT_THAT(ParseAppendRequest(Buffer(kGood + NestedEvent(groups))),
                AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("events[1]: nested too deeply")),
                      HasReason("EVENT_INVALID")));
  }
  EXPECT_THAT(ParseAppendRequest(Buffer(NestedEvent(100'000))), HasReason("EVENT_INVALID"));
}

TEST(RequestParserTest, AQueryOfMoreThanAFilterCanBeIsNotParsed) {
  std::string empty_names;
  while (empty_names.size() <= 1024 * 1024) empty_names += Field('\x0A', "");
  const auto refused =
      AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most 1048576")), HasReason("REQUEST_INVALID"));
  EXPECT_THAT(ParseSubscribeRequest(Buffer(empty_names)), refused);
  EXPECT_THAT(ParseReadRequest(Buffer(empty_names)), refused);
  EXPECT_THAT(ParseGetLogStatsRequest(Buffer(empty_names)), refused);
  empty_names.resize(1024 * 1024);
  EXPECT_THAT(ParseReadRequest(Buffer(empty_names)), IsOk());
}

TEST(RequestParserTest, WhatIsWrongOutsideOfTheEventsIsTheRequests) {
  const auto refused = AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("REQUEST_INVALID"));
  EXPECT_THAT(ParseAppendRequest(Buffer(kGood + Field('\x0A', "\xFF"))), refused);
  EXPECT_THAT(ParseAppendRequest(Buffer(kGood + "\x12\x7F")), refused);
  EXPECT_THAT(ParseSubscribeRequest(Buffer(Field('\x0A', "\xFF"))), refused);
  EXPECT_THAT(ParseReadRequest(Buffer("\xFF")), refused);
  EXPECT_THAT(ParseGetLogStatsRequest(Buffer("\xFF")), refused);
}

}  // namespace
}  // namespace eventlog

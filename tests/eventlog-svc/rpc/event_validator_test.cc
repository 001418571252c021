#include "eventlog-svc/rpc/event_validator.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int64_t kMax = 10'000;

v1::Event Good() {
  v1::Event event;
  event.set_type("session.created");
  return event;
}

void ExpectInvalid(const v1::Event& event, const std::string& where) {
  EXPECT_THAT(ValidateEvent(event, "events[3]", kMax),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(where)), HasReason("EVENT_INVALID")));
}

TEST(EventValidatorTest, EveryLimitIsReachedBeforeItIsBroken) {
  v1::Event event = Good();
  event.set_type(std::string(255, 't'));
  event.set_id(std::string(1024, 'i'));
  event.set_source(std::string(1024, 's'));
  event.set_subject(std::string(1024, 's'));
  for (int i = 0; i < 62; ++i) (*event.mutable_attributes())["k" + std::to_string(i)] = "";
  (*event.mutable_attributes())[std::string(64, 'k')] = std::string(1024, '\n');
  (*event.mutable_attributes())["a-z_0.9"] = "";
  EXPECT_THAT(ValidateEvent(event, "e", kMax), IsOk());
  event.set_type(std::string(256, 't'));
  ExpectInvalid(event, "events[3].type: 256 bytes");
}

TEST(EventValidatorTest, TheSizeIsThatOfTheWholeEvent) {
  v1::Event event = Good();
  event.set_binary(std::string(kMax - event.ByteSizeLong() - 3, 'x'));
  ASSERT_EQ(event.ByteSizeLong(), static_cast<size_t>(kMax));
  EXPECT_THAT(ValidateEvent(event, "e", kMax), IsOk());
  EXPECT_THAT(ValidateEvent(event, "events[3]", kMax - 1),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("events[3]: 10000 bytes; at most 9999")),
                    HasReason("EVENT_TOO_LARGE")));
}

TEST(EventValidatorTest, NoNameHasAControlCharacter) {
  for (const std::string& bad :
       {std::string("a\0b", 3), std::string("a\x1F"), std::string("\x7F"), std::string("a\xC2\x85")}) {
    v1::Event event = Good();
    event.set_type(bad);
    ExpectInvalid(event, ".type: it has a control");
    event = Good();
    event.set_id(bad);
    ExpectInvalid(event, ".id: it has a control");
    event = Good();
    event.set_source(bad);
    ExpectInvalid(event, ".source: it has a control");
    event = Good();
    event.set_subject(bad);
    ExpectInvalid(event, ".subject: it has a control");
  }
  v1::Event umlaut = Good();
  umlaut.set_subject("\xC3\xA4\xC2\xA0");  // an umlaut, a no-break space
  EXPECT_THAT(ValidateEvent(umlaut, "e", kMax), IsOk());
}

TEST(EventValidatorTest, ATypeIsRequired) { ExpectInvalid({}, "events[3].type: empty"); }

TEST(EventValidatorTest, ATimeIsOneThatCanBeWritten) {
  v1::Event event = Good();
  event.mutable_time()->set_seconds(253'402'300'799);
  event.mutable_time()->set_nanos(999'999'999);
  EXPECT_THAT(ValidateEvent(event, "e", kMax), IsOk());
  event.mutable_time()->set_nanos(1'000'000'000);
  ExpectInvalid(event, ".time");
  event.mutable_time()->set_nanos(0);
  event.mutable_time()->set_seconds(253'402'300'800);
  ExpectInvalid(event, ".time");
  event.mutable_time()->set_seconds(-62'135'596'801);
  ExpectInvalid(event, ".time");
}

TEST(EventValidatorTest, AttributesHaveTheirOwnLimits) {
  for (const std::string& key : {std::string(), std::string("Upper"), std::string("sp ace"), std::string(65, 'k')}) {
    v1::Event event = Good();
    (*event.mutable_attributes())[key] = "";
    ExpectInvalid(event, "events[3].attributes: the key");
  }
  v1::Event event = Good();
  (*event.mutable_attributes())["key"] = std::string(1025, 'v');
  ExpectInvalid(event, "events[3].attributes.key: 1025 bytes");
  event.clear_attributes();
  for (int i = 0; i < 65; ++i) (*event.mutable_attributes())["k" + std::to_string(i)] = "";
  ExpectInvalid(event, "65 attributes; at most 64");
}

TEST(EventValidatorTest, AnErrorDoesNotRepeatAllOfWhatWasWrong) {
  v1::Event event = Good();
  (*event.mutable_attributes())[std::string(5000, 'K')] = "";
  EXPECT_LT(ValidateEvent(event, "events[3]", kMax).message().size(), 400u);
}

}  // namespace
}  // namespace eventlog

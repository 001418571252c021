#include "producers/session/sessiond_lookup.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::HasSubstr;

const std::vector<SessionLabel> kSessions = {
    {"abc1", "build"}, {"abc2", ""}, {"abd3", "abc2"}, {"x", "twice"}, {"y", "twice"}};

TEST(SessiondLookupTest, AnIdIsFoundAlsoWhereItIsAName) {
  EXPECT_THAT(FindSession("abc1", kSessions), IsOkAndHolds(0U));
  EXPECT_THAT(FindSession("abc2", kSessions), IsOkAndHolds(1U));
}

TEST(SessiondLookupTest, ANameIsFound) { EXPECT_THAT(FindSession("build", kSessions), IsOkAndHolds(0U)); }

TEST(SessiondLookupTest, TheBeginOfAnIdIsFoundWhereItIsTheOnlyOne) {
  EXPECT_THAT(FindSession("abd", kSessions), IsOkAndHolds(2U));
  EXPECT_THAT(FindSession("abc", kSessions),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("2 sessions; say more of the id: abc1, abc2")));
}

TEST(SessiondLookupTest, AnAmbiguousNameIsAnError) {
  EXPECT_THAT(FindSession("twice", kSessions), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("x, y")));
}

TEST(SessiondLookupTest, WhatIsNotThereIsNotFound) {
  for (absl::string_view wanted : {"", "buil", "abc11", "\x1b[2J"}) {
    EXPECT_THAT(FindSession(wanted, kSessions), StatusIs(absl::StatusCode::kNotFound)) << wanted;
  }
  EXPECT_THAT(FindSession("\x1b[2J", kSessions), StatusIs(absl::StatusCode::kNotFound, HasSubstr("\\x1b")));
}

TEST(SessiondLookupTest, NamesAreWords) {
  for (absl::string_view name : {"", "build", "9", "a.b_c-d"}) EXPECT_THAT(CheckSessionName(name), IsOk()) << name;
  EXPECT_THAT(CheckSessionName(std::string(kSessionNameBytesMax, 'x')), IsOk());
  for (const std::string& name : {std::string("-x"), std::string("a b"), std::string("a/b"), std::string("\xc3\xbc"),
                                  std::string(kSessionNameBytesMax + 1, 'x')}) {
    EXPECT_THAT(CheckSessionName(name), StatusIs(absl::StatusCode::kInvalidArgument)) << name;
  }
}

}  // namespace
}  // namespace eventlog

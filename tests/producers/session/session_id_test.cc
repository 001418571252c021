#include "producers/session/session_id.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/time/clock.h"

namespace eventlog {
namespace {

TEST(SessionIdTest, ManyOfOneMomentAreAllDifferent) {
  std::set<std::string> ids;
  const absl::Time now = absl::Now();
  for (int i = 0; i < 10'000; ++i) ids.insert(NewSessionId(now));
  EXPECT_EQ(ids.size(), 10'000u);
}

TEST(SessionIdTest, TheyAreInTheOrderOfTheirMaking) {
  const absl::Time now = absl::FromUnixMillis(1'700'000'000'000);
  EXPECT_LT(NewSessionId(now), NewSessionId(now + absl::Milliseconds(1)));
  EXPECT_LT(NewSessionId(now), NewSessionId(now + absl::Hours(24 * 365 * 100)));
  // As a ULID of that millisecond begins.
  EXPECT_EQ(NewSessionId(now).substr(0, 10), "01hf7yat00");
}

TEST(SessionIdTest, WhatCouldLeadOutOfAFolderIsNone) {
  EXPECT_TRUE(IsSessionId(NewSessionId(absl::Now())));
  for (const char* text :
       {"", "x", "../../../etc/passw", "01hf7yat0000000000000", "01HF7YAT0000000000", "01hf7yat000000000u"}) {
    EXPECT_FALSE(IsSessionId(text)) << text;
  }
}

}  // namespace
}  // namespace eventlog

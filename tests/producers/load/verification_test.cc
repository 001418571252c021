#include "producers/load/verification.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

TEST(VerificationTest, SoundOneSaysHowMany) {
  Verification verification;
  verification.expected = verification.unchanged = 7;
  verification.Add(Fault::kForeign, "offset 3: somebody's");
  EXPECT_TRUE(verification.sound());
  EXPECT_EQ(verification.Headline(), "every event came back unchanged: 7 of 7");
}

TEST(VerificationTest, NothingAcknowledgedIsNotCalledUnchanged) {
  EXPECT_EQ(Verification().Headline(), "no event was acknowledged, and none is missing");
}

TEST(VerificationTest, EveryFaultButForeignIsWrong) {
  for (const Fault fault :
       {Fault::kMissing, Fault::kChanged, Fault::kRepeated, Fault::kOutOfOrder, Fault::kMisplaced, Fault::kUnknown}) {
    Verification verification;
    verification.expected = 9;
    verification.unchanged = 5;
    verification.Add(fault, "offset 3", 4);
    EXPECT_FALSE(verification.sound()) << FaultName(fault);
    EXPECT_EQ(verification.count(fault), 4);
    EXPECT_THAT(verification.Headline(), HasSubstr("NOT every event came back unchanged: 5 of 9; 4 "));
  }
}

TEST(VerificationTest, LogThatWasNotReadIsNotSound) {
  Verification verification;
  verification.incomplete = "the log could not be read to its end: connection refused";
  EXPECT_FALSE(verification.sound());
  EXPECT_THAT(verification.Headline(), HasSubstr("could not be read to its end: connection refused"));
}

TEST(VerificationTest, AllAreCountedAndTheFirstAreKept) {
  Verification verification;
  for (int i = 0; i < 100; ++i) verification.Add(Fault::kRepeated, "offset");
  verification.Add(Fault::kMissing, "offset");
  EXPECT_EQ(verification.count(Fault::kRepeated), 100);
  EXPECT_EQ(verification.findings().size(), Verification::kFindingsMax + 1);
}

}  // namespace
}  // namespace eventlog

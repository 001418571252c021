// Spool::AddOnce.

#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/spool.h"
#include "eventlog-svc/client/spool_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/client/spool_fixture.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SpoolAddOnceTest : public SpoolFixture {
 protected:
  static v1::Event IdEvent(const std::string& id, const std::string& text) {
    v1::Event event = TextEvent(text);
    event.set_id(id);
    return event;
  }
  static v1::Event Numbered(int number) { return IdEvent(absl::StrCat("id", number), absl::StrCat(number)); }
  static SpoolStats StatsOf(Spool& spool) { return spool.Stats().value_or(SpoolStats()); }
};

TEST_F(SpoolAddOnceTest, AnIdIsAddedOnceByWhomeverAndAlsoWhenItHasLeft) {
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->AddOnce({IdEvent("1", "a"), IdEvent("2", "b")}), IsOk());
  ASSERT_THAT(spool->AddOnce({IdEvent("2", "b again"), IdEvent("3", "c")}), IsOk());
  ASSERT_THAT(OpenSpool()->AddOnce({IdEvent("1", "a of another")}), IsOk());
  ASSERT_THAT(spool->AddOnce({}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(StatsOf(*spool).added, 3);
  EXPECT_EQ(StatsOf(*spool).events, 3);
  EXPECT_EQ(StatsOf(*spool).dropped, 0);
  EXPECT_EQ(StatsOf(*spool).bytes, static_cast<int64_t>(3 * IdEvent("1", "a").ByteSizeLong()));
  Change("DELETE FROM events; UPDATE state SET events = 0, bytes = 0, acknowledged = 3");
  ASSERT_THAT(OpenSpool()->AddOnce({IdEvent("3", "c"), IdEvent("4", "d")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("d"));
}

TEST_F(SpoolAddOnceTest, WithinOneCallTheFirstIsTheOne) {
  ASSERT_THAT(OpenSpool()->AddOnce({IdEvent("1", "a"), IdEvent("1", "b"), IdEvent("2", "c")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("a", "c"));
}

TEST_F(SpoolAddOnceTest, WithoutAnIdAndByAddAllAreAdded) {
  const auto spool = OpenSpool();
  for (int i = 0; i < 2; ++i) ASSERT_THAT(spool->AddOnce({IdEvent("1", "a"), TextEvent("no id")}), IsOk());
  ASSERT_THAT(spool->Add({IdEvent("1", "by Add")}), IsOk());
  ASSERT_THAT(spool->Add({IdEvent("5", "by Add")}), IsOk());
  ASSERT_THAT(spool->AddOnce({IdEvent("5", "which does not note it")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("a", "no id", "no id", "by Add", "by Add", "which does not note it"));
}

TEST_F(SpoolAddOnceTest, WhatIsKnownNeedsNoRoomAndWhatIsRefusedIsNotKnown) {
  options_.events_max = 2;
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->AddOnce({IdEvent("1", "a"), IdEvent("2", "b")}), IsOk());
  EXPECT_THAT(spool->AddOnce({IdEvent("1", "a"), IdEvent("2", "b")}), IsOk());
  EXPECT_EQ(StatsOf(*spool).dropped, 0);
  EXPECT_THAT(spool->AddOnce({IdEvent("1", "a"), IdEvent("3", "c"), IdEvent("4", "d")}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("full")));
  EXPECT_EQ(StatsOf(*spool).dropped, 2) << "the one that is known is no loss";
  Change("DELETE FROM events; UPDATE state SET events = 0, bytes = 0");
  ASSERT_THAT(spool->AddOnce({IdEvent("1", "a"), IdEvent("3", "c"), IdEvent("4", "d")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("c", "d"));
}

TEST_F(SpoolAddOnceTest, TheOldestMakeRoomOnlyForWhatIsNew) {
  options_.events_max = 2;
  options_.drop_oldest = true;
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->AddOnce({IdEvent("1", "a"), IdEvent("2", "b")}), IsOk());
  ASSERT_THAT(spool->AddOnce({IdEvent("1", "a"), IdEvent("2", "b")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("a", "b"));
  ASSERT_THAT(spool->AddOnce({IdEvent("1", "a"), IdEvent("3", "c")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("b", "c"));
  EXPECT_EQ(StatsOf(*spool).dropped, 1);
  options_.events_max = 1;  // fewer than there are
  ASSERT_THAT(OpenSpool()->AddOnce({IdEvent("1", "a"), IdEvent("3", "c")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("b", "c"));
}

TEST_F(SpoolAddOnceTest, AcrossADatabaseThatIsSetAsideItIsAddedAgain) {
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->AddOnce({IdEvent("1", "a")}), IsOk());
  ASSERT_THAT((*SpoolDatabase::Open(options_, target_))->SetAside(absl::DataLossError("said the test")), IsOk());
  for (int i = 0; i < 2; ++i) ASSERT_THAT(spool->AddOnce({IdEvent("1", "a")}), IsOk());
  EXPECT_THAT(Waiting(2), ElementsAre("a")) << "what was in the first one is not sent";
}

TEST_F(SpoolAddOnceTest, OfManyProcessesWithTheSameIdsOneAddsEach) {
  constexpr int kProcesses = 20, kEvents = 50;
  std::vector<pid_t> children;
  for (int p = 0; p < kProcesses; ++p) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto spool = Spool::Open(options_, target_);
      for (int i = 0; i < kEvents; ++i) {
        if (!spool.ok() || !(*spool)->AddOnce({Numbered(i), Numbered(i + 1)}).ok()) _exit(1);
      }
      _exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  std::vector<std::string> all;
  for (int i = 0; i <= kEvents; ++i) all.push_back(absl::StrCat(i));
  EXPECT_EQ(Waiting(), all);
}

TEST_F(SpoolAddOnceTest, WhoeverIsKilledIsRepeatedAndEachIsThereOnce) {
  absl::BitGen random;
  int next = 0;
  for (int round = 0; round < 20; ++round) {
    const std::string said = SaidUntilKilled(absl::Uniform<size_t>(random, 1, 300), [&](int descriptor) {
      const auto spool = Spool::Open(options_, target_);
      for (int i = next; spool.ok(); ++i) {
        if (!(*spool)->AddOnce({Numbered(i)}).ok() || write(descriptor, "x", 1) != 1) break;
      }
    });
    const int kept = static_cast<int>(said.size());
    // Who does not know how far the other came repeats all of it, and one that the other may have kept unsaid.
    const auto spool = OpenSpool();
    for (int i = next; i <= next + kept; ++i) ASSERT_THAT(spool->AddOnce({Numbered(i)}), IsOk());
    next += kept + 1;
  }
  std::vector<std::string> all;
  for (int i = 0; i < next; ++i) all.push_back(absl::StrCat(i));
  EXPECT_EQ(Waiting(), all);
}

}  // namespace
}  // namespace eventlog

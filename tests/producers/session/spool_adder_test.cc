#include "producers/session/spool_adder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "producers/spool/spool_folder.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<v1::Event> TwoEvents() {
  std::vector<v1::Event> events(2);
  events[0].set_type("a");
  events[1].set_type("b");
  return events;
}

class SpoolAdderTest : public testing::Test {
 protected:
  SpoolAdderTest() {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    setenv(kSpoolDirVariable, absl::StrCat(testing::TempDir(), "/", name).c_str(), 1);
    options_.server = "log.example:1";
    options_.ensure_sender = [this](const std::string& folder) {
      senders_.push_back(folder);
      return absl::InternalError("no sender");
    };
  }
  SpoolAdderOptions options_;
  std::vector<std::string> senders_;
};

TEST_F(SpoolAdderTest, WhatIsAddedIsInTheSpoolOfItsServerAndSomebodyIsCalledToSend) {
  SpoolAdder adder(options_);
  EXPECT_THAT(adder.Add(TwoEvents()), IsOk()) << "a sender that cannot be had is of no consequence";
  EXPECT_THAT(adder.Add(TwoEvents()), IsOk());
  const std::string folder = SpoolFolder("log.example:1", "");
  EXPECT_THAT(senders_, ElementsAre(folder, folder));
  SpoolOptions spool;
  spool.folder = folder;
  const absl::StatusOr<std::unique_ptr<Spool>> opened = Spool::OpenExisting(spool);
  ASSERT_THAT(opened.status(), IsOk());
  EXPECT_EQ((*opened)->Stats()->events, 4);
  EXPECT_EQ((*opened)->target().server, "log.example:1");
}

TEST_F(SpoolAdderTest, AnEventThatHasAnIdIsKeptOnceWhoeverAddsIt) {
  std::vector<v1::Event> events = TwoEvents();
  events[0].set_id("s1.session.removed");
  EXPECT_THAT(SpoolAdder(options_).Add(events), IsOk());
  EXPECT_THAT(SpoolAdder(options_).Add({events[0]}), IsOk()) << "it is kept";
  SpoolOptions spool;
  spool.folder = SpoolFolder("log.example:1", "");
  const absl::StatusOr<std::unique_ptr<Spool>> opened = Spool::OpenExisting(spool);
  ASSERT_THAT(opened.status(), IsOk());
  EXPECT_EQ((*opened)->Stats()->events, 2);
}

TEST_F(SpoolAdderTest, ASpoolThatCannotBeOpenedIsTriedAgain) {
  setenv(kSpoolDirVariable, "/proc/no/such/place", 1);
  SpoolAdder adder(options_);
  EXPECT_FALSE(adder.Add(TwoEvents()).ok());
  EXPECT_THAT(senders_, IsEmpty());
  setenv(kSpoolDirVariable, absl::StrCat(testing::TempDir(), "/later").c_str(), 1);
  EXPECT_THAT(adder.Add(TwoEvents()), IsOk());
}

TEST_F(SpoolAdderTest, WithoutAnyPlaceItSaysSo) {
  unsetenv(kSpoolDirVariable);
  unsetenv("XDG_STATE_HOME");
  unsetenv("HOME");
  EXPECT_FALSE(SpoolAdder(options_).Add(TwoEvents()).ok());
}

}  // namespace
}  // namespace eventlog

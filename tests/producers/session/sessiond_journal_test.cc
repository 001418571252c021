#include "producers/session/sessiond_journal.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "producers/session/session_events.h"
#include "producers/session/session_id.h"
#include "proto/session/v1/session_entry.pb.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using session::v1::SessionEntry;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SessiondJournalTest : public ::testing::Test {
 protected:
  SessiondJournalTest()
      : registry_(*SessionRegistry::Open(
            absl::StrCat(::testing::TempDir(), "/", ::testing::UnitTest::GetInstance()->current_test_info()->name()))),
        id_(NewSessionId(absl::Now())),
        journal_(registry_, [this](const std::vector<v1::Event>& events) {
          while_adding_ = Entry();
          if (answer_.ok()) kept_ += events.size();
          return answer_;
        }) {
    session::v1::SessionCreated created;
    created.set_session_id(id_);
    created_ = MakeEvent(created);
    SessionEntry entry;
    entry.set_session_id(id_);
    entry.add_unkept_events(created_.SerializeAsString());
    EXPECT_THAT(registry_.Write(entry), IsOk());
  }

  SessionEntry Entry() { return registry_.Read(id_).value_or(SessionEntry()); }
  bool IsThere() { return registry_.Read(id_).ok(); }
  v1::Event Connected(const std::string& client) {
    session::v1::ClientConnected data;
    data.set_session_id(id_);
    data.set_client_id(client);
    return MakeEvent(data);
  }
  v1::Event Disconnected(const std::string& client) {
    session::v1::ClientDisconnected data;
    data.set_session_id(id_);
    data.set_client_id(client);
    return MakeEvent(data);
  }
  v1::Event Removed() {
    session::v1::SessionRemoved data;
    data.set_session_id(id_);
    data.set_exit_code(7);
    return MakeEvent(data);
  }

  SessionRegistry registry_;
  const std::string id_;
  v1::Event created_;
  absl::Status answer_;
  SessionEntry while_adding_;
  size_t kept_ = 0;
  SessiondJournal journal_;
};

TEST_F(SessiondJournalTest, AnEventIsInTheEntryUntilItIsKept) {
  answer_ = absl::UnavailableError("busy");
  EXPECT_THAT(journal_.Add({created_, Connected("c1")}), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Entry().unkept_events_size(), 2);
  EXPECT_THAT(Entry().client_ids(), ElementsAre("c1"));
  answer_ = absl::OkStatus();
  const v1::Event connected = Connected("c2");
  ASSERT_THAT(journal_.Add({created_, connected}), IsOk());
  EXPECT_THAT(while_adding_.client_ids(), ElementsAre("c1", "c2"));
  EXPECT_EQ(while_adding_.unkept_events_size(), 3);
  EXPECT_EQ(Entry().unkept_events_size(), 1);  // c1's
}

TEST_F(SessiondJournalTest, WhatIsGivenAgainIsInItOnce) {
  answer_ = absl::UnavailableError("busy");
  const v1::Event connected = Connected("c1");
  for (int i = 0; i < 3; ++i) static_cast<void>(journal_.Add({connected}));
  EXPECT_THAT(Entry().client_ids(), ElementsAre("c1"));
  EXPECT_EQ(Entry().unkept_events_size(), 2);
}

TEST_F(SessiondJournalTest, AClientIsInItUntilItsEndIsKept) {
  ASSERT_THAT(journal_.Add({created_, Connected("c1"), Connected("c2")}), IsOk());
  answer_ = absl::UnavailableError("busy");
  static_cast<void>(journal_.Add({Disconnected("c1")}));
  EXPECT_THAT(Entry().client_ids(), ElementsAre("c1", "c2"));
  answer_ = absl::OkStatus();
  ASSERT_THAT(journal_.Add({Disconnected("c1")}), IsOk());
  EXPECT_THAT(Entry().client_ids(), ElementsAre("c2"));
}

TEST_F(SessiondJournalTest, TheEndIsInItBeforeItIsKeptAndThenItGoes) {
  answer_ = absl::ResourceExhaustedError("full");
  EXPECT_THAT(journal_.Add({created_, Removed()}), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(Entry().removed().exit_code(), 7);
  answer_ = absl::OkStatus();
  ASSERT_THAT(journal_.Add({created_, Removed()}), IsOk());
  EXPECT_FALSE(IsThere());
}

TEST_F(SessiondJournalTest, ItStaysForTheClientsThatSawTheEnd) {
  ASSERT_THAT(journal_.Add({created_, Connected("c1"), Removed()}), IsOk());
  EXPECT_THAT(Entry().client_ids(), ElementsAre("c1"));
  ASSERT_THAT(journal_.Add({Disconnected("c1")}), IsOk());
  EXPECT_FALSE(IsThere());
  EXPECT_EQ(kept_, 4U);
}

TEST_F(SessiondJournalTest, WithoutAnEntryEventsAreKeptAllTheSame) {
  ASSERT_THAT(registry_.Remove(id_), IsOk());
  ASSERT_THAT(journal_.Add({created_, Connected("c1"), Removed(), Disconnected("c1")}), IsOk());
  EXPECT_EQ(kept_, 4U);
  EXPECT_FALSE(IsThere());
}

}  // namespace
}  // namespace eventlog

#include "producers/session/session_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "producers/session/process_identity.h"
#include "producers/session/session_id.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::Time TimeOf(const v1::Event& event) {
  return absl::FromUnixSeconds(event.time().seconds()) + absl::Nanoseconds(event.time().nanos());
}

class SessionRecordTest : public testing::Test {
 protected:
  SessionRecordTest()
      : registry_(*SessionRegistry::Open(
            absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name()))) {
    EventSinkOptions options;
    options.add = [this](const std::vector<v1::Event>& events) {
      // Created by then, before the log can know of it.
      listed_ = registry_.List()->size();
      while_adding_ = registry_.Read(id_).value_or(session::v1::SessionEntry());
      if (!answer_.ok()) return answer_;
      for (const v1::Event& event : events) kept_.push_back(event);
      return absl::OkStatus();
    };
    sink_ = std::make_unique<EventSink>(std::move(options));
  }
  SessionRecord Make(std::optional<OutputChunksOptions> output = std::nullopt) {
    SessionRecordOptions options;
    options.session_id = id_;
    options.client_id = "c1";
    options.name = "n";
    options.command = {"vim", "x"};
    options.cwd = "/tmp";
    options.server = "log.example:1";
    options.parent_session_id = parent_;
    options.size = winsize{24, 80, 0, 0};
    options.output = std::move(output);
    return SessionRecord(std::move(options), *sink_, &registry_);
  }
  void Close(const SessionRecord& record) { record.Settle(sink_->Close(absl::InfiniteFuture())); }
  std::vector<std::string> Types() {
    std::vector<std::string> types;
    for (const v1::Event& event : kept_) {
      types.push_back(event.type());
      EXPECT_EQ(event.subject(), id_);
    }
    return types;
  }

  const std::string id_ = NewSessionId(absl::Now());
  std::string parent_;
  SessionRegistry registry_;
  absl::Status answer_;
  size_t listed_ = 0;
  session::v1::SessionEntry while_adding_;
  std::vector<v1::Event> kept_;
  std::unique_ptr<EventSink> sink_;
};

TEST_F(SessionRecordTest, ALifeIsToldInItsOrder) {
  SessionRecord record = Make();
  record.Created(getpid(), true);
  record.activity().Stopped();
  record.activity().Continued(absl::Now());
  record.activity().Printed("nobody asked", absl::Now());
  record.Removed({ProcessChange::kExited, 7, false});
  Close(record);
  EXPECT_THAT(Types(), ElementsAre("client.connected", "session.created", "session.state_changed",
                                   "session.state_changed", "session.removed", "client.disconnected"));
  for (size_t i = 1; i < kept_.size(); ++i) {
    EXPECT_LE(TimeOf(kept_[i - 1]), TimeOf(kept_[i])) << kept_[i].type() << ": also by the time of the events";
  }
  EXPECT_THAT(kept_[0].text(), HasSubstr(R"("client_id":"c1")"));
  EXPECT_THAT(kept_[1].text(), HasSubstr(R"("name":"n","command":["vim","x"],"cwd":"/tmp")"));
  EXPECT_THAT(kept_[1].text(), HasSubstr(R"("window_size":{"rows":24,"columns":80})"));
  EXPECT_TRUE(kept_[1].attributes().empty());
  EXPECT_THAT(kept_[4].text(), HasSubstr(R"("reason":"REMOVAL_REASON_EXITED","exit_code":7)"));
  EXPECT_THAT(kept_[5].text(), HasSubstr(R"("reason":"DISCONNECT_REASON_SESSION_REMOVED")"));
}

TEST_F(SessionRecordTest, TheEntryIsThereWhileTheSessionIs) {
  SessionRecord record = Make();
  record.Created(getpid(), true);
  const absl::StatusOr<session::v1::SessionEntry> entry = registry_.Read(id_);
  ASSERT_THAT(entry.status(), IsOk());
  EXPECT_TRUE(IsHeld(*entry));
  EXPECT_EQ(entry->command_process().pid(), getpid());
  EXPECT_EQ(entry->command_process().start_time(), StartTime(getpid()));
  EXPECT_TRUE(entry->command_group());
  EXPECT_THAT(entry->client_ids(), ElementsAre("c1"));
  EXPECT_EQ(entry->server(), "log.example:1");
  record.Removed({ProcessChange::kExited, 0, false});
  Close(record);
  EXPECT_EQ(listed_, 1u) << "it goes when the end is kept, not before";
  EXPECT_THAT(*registry_.List(), IsEmpty());
}

TEST_F(SessionRecordTest, AnEndThatCouldNotBeKeptStaysInTheEntry) {
  answer_ = absl::ResourceExhaustedError("full");
  SessionRecord record = Make();
  record.Created(getpid(), true);
  record.Removed({ProcessChange::kExited, 7, false});
  Close(record);
  EXPECT_EQ(registry_.Read(id_)->removed().exit_code(), 7);
}

TEST_F(SessionRecordTest, EachEventIsInTheEntryBeforeItIsKept) {
  SessionRecord record = Make();
  record.Created(getpid(), true);
  ASSERT_EQ(while_adding_.unkept_events_size(), 2);
  EXPECT_EQ(while_adding_.unkept_events(0), kept_[0].SerializeAsString());
  EXPECT_EQ(while_adding_.unkept_events(1), kept_[1].SerializeAsString());
  EXPECT_EQ(registry_.Read(id_)->unkept_events_size(), 0) << "they were seen to be kept";
  record.Removed({ProcessChange::kExited, 7, false});
  Close(record);
  EXPECT_EQ(while_adding_.removed().exit_code(), 7);
  EXPECT_THAT(while_adding_.client_ids(), ElementsAre("c1"));
}

TEST_F(SessionRecordTest, ABeginThatIsNotKeptStaysInTheEntry) {
  answer_ = absl::ResourceExhaustedError("full");
  SessionRecord record = Make();
  record.Created(getpid(), true);
  EXPECT_EQ(registry_.Read(id_)->unkept_events_size(), 2);
  record.Removed({ProcessChange::kExited, 7, false});
  Close(record);
  EXPECT_EQ(registry_.Read(id_)->unkept_events_size(), 2);
}

TEST_F(SessionRecordTest, ACommandThatDoesNotStartWasNeverASession) {
  SessionRecord record = Make();
  record.StartFailed();
  Close(record);
  EXPECT_EQ(while_adding_.unkept_events_size(), 1);
  EXPECT_EQ(while_adding_.removed().reason(), session::v1::REMOVAL_REASON_START_FAILED);
  EXPECT_THAT(Types(), ElementsAre("client.connected", "session.removed", "client.disconnected"));
  EXPECT_THAT(kept_[1].text(), HasSubstr("REMOVAL_REASON_START_FAILED"));
  EXPECT_THAT(*registry_.List(), IsEmpty());
}

TEST_F(SessionRecordTest, WhereOnlyTryingSaysThatItDoesNotStartItIsCreatedAndRemoved) {
  SessionRecord record = Make();
  record.Created(getpid(), true);
  EXPECT_EQ(kept_.size(), 2u) << "kept before the command can do anything";
  record.StartFailed();
  Close(record);
  EXPECT_THAT(Types(), ElementsAre("client.connected", "session.created", "session.removed", "client.disconnected"));
  EXPECT_THAT(*registry_.List(), IsEmpty());
}

TEST_F(SessionRecordTest, OutputThatIsAskedForComesBeforeTheEnd) {
  SessionRecord record = Make(OutputChunksOptions());
  record.Created(getpid(), true);
  record.activity().Printed("hello ", absl::Now());
  record.activity().Printed("there", absl::Now());
  record.Removed({ProcessChange::kExited, 0, false});
  Close(record);
  EXPECT_THAT(Types(), ElementsAre("client.connected", "session.created", "session.output", "session.removed",
                                   "client.disconnected"));
  EXPECT_EQ(kept_[2].text(), absl::StrCat(R"({"session_id":")", id_, R"(","text":"hello there"})"));
}

TEST_F(SessionRecordTest, ASessionWithinASessionSaysSo) {
  parent_ = "outer";
  SessionRecord record = Make();
  record.Created(getpid(), false);
  record.Removed({ProcessChange::kExited, 0, false});
  Close(record);
  EXPECT_EQ(kept_[1].attributes().at("parent_session_id"), "outer");
}

}  // namespace
}  // namespace eventlog

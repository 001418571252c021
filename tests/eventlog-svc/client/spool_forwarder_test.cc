#include "eventlog-svc/client/spool_forwarder.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/client/spool_client_fixture.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::IsNull;
using testing::NotNull;

class SpoolForwarderTest : public SpoolClientFixture {
 protected:
  std::unique_ptr<SpoolForwarder> Forward(std::unique_ptr<SpoolSenderLock> lock = nullptr) {
    BatchSenderOptions sender;
    sender.backoff = {absl::Milliseconds(1), absl::Milliseconds(20)};
    return std::make_unique<SpoolForwarder>(options_, to_, *ServerList::Parse(log_.address()), sender, std::move(lock));
  }
  std::unique_ptr<Spool> OpenHere() { return *Spool::Open(options_, to_); }
  // Its first page, in the database's file.
  void DamageTable(const char* name) {
    int64_t page = 0, page_bytes = 0;
    {
      const auto sqlite = SqliteDatabase::Open(DatabasePath(), options_.busy_max);
      ASSERT_THAT(sqlite, IsOk());
      SqliteDatabase::Query query(**sqlite, "SELECT rootpage FROM sqlite_master WHERE name = ?");
      ASSERT_THAT(query.BindText(name).Step(), IsOkAndHolds(true));
      page = query.Integer(0);
      page_bytes = (*sqlite)->Integer("PRAGMA page_size").value_or(0);
    }
    std::fstream file(DatabasePath(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((page - 1) * page_bytes);
    file << std::string(static_cast<size_t>(page_bytes), '\x5a');
  }

  const SpoolTarget to_{log_.address(), "events"};
};

TEST_F(SpoolForwarderTest, SendsWhatWasThereAndWhatOthersAdd) {
  const auto spool = OpenHere();
  ASSERT_THAT(spool->Add({MakeEvent("0")}), IsOk());
  const auto forwarder = Forward();
  EXPECT_TRUE(log_.AwaitEvents(1));
  ASSERT_THAT(spool->Add({MakeEvent("1")}), IsOk());
  EXPECT_TRUE(log_.AwaitEvents(2));
  EXPECT_TRUE(forwarder->sending());
  EXPECT_EQ(log_.texts(), Numbers(2));
}

TEST_F(SpoolForwarderTest, OneOfTwoSendsAndTheOtherGoesOnAfterIt) {
  const auto spool = OpenHere();
  auto lock = SpoolSenderLock::TryTake(options_.folder);
  ASSERT_THAT(lock, IsOkAndHolds(NotNull()));
  auto first = Forward(*std::move(lock));
  const auto second = Forward();
  ASSERT_THAT(spool->Add({MakeEvent("0")}), IsOk());
  EXPECT_TRUE(log_.AwaitEvents(1));
  EXPECT_TRUE(first->sending());
  EXPECT_FALSE(second->sending());
  first.reset();
  ASSERT_THAT(spool->Add({MakeEvent("1")}), IsOk());
  EXPECT_TRUE(log_.AwaitEvents(2));
  EXPECT_TRUE(second->sending());
  EXPECT_EQ(log_.texts(), Numbers(2));
}

TEST_F(SpoolForwarderTest, TheLockIsGivenBack) {
  const auto spool = OpenHere();
  const auto forwarder = Forward();
  const absl::Time deadline = SafetyNet();
  while (!forwarder->sending() && forwarder->AwaitChange(forwarder->changes(), deadline)) {
  }
  EXPECT_THAT(SpoolSenderLock::TryTake(options_.folder), IsOkAndHolds(IsNull()));
  forwarder->Stop();
  EXPECT_FALSE(forwarder->sending());
  EXPECT_THAT(SpoolSenderLock::TryTake(options_.folder), IsOkAndHolds(NotNull()));
}

TEST_F(SpoolForwarderTest, GoesOnWithTheDatabaseThatTakesThePlaceOfADamagedOne) {
  const auto spool = OpenHere();
  ASSERT_THAT(spool->Add({MakeEvent("0")}), IsOk());
  const auto forwarder = Forward();
  ASSERT_TRUE(log_.AwaitEvents(1));
  const auto database = SpoolDatabase::Open(options_, to_);
  ASSERT_THAT(database, IsOk());
  ASSERT_THAT((*database)->SetAside(absl::DataLossError("said the test")), IsOk());
  ASSERT_THAT(spool->Add({MakeEvent("1")}), IsOk());
  EXPECT_TRUE(log_.AwaitEvents(2));
  EXPECT_EQ(log_.texts(), Numbers(2));
}

TEST_F(SpoolForwarderTest, SetsADatabaseAsideWhoseBatchesAreDamaged) {
  auto spool = OpenHere();
  ASSERT_THAT(spool->Add({MakeEvent("lost"), MakeEvent("lost, too")}), IsOk());
  Change("INSERT INTO batches VALUES (1, 2, 3, 30, 0)");
  const auto forwarder = Forward();
  const absl::Time deadline = SafetyNet();
  while (!std::filesystem::exists(DatabasePath(2)) && forwarder->AwaitChange(forwarder->changes(), deadline)) {
  }
  ASSERT_THAT(spool->Add({MakeEvent("0")}), IsOk());
  EXPECT_TRUE(log_.AwaitEvents(1));
  EXPECT_EQ(log_.texts(), Numbers(1));
}

TEST_F(SpoolForwarderTest, SetsADatabaseAsideWhoseBatchesCannotBeRead) {
  ASSERT_THAT(OpenHere()->Add({MakeEvent("lost")}), IsOk());
  DamageTable("batches");
  const auto spool = OpenHere();
  ASSERT_THAT(spool->Add({MakeEvent("lost, too")}), IsOk()) << "nobody who adds sees it";
  const auto forwarder = Forward();
  const absl::Time deadline = SafetyNet();
  while (!std::filesystem::exists(DatabasePath(2)) && forwarder->AwaitChange(forwarder->changes(), deadline)) {
  }
  ASSERT_THAT(spool->Add({MakeEvent("0")}), IsOk());
  EXPECT_TRUE(log_.AwaitEvents(1));
  EXPECT_EQ(log_.texts(), Numbers(1));
}

TEST_F(SpoolForwarderTest, AFolderThatIsMadeAnewIsSentToo) {
  const auto spool = OpenHere();
  ASSERT_THAT(spool->Add({MakeEvent("0")}), IsOk());
  const auto forwarder = Forward();
  ASSERT_TRUE(log_.AwaitEvents(1));
  std::filesystem::remove_all(options_.folder);
  ASSERT_THAT(spool->Add({MakeEvent("1")}), IsOk());
  EXPECT_TRUE(log_.AwaitEvents(2));
  EXPECT_EQ(log_.texts(), Numbers(2));
}

TEST_F(SpoolForwarderTest, TheLockOfAFolderThatIsGoneIsNoRightToSendFromTheNext) {
  ASSERT_THAT(OpenHere()->Add({MakeEvent("gone")}), IsOk());
  // It has the lock, and cannot send yet.
  Change("PRAGMA user_version = 7");
  const auto forwarder = Forward(*SpoolSenderLock::TryTake(options_.folder));
  std::filesystem::rename(options_.folder, options_.folder + "-gone");
  ASSERT_THAT(OpenHere()->Add({MakeEvent("0")}), IsOk());
  ASSERT_TRUE(log_.AwaitEvents(1));
  EXPECT_THAT(SpoolSenderLock::TryTake(options_.folder), IsOkAndHolds(IsNull())) << "two would send";
}

TEST_F(SpoolForwarderTest, AFolderThatAnotherHasMadeAnewIsSentToo) {
  const auto spool = OpenHere();
  ASSERT_THAT(spool->Add({MakeEvent("0")}), IsOk());
  const auto forwarder = Forward();
  ASSERT_TRUE(log_.AwaitEvents(1));
  std::filesystem::rename(options_.folder, options_.folder + "-gone");
  ASSERT_THAT(OpenHere()->Add({MakeEvent("1")}), IsOk());
  EXPECT_TRUE(log_.AwaitEvents(2));
  EXPECT_EQ(log_.texts(), Numbers(2));
}

}  // namespace
}  // namespace eventlog

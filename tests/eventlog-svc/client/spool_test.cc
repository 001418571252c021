#include "eventlog-svc/client/spool.h"

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/spool_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/client/spool_fixture.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SpoolTest : public SpoolFixture {
 protected:
  static SpoolStats StatsOf(Spool& spool) {
    const absl::StatusOr<SpoolStats> stats = spool.Stats();
    EXPECT_THAT(stats, IsOk());
    return stats.ok() ? *stats : SpoolStats();
  }
  // The numbers of each adder, of texts "adder number", in the order of the spool.
  std::map<std::string, std::vector<int>> ByAdder() {
    std::map<std::string, std::vector<int>> numbers;
    for (const std::string& text : Waiting()) {
      const std::vector<std::string> parts = absl::StrSplit(text, ' ');
      EXPECT_TRUE(absl::SimpleAtoi(parts.at(1), &numbers[parts.at(0)].emplace_back()));
    }
    return numbers;
  }
};

TEST_F(SpoolTest, KeepsTheOrderOfAddingAndOutlivesTheObject) {
  const absl::Time before = absl::Now() - absl::Seconds(1);
  {
    const auto spool = OpenSpool();
    ASSERT_THAT(spool->Add({TextEvent("a"), TextEvent("b")}), IsOk());
    ASSERT_THAT(spool->Add({TextEvent("c")}), IsOk());
    ASSERT_THAT(spool->Add({}), IsOk());
  }
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->Add({TextEvent("d")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("a", "b", "c", "d"));
  const SpoolStats stats = StatsOf(*spool);
  EXPECT_EQ(stats.events, 4);
  EXPECT_EQ(stats.added, 4);
  EXPECT_EQ(stats.bytes, static_cast<int64_t>(4 * TextEvent("a").ByteSizeLong()));
  ASSERT_TRUE(stats.oldest.has_value());
  EXPECT_GT(*stats.oldest, before);
  EXPECT_EQ(spool->target().log, "here");
}

TEST_F(SpoolTest, AnEventComesBackWithEveryField) {
  v1::Event event = TextEvent("x");
  event.set_id("i");
  event.set_source("/s");
  event.set_subject("sub");
  event.mutable_time()->set_seconds(7);
  (*event.mutable_attributes())["k"] = "v";
  event.set_binary(std::string("\0\xff", 2));
  ASSERT_THAT(OpenSpool()->Add({event}), IsOk());
  absl::StatusOr<std::unique_ptr<SqliteDatabase>> sqlite = SqliteDatabase::Open(DatabasePath(), absl::Seconds(10));
  ASSERT_THAT(sqlite, IsOk());
  SqliteDatabase::Query query(**sqlite, "SELECT event FROM events");
  ASSERT_THAT(query.Step(), IsOkAndHolds(true));
  EXPECT_EQ(query.Bytes(0), event.SerializeAsString());
}

TEST_F(SpoolTest, BeyondABoundNothingOfACallIsAddedAndAllOfItIsCounted) {
  options_.events_max = 3;
  options_.bytes_max = static_cast<int64_t>(2 * TextEvent("a").ByteSizeLong() + 100);
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->Add({TextEvent("a"), TextEvent("b")}), IsOk());
  EXPECT_THAT(spool->Add({TextEvent("c"), TextEvent("d")}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("full")));
  EXPECT_THAT(spool->Add({TextEvent(std::string(100, 'x'))}), StatusIs(absl::StatusCode::kResourceExhausted));
  ASSERT_THAT(spool->Add({TextEvent("e")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("a", "b", "e"));
  EXPECT_EQ(StatsOf(*spool).dropped, 3);
  EXPECT_EQ(StatsOf(*OpenSpool()).dropped, 3) << "on disk";
}

TEST_F(SpoolTest, TheOldestMakeRoomButNeverWhatWasSent) {
  options_.events_max = 4;
  options_.drop_oldest = true;
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->Add({TextEvent("a"), TextEvent("b"), TextEvent("c"), TextEvent("d")}), IsOk());
  Change("INSERT INTO batches VALUES (1, 2, 2, 10, 0)");
  ASSERT_THAT(spool->Add({TextEvent("e")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("a", "b", "d", "e"));
  ASSERT_THAT(spool->Add({TextEvent("f"), TextEvent("g")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("a", "b", "f", "g"));
  EXPECT_EQ(StatsOf(*spool).dropped, 3);
  EXPECT_THAT(spool->Add({TextEvent("h"), TextEvent("i"), TextEvent("j"), TextEvent("k"), TextEvent("l")}),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Waiting(), ElementsAre("a", "b", "f", "g")) << "what never fits takes nothing out";
  EXPECT_EQ(StatsOf(*spool).dropped, 8);
  EXPECT_EQ(StatsOf(*spool).added, StatsOf(*spool).events + 3);
}

TEST_F(SpoolTest, TheOldestStayWhereTheyMakeNoRoom) {
  options_.events_max = 4;
  options_.drop_oldest = true;
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->Add({TextEvent("a"), TextEvent("b"), TextEvent("c"), TextEvent("d")}), IsOk());
  Change("INSERT INTO batches VALUES (1, 2, 2, 10, 0)");
  EXPECT_THAT(spool->Add({TextEvent("e"), TextEvent("f"), TextEvent("g")}),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Waiting(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(StatsOf(*spool).dropped, 3);
  EXPECT_EQ(spool->losses().displaced, 0);
}

TEST_F(SpoolTest, ThreadsThatAddAtOnceLoseNothingAndKeepTheirOrder) {
  constexpr int kAdded = 1'000;
  const auto spool = OpenSpool();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&spool, t] {
      for (int i = 0; i < kAdded; ++i) EXPECT_THAT(spool->Add({TextEvent(absl::StrCat(t, " ", i))}), IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto numbers = ByAdder();
  EXPECT_EQ(numbers.size(), 8u);
  for (const auto& [adder, given] : numbers) {
    ASSERT_EQ(given.size(), size_t{kAdded}) << adder;
    for (int i = 0; i < kAdded; ++i) EXPECT_EQ(given[static_cast<size_t>(i)], i);
  }
}

TEST_F(SpoolTest, AThousandProcessesThatMakeItAndAddAtOnceAllSucceed) {
  constexpr int kProcesses = 1'000;
  int gate[2];
  ASSERT_EQ(pipe(gate), 0);
  std::vector<pid_t> children;
  for (int p = 0; p < kProcesses; ++p) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(gate[1]);
      char go = 0;
      if (read(gate[0], &go, 1) != 0) _exit(9);
      absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::Open(options_, target_);
      if (!spool.ok()) _exit(2);
      for (int i = 0; i < 3; ++i) {
        if (!(*spool)->Add({TextEvent(absl::StrCat(p, " ", i))}).ok()) _exit(3);
      }
      _exit(0);
    }
    children.push_back(child);
  }
  close(gate[0]);
  close(gate[1]);  // the end of the pipe lets all of them go
  std::map<int, int> exits;
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ++exits[WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status)];
  }
  EXPECT_THAT(exits, ElementsAre(testing::Pair(0, kProcesses)));
  const auto numbers = ByAdder();
  EXPECT_EQ(numbers.size(), static_cast<size_t>(kProcesses));
  for (const auto& [adder, given] : numbers) EXPECT_THAT(given, ElementsAre(0, 1, 2)) << adder;
}

TEST_F(SpoolTest, WhatWasSaidToBeKeptOutlivesSigkill) {
  absl::BitGen random;
  std::vector<std::string> told;
  for (int round = 0; round < 20; ++round) {
    // After some bytes of what it says it is killed, somewhere.
    std::string text = SaidUntilKilled(absl::Uniform<size_t>(random, 1, 3'000), [&](int said) {
      const auto spool = Spool::Open(options_, target_);
      for (int i = 0; spool.ok(); ++i) {
        const std::string line = absl::StrCat(round, " ", i, "\n");
        if (!(*spool)->Add({TextEvent(line.substr(0, line.size() - 1))}).ok()) break;
        if (write(said, line.data(), line.size()) < 0) break;
      }
    });
    text.resize(text.rfind('\n') + 1);
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) told.emplace_back(line);
  }
  // One more than was told may be kept of each round: the child was killed before it could say so.
  std::vector<std::string> kept = Waiting();
  size_t more = 0, at = 0;
  for (const std::string& text : kept) {
    if (at < told.size() && told[at] == text) {
      ++at;
    } else {
      ++more;
    }
  }
  EXPECT_EQ(at, told.size()) << "in order, each once";
  EXPECT_LE(more, 20u);
  EXPECT_EQ(StatsOf(*OpenSpool()).events, static_cast<int64_t>(kept.size()));
}

TEST_F(SpoolTest, ADamagedDatabaseIsSetAsideAmidAdding) {
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->Add({TextEvent("lost")}), IsOk());
  const auto other = OpenSpool();
  // The page of the state, in the file and in the log that may still hold it.
  for (const char* const end : {"", "-wal"}) {
    std::fstream file(DatabasePath() + end, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file << std::string(100'000, '\x5a');
  }
  unlink((DatabasePath() + "-shm").c_str());
  ASSERT_THAT(OpenSpool()->Add({TextEvent("new")}), IsOk());
  ASSERT_THAT(spool->Add({TextEvent("of the one that had it open")}), IsOk());
  ASSERT_THAT(other->Add({TextEvent("and of another")}), IsOk());
  EXPECT_THAT(Waiting(2), ElementsAre("new", "of the one that had it open", "and of another"));
  EXPECT_EQ(StatsOf(*spool).events, 3);
}

TEST_F(SpoolTest, AFolderThatIsRemovedIsMadeAnew) {
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->Add({TextEvent("gone with it")}), IsOk());
  std::filesystem::remove_all(options_.folder);
  ASSERT_THAT(spool->Add({TextEvent("a")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("a"));
}

TEST_F(SpoolTest, AFolderThatAnotherHasMadeAnewIsTheOne) {
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->Add({TextEvent("gone with it")}), IsOk());
  std::filesystem::remove_all(options_.folder);
  // The same name, and another file: what went into the first is nowhere.
  ASSERT_THAT(OpenSpool()->Add({TextEvent("a")}), IsOk());
  ASSERT_THAT(spool->Add({TextEvent("b")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("a", "b"));
}

TEST_F(SpoolTest, OthersThatWriteForTooLongAreUnavailableAndCounted) {
  options_.busy_max = absl::Milliseconds(20);
  const auto spool = OpenSpool();
  absl::StatusOr<std::unique_ptr<SqliteDatabase>> writer = SqliteDatabase::Open(DatabasePath(), absl::Seconds(1));
  ASSERT_THAT(writer, IsOk());
  ASSERT_THAT((*writer)->Execute("BEGIN IMMEDIATE"), IsOk());
  EXPECT_THAT(spool->Add({TextEvent("a")}), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_THAT((*writer)->Execute("COMMIT"), IsOk());
  EXPECT_EQ(StatsOf(*spool).dropped, 1) << "not on disk yet";
  ASSERT_THAT(spool->Add({TextEvent("b")}), IsOk());
  EXPECT_EQ(StatsOf(*OpenSpool()).dropped, 1);
  EXPECT_THAT(Waiting(), ElementsAre("b"));
}

TEST_F(SpoolTest, WhatLeftTheSpoolIsGone) {
  const auto spool = OpenSpool();
  EXPECT_THAT(spool->AllGone(), IsOkAndHolds(true));
  ASSERT_THAT(spool->Add({TextEvent("a"), TextEvent("b")}), IsOk());
  ASSERT_THAT(OpenSpool()->Add({TextEvent("of another")}), IsOk());
  EXPECT_THAT(spool->AllGone(), IsOkAndHolds(false));
  Change("DELETE FROM events WHERE id = 1");
  EXPECT_THAT(spool->AllGone(), IsOkAndHolds(false));
  Change("DELETE FROM events WHERE id = 2");
  EXPECT_THAT(spool->AllGone(), IsOkAndHolds(true));
}

TEST_F(SpoolTest, WhatWaitedInADatabaseThatIsSetAsideIsNeverSaidToBeGoneWell) {
  const auto aside = [this](int generation) {
    EXPECT_THAT((*SpoolDatabase::Open(options_, target_))->SetAside(absl::DataLossError("said the test")), IsOk());
    EXPECT_TRUE(std::filesystem::exists(DatabasePath(generation)));
  };
  const auto waits = OpenSpool(), saw = OpenSpool(), adds_more = OpenSpool(), none = OpenSpool();
  for (const auto* const spool : {&waits, &saw, &adds_more}) ASSERT_THAT((*spool)->Add({TextEvent("a")}), IsOk());
  Change("DELETE FROM events WHERE id = 2 OR id = 1");
  EXPECT_THAT(saw->AllGone(), IsOkAndHolds(true));
  aside(2);
  EXPECT_THAT(saw->AllGone(), IsOkAndHolds(true)) << "its own was seen to leave before";
  EXPECT_THAT(none->AllGone(), IsOkAndHolds(true));
  for (int i = 0; i < 2; ++i) EXPECT_THAT(waits->AllGone(), StatusIs(absl::StatusCode::kDataLoss)) << "it may be lost";
  ASSERT_THAT(adds_more->Add({TextEvent("b")}), IsOk());
  EXPECT_THAT(adds_more->AllGone(), IsOkAndHolds(false)) << "what is left is waited for";
  Change("DELETE FROM events", 2);
  EXPECT_THAT(adds_more->AllGone(), StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_THAT(saw->Add({TextEvent("c")}), IsOk());
  Change("DELETE FROM events", 2);
  EXPECT_THAT(saw->AllGone(), IsOkAndHolds(true));
}

TEST_F(SpoolTest, WhatWaitedInAFolderThatIsMadeAnewIsNotWaitedForEither) {
  const auto spool = OpenSpool();
  for (int i = 0; i < 3; ++i) ASSERT_THAT(spool->Add({TextEvent("a")}), IsOk());
  std::filesystem::remove_all(options_.folder);
  ASSERT_THAT(OpenSpool()->Add({TextEvent("of another, whose ids begin anew")}), IsOk());
  EXPECT_THAT(spool->AllGone(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(SpoolTest, RejectedEventsCanBeSeen) {
  const auto spool = OpenSpool();
  Change("INSERT INTO rejected VALUES (1, 5, 'FIRST', x''), (2, 6, 'SECOND', x'')");
  const auto rejected = spool->Rejected(1);
  ASSERT_THAT(rejected, IsOk());
  ASSERT_EQ(rejected->size(), 1u);
  EXPECT_EQ(rejected->front().reason, "SECOND");
  EXPECT_EQ(rejected->front().time, absl::FromUnixMicros(6));
}

TEST_F(SpoolTest, TheExistingOneSaysItsTarget) {
  EXPECT_THAT(Spool::OpenExisting(options_), StatusIs(absl::StatusCode::kNotFound));
  OpenSpool();
  const auto existing = Spool::OpenExisting(options_);
  ASSERT_THAT(existing, IsOk());
  EXPECT_EQ((*existing)->target().server, target_.server);
  EXPECT_EQ((*existing)->folder(), options_.folder);
}

// Makes SQLite's writes fail as they do on a full disk, for as long as this lives.
class FullDisk {
 public:
  FullDisk() : vfs_(sqlite3_vfs_find(nullptr)) {
    for (const char* const name : kCalls) Set(name, reinterpret_cast<sqlite3_syscall_ptr>(&NoSpace));
  }
  ~FullDisk() {
    for (const char* const name : kCalls) Set(name, nullptr);
  }

 private:
  static constexpr const char* kCalls[] = {"pwrite", "pwrite64", "write"};
  static ssize_t NoSpace() {
    errno = ENOSPC;
    return -1;
  }
  void Set(const char* name, sqlite3_syscall_ptr call) {
    if (vfs_->xGetSystemCall(vfs_, name) != nullptr) vfs_->xSetSystemCall(vfs_, name, call);
  }

  sqlite3_vfs* const vfs_;
};

TEST_F(SpoolTest, AFullDiskIsSaidCountedAndOver) {
  const auto spool = OpenSpool();
  ASSERT_THAT(spool->Add({TextEvent("a")}), IsOk());
  {
    FullDisk full;
    EXPECT_THAT(spool->Add({TextEvent("b"), TextEvent("c")}), StatusIs(absl::StatusCode::kResourceExhausted));
    SpoolOptions elsewhere = options_;
    elsewhere.folder = root_ + "/elsewhere";
    EXPECT_THAT(Spool::Open(elsewhere, target_), StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_TRUE(std::filesystem::is_empty(elsewhere.folder)) << "nothing half made is left";
  }
  ASSERT_THAT(spool->Add({TextEvent("d")}), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre("a", "d"));
  EXPECT_EQ(StatsOf(*OpenSpool()).dropped, 2);
  EXPECT_EQ(StatsOf(*OpenSpool()).added, 2);
}

}  // namespace
}  // namespace eventlog

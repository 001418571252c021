// What the tests of the spool share: a folder of their own, and a look into the database.

#ifndef TESTS_EVENTLOG_SVC_CLIENT_SPOOL_FIXTURE_H_
#define TESTS_EVENTLOG_SVC_CLIENT_SPOOL_FIXTURE_H_

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/spool.h"
#include "eventlog-svc/client/sqlite_database.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

class SpoolFixture : public testing::Test {
 protected:
  SpoolFixture() {
    std::string pattern = testing::TempDir() + "/spool-XXXXXX";
    root_ = mkdtemp(pattern.data());
    options_.folder = root_ + "/of/mine";
    options_.busy_max = absl::Seconds(60);
  }
  ~SpoolFixture() override { std::filesystem::remove_all(root_); }

  std::unique_ptr<Spool> OpenSpool() {
    absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::Open(options_, target_);
    EXPECT_TRUE(spool.ok()) << spool.status();
    return spool.ok() ? *std::move(spool) : nullptr;
  }
  static v1::Event TextEvent(const std::string& text) {
    v1::Event event;
    event.set_type("test");
    event.set_text(text);
    return event;
  }
  std::string DatabasePath(int generation = 1) const {
    return absl::StrCat(options_.folder, "/spool-", generation, ".db");
  }
  // The texts that wait, in order.
  std::vector<std::string> Waiting(int generation = 1) const {
    std::vector<std::string> texts;
    absl::StatusOr<std::unique_ptr<SqliteDatabase>> sqlite =
        SqliteDatabase::Open(DatabasePath(generation), options_.busy_max);
    EXPECT_TRUE(sqlite.ok()) << sqlite.status();
    if (!sqlite.ok()) return texts;
    SqliteDatabase::Query query(**sqlite, "SELECT event FROM events ORDER BY id");
    for (absl::StatusOr<bool> row = query.Step();; row = query.Step()) {
      EXPECT_TRUE(row.ok()) << row.status();
      if (!row.ok() || !*row) return texts;
      v1::Event event;
      EXPECT_TRUE(event.ParseFromString(std::string(query.Bytes(0))));
      texts.push_back(event.text());
    }
  }
  // Runs SQL on the database from outside.
  void Change(const char* sql, int generation = 1) const {
    absl::StatusOr<std::unique_ptr<SqliteDatabase>> sqlite =
        SqliteDatabase::Open(DatabasePath(generation), options_.busy_max);
    ASSERT_TRUE(sqlite.ok()) << sqlite.status();
    const absl::Status changed = (*sqlite)->Execute(sql);
    ASSERT_TRUE(changed.ok()) << changed;
  }
  // All that a child wrote, which calls body(DESCRIPTOR), and is killed when it has written more bytes than `patience`.
  static std::string SaidUntilKilled(size_t patience, absl::FunctionRef<void(int)> body) {
    int said[2];
    EXPECT_EQ(pipe(said), 0);
    const pid_t child = fork();
    if (child == 0) {
      body(said[1]);
      _exit(1);
    }
    close(said[1]);
    std::string text;
    char chunk[256];
    for (ssize_t size = 0; (size = read(said[0], chunk, sizeof(chunk))) > 0;) {
      text.append(chunk, static_cast<size_t>(size));
      if (text.size() > patience) kill(child, SIGKILL);
    }
    close(said[0]);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it failed by itself";
    return text;
  }

  std::string root_;
  SpoolOptions options_;
  const SpoolTarget target_{"127.0.0.1:1", "here"};
};

}  // namespace eventlog

#endif  // TESTS_EVENTLOG_SVC_CLIENT_SPOOL_FIXTURE_H_

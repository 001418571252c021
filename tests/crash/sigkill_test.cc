// The real service is killed under load (SIGKILL), again and again: at random moments, and before, in and after each
// kind of system call that changes its files, in the middle of a run, of a roll and of a recovery. After each restart
// the log is held against what its clients know (killed_log_oracle.h).
//
// The long form of it: bazel run //tests/crash:sigkill_long -- --kills=10000

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/rpc_error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/cursors.grpc.pb.h"
#include "tests/crash/killed_brief_log.h"
#include "tests/crash/killed_log_load.h"
#include "tests/crash/killed_log_oracle.h"
#include "tests/crash/killed_service.h"
#include "tests/crash/service_is_gone.h"
#include "tests/support/status_matchers.h"

ABSL_FLAG(int64_t, kills, 60, "how often the service is killed");
ABSL_FLAG(int64_t, seconds_max, 240, "no life is begun after this many seconds");
ABSL_FLAG(uint32_t, seed, 0, "of all choices; 0: another one each time");

namespace eventlog {
namespace {

// A system call at which it may be killed, and up to which of them. Writes, which may also be torn, have two turns.
struct Call {
  const char* name;
  int number_max;
};
constexpr Call kCalls[] = {{"pwritev", 200}, {"fdatasync", 200}, {"fallocate", 12}, {"pwritev", 200}, {"rename", 24},
                           {"fsync", 60},    {"remove", 30},     {"ftruncate", 12}, {"open", 40},     {"mkdir", 80}};
// A life with a kill point that is not reached ends like the others, after this many appends or this long.
constexpr int64_t kAppendsMax = 400;
constexpr absl::Duration kLifeMax = absl::Milliseconds(800);
constexpr absl::Duration kTick = absl::Milliseconds(1);
constexpr int64_t kCheckAllEvery = 50;
constexpr int64_t kReportEvery = 1'000;

class SigkillTest : public testing::Test {
 protected:
  SigkillTest() {
    const uint32_t seed = absl::GetFlag(FLAGS_seed) != 0 ? absl::GetFlag(FLAGS_seed) : std::random_device()();
    std::cout << "seed " << seed << "\n";
    random_.seed(seed);
    folder_ = absl::StrCat(testing::TempDir(), "/sigkill", getpid());
    EXPECT_EQ(0, mkdir(folder_.c_str(), 0750)) << folder_;
    for (const char* log : {"events", "left", "right"}) {
      oracles_.push_back(std::make_unique<KilledLogOracle>(log, seed));
    }
  }

  // What a failed run leaves is for people.
  ~SigkillTest() override {
    if (!HasFailure()) std::filesystem::remove_all(folder_);
  }

  uint32_t Below(int64_t end) { return static_cast<uint32_t>(random_() % static_cast<uint64_t>(end)); }

  KilledServiceOptions Options(const std::string& kill_point) const {
    return {absl::StrCat(folder_, "/data"), absl::StrCat(folder_, "/errors"), kill_point};
  }

  // Every other life has one, of one call after the other. Of the numbers half are small: those lie in the recovery.
  std::string ChooseKillPoint(int64_t life, std::string& call) {
    call = "random";
    if (life % 2 == 0) return "";
    const Call& chosen = kCalls[static_cast<size_t>(life / 2) % std::size(kCalls)];
    call = chosen.name;
    int number = chosen.number_max;
    for (bool is_small = Below(2) == 0; is_small && number > 1 && Below(4) != 0;) number = number * 2 / 3;
    const bool is_halfway = call == "pwritev" && Below(2) == 0;
    return absl::StrCat(call, " ", 1 + Below(number), is_halfway ? " halfway" : Below(2) == 0 ? " before" : " after");
  }

  int64_t acknowledged() const {
    int64_t sum = 0;
    for (const auto& oracle : oracles_) sum += oracle->counts().acknowledged;
    return sum;
  }

  // All logs. Unavailable without a reason when the service ended meanwhile.
  absl::Status Check(const std::shared_ptr<grpc::Channel>& channel, bool all) {
    for (const auto& oracle : oracles_) {
      const absl::Status status = CheckLog(channel, *oracle, all);
      if (!status.ok()) return status;
    }
    return brief_.Check(channel);
  }

  // One life: from its start to its death. Says in `death` how it died.
  absl::Status Live(const std::string& kill_point, bool all, std::string& death) {
    KilledService service(Options(kill_point));
    const std::optional<std::string> address = service.Ready();
    death = "in recovery";
    if (address.has_value()) {
      const std::shared_ptr<grpc::Channel> channel = NewChannel(*address);
      death = "while it was read";
      const absl::Status checked = Check(channel, all);
      if (!checked.ok() && !ServiceIsGone(checked)) return absl::InternalError(RpcErrorText(checked));
      if (checked.ok()) {
        death = "under load";
        Load(channel, service, !kill_point.empty());
      }
      if (!checked.ok() && !service.WaitForEnd(absl::Seconds(60))) return checked;
    }
    service.Kill();
    if (!service.was_killed()) return absl::InternalError("it ended before it was killed");
    if (service.died_at_point()) ++at_points_;
    if (!service.died_at_point() && (!address.has_value() || !kill_point.empty())) {
      if (!address.has_value()) return absl::InternalError(absl::StrCat("it did not start, with ", kill_point));
      death = "point not reached";
    }
    return LookAtErrors();
  }

  void Load(const std::shared_ptr<grpc::Channel>& channel, KilledService& service, bool has_point) {
    const int64_t before = acknowledged();
    const int64_t due = before + (has_point ? kAppendsMax : Below(100));
    const absl::Time end = absl::Now() + kLifeMax;
    std::vector<std::unique_ptr<KilledLogLoad>> loads;
    for (const auto& oracle : oracles_) {
      loads.push_back(std::make_unique<KilledLogLoad>(channel, *oracle, 1 + Below(16)));
    }
    std::thread brief([this, &channel] { brief_.LiveOn(channel); });
    while (acknowledged() < due && absl::Now() < end && !service.WaitForEnd(kTick)) {
    }
    service.WaitForEnd(absl::Microseconds(Below(3'000)));
    service.Kill();
    brief.join();
  }

  // Nothing is damaged by a kill: the service has nothing to say about it.
  absl::Status LookAtErrors() const {
    std::ifstream file(Options("").error_path);
    for (std::string line; std::getline(file, line);) {
      if (!line.empty() && (line[0] == 'E' || line[0] == 'F')) return absl::InternalError("the service said: " + line);
    }
    return absl::OkStatus();
  }

  // Cut tails are kept for people; here they would only become many.
  void ForgetTornTails() {
    for (const auto& oracle : oracles_) {
      const std::string folder = absl::StrCat(Options("").data_dir, "/logs/", oracle->log());
      DIR* const directory = opendir(folder.c_str());
      if (directory == nullptr) continue;
      while (const dirent* entry = readdir(directory)) {
        if (!absl::StrContains(entry->d_name, ".torn-")) continue;
        EXPECT_EQ(0, unlink(absl::StrCat(folder, "/", entry->d_name).c_str()));
        ++torn_tails_;
      }
      closedir(directory);
    }
  }

  void CreateLogs() {
    KilledService service(Options(""));
    const std::optional<std::string> address = service.Ready();
    ASSERT_TRUE(address.has_value());
    const auto admin = v1::LogAdmin::NewStub(NewChannel(*address));
    const auto cursors = v1::Cursors::NewStub(NewChannel(*address));
    for (const auto& oracle : oracles_) {
      grpc::ClientContext context, cursor_context;
      v1::CreateLogRequest request;
      request.set_log_id(oracle->log());
      v1::Log log;
      if (oracle->log() != "events") {
        ASSERT_THAT(FromGrpcStatus(admin->CreateLog(&context, request, &log)), IsOk());
      }
      v1::CommitCursorRequest commit;
      commit.set_log(oracle->log());
      commit.set_cursor(KilledLogOracle::kHeld);
      v1::Cursor cursor;
      ASSERT_THAT(FromGrpcStatus(cursors->CommitCursor(&cursor_context, commit, &cursor)), IsOk());
    }
    EXPECT_EQ(0, service.Stop());
  }

  // Without a kill: all is there, and it stops as it should.
  void EndWell() {
    KilledService service(Options(""));
    const std::optional<std::string> address = service.Ready();
    ASSERT_TRUE(address.has_value());
    ASSERT_THAT(Check(NewChannel(*address), true), IsOk());
    EXPECT_EQ(0, service.Stop());
  }

  void Report(int64_t kills, absl::Time begin) const {
    KilledLogOracle::Counts sum;
    for (const auto& oracle : oracles_) {
      const KilledLogOracle::Counts counts = oracle->counts();
      sum.acknowledged += counts.acknowledged;
      sum.repeated += counts.repeated;
      sum.known_again += counts.known_again;
      sum.trims += counts.trims;
      sum.commits += counts.commits;
      sum.checked_records += counts.checked_records;
    }
    std::cout << kills << " kills (" << at_points_ << " at named points) in "
              << absl::ToInt64Seconds(absl::Now() - begin) << " s: " << sum.acknowledged << " batches acknowledged, "
              << sum.repeated << " repeated, of which " << sum.known_again
              << " were stored and only their acknowledgement was lost; " << sum.trims << " trims, " << sum.commits
              << " cursors committed, " << sum.checked_records << " records looked at, " << torn_tails_
              << " torn tails cut, " << brief_.deleted() << " logs created and deleted\n";
    for (const auto& [how, count] : deaths_) std::cout << "  " << how << ": " << count << "\n";
    std::cout << std::flush;
  }

  std::minstd_rand random_;
  std::string folder_;
  std::vector<std::unique_ptr<KilledLogOracle>> oracles_;
  KilledBriefLog brief_;
  std::map<std::string, int64_t> deaths_;
  int64_t at_points_ = 0;
  int64_t torn_tails_ = 0;
};

TEST_F(SigkillTest, WhatWasAcknowledgedSurvivesEveryKill) {
  const absl::Time begin = absl::Now();
  ASSERT_NO_FATAL_FAILURE(CreateLogs());
  int64_t kills = 0;
  while (kills < absl::GetFlag(FLAGS_kills) && absl::Now() - begin < absl::Seconds(absl::GetFlag(FLAGS_seconds_max))) {
    std::string call, death;
    const std::string point = ChooseKillPoint(kills, call);
    const bool all = kills % kCheckAllEvery == 0;
    ASSERT_THAT(Live(point, all, death), IsOk())
        << "after " << kills << " kills; kill point " << point << ", " << death;
    ++deaths_[absl::StrCat(call, " ", death)];
    ForgetTornTails();
    if (++kills % kReportEvery == 0) Report(kills, begin);
  }
  ASSERT_NO_FATAL_FAILURE(EndWell());
  Report(kills, begin);
  EXPECT_GT(at_points_, 0) << "nobody stands before the system calls";
  EXPECT_EQ(absl::GetFlag(FLAGS_kills), kills) << "the time was over before";
}

}  // namespace
}  // namespace eventlog

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  absl::ParseCommandLine(argc, argv);
  return RUN_ALL_TESTS();
}

#include "eventlog-svc/tool/backup_writer.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/storage/crc32c.h"
#include "tests/eventlog-svc/tool/full_log.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Messages = std::vector<v1::BackupLogResponse>;

class BackupWriterTest : public testing::Test {
 protected:
  // A backup as the service sends it, in pieces that are smaller than a file.
  static Messages Split(const Messages& messages) {
    Messages pieces;
    for (const v1::BackupLogResponse& message : messages) {
      const std::string data = message.chunk().data();
      const size_t half = data.size() / 2;
      pieces.push_back(message);
      if (!message.has_chunk()) continue;
      pieces.back().mutable_chunk()->set_data(data.substr(0, half));
      pieces.push_back(message);
      pieces.back().mutable_chunk()->set_data(data.substr(half));
      pieces.back().mutable_chunk()->set_position(static_cast<int64_t>(half));
    }
    return pieces;
  }
  Messages Backup() {
    Messages messages;
    EXPECT_THAT(full_.service.Backup(messages), IsOk());
    EXPECT_GT(messages.size(), 4u) << "more than two files";
    return Split(messages);
  }

  absl::StatusOr<LogCopy> Write(const Messages& messages, FakeFileSystem& files) {
    damage_.clear();
    const auto writer = BackupWriter::Create(DataFolder(files, "/data"), "events");
    if (!writer.ok()) return writer.status();
    for (const v1::BackupLogResponse& message : messages) {
      const absl::Status taken = (*writer)->Take(message);
      if (!taken.ok()) return taken;
    }
    return (*writer)->Finish([this](const SegmentReport& report) { damage_.push_back(report); });
  }

  static void SetChecksum(Messages& messages) {
    uint32_t checksum = 0;
    for (const auto& message : messages) checksum = Crc32c(message.chunk().data(), checksum);
    messages.back().mutable_end()->set_checksum(checksum);
  }

  FullLog full_;
  std::vector<SegmentReport> damage_;
};

TEST_F(BackupWriterTest, WhatCameIsALogWithAllThatItHad) {
  FakeFileSystem files;
  const absl::StatusOr<LogCopy> copy = Write(Backup(), files);
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(full_.epoch, copy->epoch);
  EXPECT_EQ(FullLog::kHead, copy->next_offset);
  EXPECT_EQ(FullLog::kHead, copy->summary.record_count);
  EXPECT_FALSE(copy->damaged());
  EXPECT_THAT(damage_, IsEmpty());
  EXPECT_THAT(FullLog::NamesIn(files, "/data/logs"), ElementsAre("events"));
  full_.ExpectCopy(files);
}

TEST_F(BackupWriterTest, ABackupIsNeverOverwritten) {
  FakeFileSystem files;
  ASSERT_THAT(Write(Backup(), files), IsOk());
  const std::string path = "/data/logs/events/00000000000000000000.log";
  const std::string content = files.Content(path);
  full_.service.Fill(5);
  EXPECT_THAT(Write(Backup(), files), AllOf(StatusIs(absl::StatusCode::kAlreadyExists,
                                                     AllOf(HasSubstr("\"events\""), HasSubstr("another folder"))),
                                            HasReason("LOG_EXISTS")));
  EXPECT_EQ(content, files.Content(path));
  full_.ExpectCopy(files);
}

TEST_F(BackupWriterTest, WhatCannotBeLeavesNothing) {
  const Messages sound = Backup();
  const size_t end = sound.size() - 1;
  const auto name = [](const std::string& file) {
    return [file](Messages& m) { m[1].mutable_chunk()->set_file(file); };
  };
  const std::vector<std::pair<std::string, std::function<void(Messages&)>>> cases = {
      {"begins twice", [](Messages& m) { m.insert(m.begin(), m[0]); }},
      {"does not say first", [](Messages& m) { m.erase(m.begin()); }},
      {"does not say first", [&](Messages& m) { m.erase(m.begin(), m.begin() + static_cast<int>(end)); }},
      {"is one of log \"other\"", [](Messages& m) { m[0].mutable_begin()->set_log("other"); }},
      {"has position", [](Messages& m) { m.erase(m.begin() + 1); }},
      {"has position 0", [](Messages& m) { m.insert(m.begin() + 1, m[1]); }},
      {"has position", [](Messages& m) { std::swap(m[1], m[2]); }},
      {"has position", [](Messages& m) { m[2].mutable_chunk()->set_position(-1); }},
      {"behind", [](Messages& m) { std::rotate(m.begin() + 1, m.begin() + 3, m.begin() + 5); }},
      {"but the service sent", [&](Messages& m) { m.erase(m.begin() + static_cast<int>(end) - 1); }},
      {"but the service sent", [](Messages& m) { m.erase(m.begin() + 1, m.begin() + 3); }},
      {"but the service sent", [&](Messages& m) { m[end].mutable_end()->set_file_count(1); }},
      {"its checksum", [](Messages& m) { (*m[1].mutable_chunk()->mutable_data())[99] ^= 1; }},
      {"ended before all", [](Messages& m) { m.pop_back(); }},
      {"ended before all", [](Messages& m) { m.clear(); }},
      {"goes on behind its end", [&](Messages& m) { m.push_back(m[end]); }},
      {"does not know", [](Messages& m) { m[1].Clear(); }},
      {"reaches to offset 63, but the log to 64", [](Messages& m) { m[0].mutable_begin()->set_head_offset(64); }},
      {"which is no segment", name("../../../etc/x.log")},
      {"which is no segment", name("/00000000000000000000.log")},
      {"which is no segment", name("00000000000000000000.index")},
      {"which is no segment", name("00000000000000000000.log/x")},
      {"which is no segment", name("..")},
      {"which is no segment", name("")},
  };
  for (const auto& [words, change] : cases) {
    SCOPED_TRACE(words);
    Messages messages = sound;
    change(messages);
    FakeFileSystem files;
    EXPECT_THAT(Write(messages, files),
                AllOf(StatusIs(absl::StatusCode::kDataLoss, HasSubstr(words)), HasReason("DATA_CORRUPT")));
    EXPECT_THAT(FullLog::NamesIn(files, "/data/logs"), IsEmpty());
  }
}

TEST_F(BackupWriterTest, ALogWithoutASegmentIsRefused) {
  Messages messages = {Backup().front(), {}};
  messages.back().mutable_end();
  FakeFileSystem files;
  EXPECT_THAT(Write(messages, files), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("without a segment")));
  EXPECT_THAT(FullLog::NamesIn(files, "/data/logs"), IsEmpty());
}

TEST_F(BackupWriterTest, ADamagedLogIsBackedUpAndSaysSo) {
  Messages messages = Backup();
  std::string& data = *messages[1].mutable_chunk()->mutable_data();
  data[data.find("EVBT") + 100] ^= 1;
  SetChecksum(messages);
  FakeFileSystem files;
  const absl::StatusOr<LogCopy> copy = Write(messages, files);
  ASSERT_THAT(copy, IsOk());
  EXPECT_TRUE(copy->damaged());
  EXPECT_EQ(1, copy->summary.lost_record_count);
  ASSERT_EQ(1u, damage_.size());
  EXPECT_EQ("00000000000000000000.log", damage_[0].file);
  EXPECT_THAT(FullLog::LogsIn(files), ElementsAre("events"));
}

// It would look like a torn tail, and be no damage, if nothing said that it had been synced.
TEST_F(BackupWriterTest, DamageOfTheLastBatchIsDamage) {
  Messages messages = Backup();
  std::string& data = *messages[messages.size() - 2].mutable_chunk()->mutable_data();
  data.back() ^= 1;
  SetChecksum(messages);
  FakeFileSystem files;
  const absl::StatusOr<LogCopy> copy = Write(messages, files);
  ASSERT_THAT(copy, IsOk());
  EXPECT_EQ(3, copy->summary.lost_record_count);
  EXPECT_EQ(FullLog::kHead, ScanService::OpenEngine(files)->logs().front()->bounds().head_offset);
}

TEST_F(BackupWriterTest, AFullDiskLeavesNothing) {
  const Messages messages = Backup();
  for (const auto full : {FakeFileSystem::Operation::kWrite, FakeFileSystem::Operation::kSync,
                          FakeFileSystem::Operation::kCreate, FakeFileSystem::Operation::kRename}) {
    FakeFileSystem files;
    int left = 4;
    files.SetFault([&](FakeFileSystem::Operation operation, const std::string& path) {
      const bool fails = operation == full &&
                         (full == FakeFileSystem::Operation::kRename ? !absl::EndsWith(path, ".new") : left-- <= 0);
      return fails ? absl::ResourceExhaustedError("no space") : absl::OkStatus();
    });
    EXPECT_THAT(Write(messages, files), StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_THAT(FullLog::NamesIn(files, "/data/logs"), IsEmpty());
  }
}

TEST_F(BackupWriterTest, APowerCutLeavesTheWholeLogOrNone) {
  const Messages messages = Backup();
  FakeFileSystem uncut;
  ASSERT_THAT(Write(messages, uncut), IsOk());
  int whole = 0;
  for (int64_t operation = 1; operation <= uncut.operations() + 1; ++operation) {
    for (const uint32_t seed : {0, 1, 2, 3, 4, 5}) {
      SCOPED_TRACE(absl::StrCat("power cut at operation ", operation, ", seed ", seed));
      FakeFileSystem files;
      files.CutPowerAt(operation);
      const absl::StatusOr<LogCopy> copy = Write(messages, files);
      files.Restart(seed);
      const bool is_there = !FullLog::LogsIn(files).empty();
      // With the power gone nobody hears of it.
      const bool is_said = copy.ok() && operation > uncut.operations();
      EXPECT_TRUE(is_there || !is_said) << "a backup that was said to be done is gone";
      whole += is_there ? 1 : 0;
      // The next attempt is not kept from it by what the first one left.
      if (!is_there) {
        EXPECT_THAT(Write(messages, files), IsOk());
      }
      EXPECT_THAT(FullLog::NamesIn(files, "/data/logs"), ElementsAre("events"));
      full_.ExpectCopy(files);
    }
  }
  EXPECT_GT(whole, 6) << "some were whole although the power went before the end";
}

}  // namespace
}  // namespace eventlog

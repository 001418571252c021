#include "eventlog-svc/rpc/backup_stream.h"

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "eventlog-svc/storage/crc32c.h"
#include "eventlog-svc/storage/segment_name.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/rpc/scan_service.h"

namespace eventlog {
namespace {

// Writes the files of the backup to an empty disk.
void Restore(const std::vector<v1::BackupLogResponse>& messages, FakeFileSystem& files) {
  ASSERT_THAT(files.CreateDirectories("/data/logs/events"), IsOk());
  std::map<std::string, std::string> contents;
  uint32_t checksum = 0;
  for (const auto& message : messages) {
    if (!message.has_chunk()) continue;
    std::string& content = contents[message.chunk().file()];
    ASSERT_EQ(static_cast<int64_t>(content.size()), message.chunk().position());
    content += message.chunk().data();
    checksum = Crc32c(message.chunk().data(), checksum);
  }
  for (const auto& [name, content] : contents) files.SetContent("/data/logs/events/" + name, content);
  ASSERT_TRUE(messages.back().has_end());
  EXPECT_EQ(checksum, messages.back().end().checksum());
  EXPECT_EQ(static_cast<int64_t>(contents.size()), messages.back().end().file_count());
}

TEST(BackupStreamTest, TheBackupIsALogThatOpensWithEventsAndCursors) {
  ScanService service;
  service.Fill(60);
  const auto log = service.engine().logs().front();
  ASSERT_THAT(service.Change(CommitCursor{"c", 40, 0}), IsOk());
  std::vector<v1::BackupLogResponse> messages;
  ASSERT_THAT(service.Backup(messages), IsOk());
  EXPECT_EQ("events", messages.front().begin().log());
  EXPECT_EQ(log->epoch(), messages.front().begin().epoch());
  EXPECT_EQ(60, messages.front().begin().head_offset());
  FakeFileSystem elsewhere;
  Restore(messages, elsewhere);
  const auto restored = ScanService::OpenEngine(elsewhere);
  const auto copy = restored->logs().front();
  EXPECT_EQ(log->epoch(), copy->epoch());
  EXPECT_EQ(60, copy->bounds().head_offset);
  EXPECT_EQ(60, copy->size().record_count);
  EXPECT_EQ(40, copy->FindCursor("c")->next_offset);
  EXPECT_EQ(log->Read({0, Direction::kForward, 1000, 1 << 20})->wire,
            copy->Read({0, Direction::kForward, 1000, 1 << 20})->wire);
}

TEST(BackupStreamTest, TrimmingAndAppendingMeanwhileChangeNothing) {
  ScanService service;
  service.Fill(3000);
  grpc::ClientContext context;
  const auto reader = service.stub->BackupLog(&context, {});
  std::vector<v1::BackupLogResponse> messages(1);
  ASSERT_TRUE(reader->Read(&messages[0]));
  service.Fill(100);
  ASSERT_THAT(service.Change(TrimLog{3050}), IsOk());
  EXPECT_FALSE(service.files.FileSize("/data/logs/events/00000000000000000000.log").ok());
  for (v1::BackupLogResponse message; reader->Read(&message);) messages.push_back(message);
  ASSERT_THAT(FromGrpcStatus(reader->Finish()), IsOk());
  EXPECT_EQ(3000, messages.front().begin().head_offset());
  FakeFileSystem elsewhere;
  Restore(messages, elsewhere);
  const auto restored = ScanService::OpenEngine(elsewhere);
  EXPECT_EQ(3000, restored->logs().front()->size().record_count);
  EXPECT_EQ(0, restored->logs().front()->bounds().start_offset);
}

// More segments than are held open: one that is trimmed before its turn has come is not in the backup, which says so.
TEST(BackupStreamTest, ATrimBeforeASegmentsTurnEndsTheBackup) {
  constexpr int kSegments = static_cast<int>(BackupStream::kOpenMax) + 100;
  ScanService service;
  for (int i = 0; i < kSegments; ++i) {
    ASSERT_THAT(Append(*service.engine().logs().front(), MakeBatch({std::string(3000, 'x')})), IsOk());
  }
  // The first that is not open from the begin on.
  const std::string path = "/data/logs/events/" + SegmentFileName(BackupStream::kOpenMax - 1, kSegmentSuffix);
  ASSERT_THAT(service.files.FileSize(path), IsOk()) << "a record in each segment";
  std::atomic<bool> trimmed = false;
  service.files.SetFault([&](FakeFileSystem::Operation operation, const std::string& opened) {
    if (operation == FakeFileSystem::Operation::kOpen && opened == path && !trimmed.exchange(true)) {
      EXPECT_THAT(service.Change(TrimLog{kSegments}), IsOk());
    }
    return absl::OkStatus();
  });
  std::vector<v1::BackupLogResponse> messages;
  const absl::Status status = service.Backup(messages);
  EXPECT_TRUE(trimmed);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted, testing::HasSubstr("try again")));
  EXPECT_EQ("OFFSET_OUT_OF_RANGE", RpcErrorReason(status));
  EXPECT_EQ("OFFSET_OUT_OF_RANGE", ErrorReason(service.last_error));
  ASSERT_FALSE(messages.empty());
  EXPECT_FALSE(messages.back().has_end());
}

}  // namespace
}  // namespace eventlog

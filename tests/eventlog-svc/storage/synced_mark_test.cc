#include "eventlog-svc/storage/synced_mark.h"

#include <string>

#include "eventlog-svc/storage/segment_format.h"
#include "gtest/gtest.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

constexpr BatchSeal kSeal{42, 7};
constexpr char kPath[] = "/log/00000000000000000007.synced";

class SyncedMarkTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(files_.CreateDirectories("/log"), IsOk());
    ASSERT_THAT(files_.SyncDirectory("/"), IsOk());
  }
  FakeFileSystem files_;
};

TEST_F(SyncedMarkTest, IsReadAsItWasWritten) {
  EXPECT_EQ(0, ReadSyncedMark(files_, "/log", kSeal).position);
  ASSERT_THAT(WriteSyncedMark(files_, "/log", kSeal, {4096, 11}), IsOk());
  ASSERT_THAT(WriteSyncedMark(files_, "/log", kSeal, {8192, 12}), IsOk());
  EXPECT_EQ(8192, ReadSyncedMark(files_, "/log", kSeal).position);
  EXPECT_EQ(12, ReadSyncedMark(files_, "/log", kSeal).next_offset);
  EXPECT_EQ(kSyncedMarkBytes, files_.Content(kPath).size());
}

TEST_F(SyncedMarkTest, OneOfAnotherLogSaysNothing) {
  ASSERT_THAT(WriteSyncedMark(files_, "/log", kSeal, {4096, 11}), IsOk());
  EXPECT_EQ(0, ReadSyncedMark(files_, "/log", {43, 7}).position);
}

TEST_F(SyncedMarkTest, AtAnyBitDamageOfItSaysNothing) {
  ASSERT_THAT(WriteSyncedMark(files_, "/log", kSeal, {4096, 11}), IsOk());
  const std::string bytes = files_.Content(kPath);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    files_.SetContent(kPath, damaged);
    EXPECT_EQ(0, ReadSyncedMark(files_, "/log", kSeal).position) << bit;
  }
}

TEST_F(SyncedMarkTest, OneThatWasRemovedDoesNotComeBackAndNoneNeedBeThere) {
  EXPECT_THAT(RemoveSyncedMark(files_, "/log", kSeal), IsOk());
  ASSERT_THAT(WriteSyncedMark(files_, "/log", kSeal, {4096, 11}), IsOk());
  ASSERT_THAT(RemoveSyncedMark(files_, "/log", kSeal), IsOk());
  files_.Restart(0);
  EXPECT_EQ(0, ReadSyncedMark(files_, "/log", kSeal).position);
}

TEST_F(SyncedMarkTest, AFolderThatCannotBeListedIsNotTakenForOneWithoutAMark) {
  ASSERT_THAT(WriteSyncedMark(files_, "/log", kSeal, {4096, 11}), IsOk());
  files_.SetFault([](FakeFileSystem::Operation operation, const std::string&) {
    if (FakeFileSystem::Changes(operation)) return absl::OkStatus();
    return absl::UnavailableError("input/output error");
  });
  EXPECT_THAT(RemoveSyncedMark(files_, "/log", kSeal), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(SyncedMarkTest, APowerCutLeavesTheOldOneOrTheNew) {
  for (int64_t cut = 1; cut <= 5; ++cut) {
    for (uint32_t seed = 0; seed < 6; ++seed) {
      FakeFileSystem files;
      ASSERT_THAT(files.CreateDirectories("/log"), IsOk());
      ASSERT_THAT(files.SyncDirectory("/"), IsOk());
      ASSERT_THAT(WriteSyncedMark(files, "/log", kSeal, {4096, 11}), IsOk());
      files.CutPowerAt(files.operations() + cut);
      const bool written = WriteSyncedMark(files, "/log", kSeal, {8192, 12}).ok();
      files.Restart(seed);
      const int64_t position = ReadSyncedMark(files, "/log", kSeal).position;
      EXPECT_TRUE(position == 8192 || (!written && position == 4096)) << cut << " " << seed << " " << position;
    }
  }
}

}  // namespace
}  // namespace eventlog

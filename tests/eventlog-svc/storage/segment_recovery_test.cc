#include "eventlog-svc/storage/segment_recovery.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

std::string Batch(int64_t base_offset, int64_t synced_offset) {
  BatchHeader header;
  header.base_offset = base_offset;
  header.synced_offset = synced_offset;
  header.append_time = absl::FromUnixSeconds(base_offset);
  return EncodeBatch(header, {{"some event", false}}).bytes;
}

class SegmentRecoveryTest : public testing::Test {
 protected:
  RecoveredSegment Recover(const std::string& content) {
    files_.SetContent("/segment", content);
    const auto file = files_.Open("/segment", OpenMode::kRead);
    EXPECT_THAT(file, IsOk());
    bases_.clear();
    auto recovered =
        RecoverSegment(**file, 0, 0, 1, [&](const BatchHeader& header) { bases_.push_back(header.base_offset); });
    EXPECT_THAT(recovered, IsOk());
    return *std::move(recovered);
  }

  FakeFileSystem files_;
  std::vector<int64_t> bases_;
};

using Bases = std::vector<int64_t>;

TEST_F(SegmentRecoveryTest, ACleanSegmentEndsBehindItsLastBatch) {
  const std::string batches = Batch(0, 0) + Batch(1, 1);
  const RecoveredSegment recovered = Recover(batches + std::string(10'000, '\0'));
  EXPECT_EQ((Bases{0, 1}), bases_);
  EXPECT_EQ(static_cast<int64_t>(batches.size()), recovered.extent.end_position);
  EXPECT_EQ(2, recovered.extent.next_offset);
  EXPECT_EQ(2, recovered.extent.record_count);
  EXPECT_EQ(0, recovered.torn_bytes);
  EXPECT_EQ(2u, recovered.index.entries().size());
}

TEST_F(SegmentRecoveryTest, ATailTornAtAnyByteIsCut) {
  const std::string whole = Batch(0, 0) + Batch(1, 1);
  const std::string last = Batch(2, 2);
  for (size_t size = 1; size < last.size(); ++size) {
    const RecoveredSegment recovered = Recover(whole + last.substr(0, size) + std::string(5'000, '\0'));
    EXPECT_EQ((Bases{0, 1}), bases_) << size;
    EXPECT_EQ(static_cast<int64_t>(whole.size()), recovered.extent.end_position);
    EXPECT_GT(recovered.torn_bytes, 0);
    EXPECT_LE(recovered.torn_bytes, static_cast<int64_t>(size));
  }
}

TEST_F(SegmentRecoveryTest, AGroupWhoseFirstBatchDidNotReachTheDiskIsCutAsAWhole) {
  // Both were written before either was synced: the second one proves nothing about the first.
  std::string lost = Batch(1, 1);
  lost[70] ^= 1;
  const RecoveredSegment recovered = Recover(Batch(0, 0) + lost + Batch(2, 1));
  EXPECT_EQ((Bases{0}), bases_);
  EXPECT_EQ(static_cast<int64_t>(lost.size() + Batch(2, 1).size()), recovered.torn_bytes);
}

TEST_F(SegmentRecoveryTest, DamageToSyncedDataIsKeptApartFromATornTail) {
  // The batch at 2 was written when 1 had been synced: 1 was acknowledged, and what follows it too.
  std::string damaged = Batch(1, 1);
  damaged[70] ^= 1;
  const RecoveredSegment recovered = Recover(Batch(0, 0) + damaged + Batch(2, 2) + Batch(3, 3));
  EXPECT_EQ((Bases{0, 2, 3}), bases_);
  EXPECT_EQ(4, recovered.extent.next_offset);
  EXPECT_EQ(0, recovered.torn_bytes);
}

TEST_F(SegmentRecoveryTest, ADamagedLengthDoesNotHideWhatFollows) {
  std::string damaged = Batch(1, 1);
  damaged[11] = 0x7F;
  Recover(Batch(0, 0) + damaged + Batch(2, 2));
  EXPECT_EQ((Bases{0, 2}), bases_);
}

TEST_F(SegmentRecoveryTest, AnEmptySegmentIsEmpty) {
  const RecoveredSegment recovered = Recover(std::string(1'000, '\0'));
  EXPECT_TRUE(bases_.empty());
  EXPECT_EQ(0, recovered.extent.end_position);
}

}  // namespace
}  // namespace eventlog

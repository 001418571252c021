#include "eventlog-svc/storage/segment_recovery.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

constexpr BatchSeal kSeal{42, 0};

// Batches of one record each, one behind the other.
class Content {
 public:
  Content& Add(int64_t base_offset, int64_t synced_offset) {
    BatchHeader header;
    header.base_offset = base_offset;
    header.synced_offset = synced_offset;
    header.append_time = absl::FromUnixSeconds(base_offset);
    std::string batch = EncodeBatch(header, {{"some event", false}}).bytes;
    SealBatch(kSeal, static_cast<int64_t>(bytes.size()), batch);
    begins.push_back(bytes.size());
    bytes += batch;
    return *this;
  }
  // Flips a bit in a batch's records, or in another place of it.
  Content& Damage(size_t batch, size_t at = 70) {
    bytes[begins[batch] + at] = static_cast<char>(bytes[begins[batch] + at] ^ 1);
    return *this;
  }
  int64_t size() const { return static_cast<int64_t>(bytes.size()); }

  std::string bytes;
  std::vector<size_t> begins;
};

class SegmentRecoveryTest : public testing::Test {
 protected:
  RecoveredSegment Recover(const std::string& content, const SyncedMark& mark = {}) {
    files_.SetContent("/segment", content);
    const auto file = files_.Open("/segment", OpenMode::kRead);
    EXPECT_THAT(file, IsOk());
    bases_.clear();
    auto recovered = RecoverSegment(**file, kSeal, 0, mark, 1, [&](const BatchHeader& header, absl::string_view) {
      bases_.push_back(header.base_offset);
      return absl::OkStatus();
    });
    EXPECT_THAT(recovered, IsOk());
    return *std::move(recovered);
  }

  FakeFileSystem files_;
  std::vector<int64_t> bases_;
};

using Bases = std::vector<int64_t>;

TEST_F(SegmentRecoveryTest, ACleanSegmentEndsBehindItsLastBatch) {
  const Content batches = Content().Add(0, 0).Add(1, 1);
  const RecoveredSegment recovered = Recover(batches.bytes + std::string(10'000, '\0'));
  EXPECT_EQ((Bases{0, 1}), bases_);
  EXPECT_EQ(batches.size(), recovered.extent.end_position);
  EXPECT_EQ(2, recovered.extent.next_offset);
  EXPECT_EQ(2, recovered.extent.record_count);
  EXPECT_EQ(0, recovered.torn_bytes);
  EXPECT_EQ(2u, recovered.index.entries().size());
}

TEST_F(SegmentRecoveryTest, ATailTornAtAnyByteIsCut) {
  const Content whole = Content().Add(0, 0).Add(1, 1);
  const Content more = Content(whole).Add(2, 2);
  for (int64_t size = whole.size() + 1; size < more.size(); ++size) {
    const RecoveredSegment recovered =
        Recover(more.bytes.substr(0, static_cast<size_t>(size)) + std::string(5'000, '\0'));
    EXPECT_EQ((Bases{0, 1}), bases_) << size;
    EXPECT_EQ(whole.size(), recovered.extent.end_position);
    EXPECT_GT(recovered.torn_bytes, 0);
    EXPECT_LE(recovered.torn_bytes, size - whole.size());
  }
}

TEST_F(SegmentRecoveryTest, AGroupWhoseFirstBatchDidNotReachTheDiskIsCutAsAWhole) {
  // Both were written before either was synced: the second one proves nothing about the first.
  const Content content = Content().Add(0, 0).Add(1, 1).Add(2, 1).Damage(1);
  const RecoveredSegment recovered = Recover(content.bytes);
  EXPECT_EQ((Bases{0}), bases_);
  EXPECT_EQ(content.size() - static_cast<int64_t>(content.begins[1]), recovered.torn_bytes);
}

TEST_F(SegmentRecoveryTest, DamageToSyncedDataIsKeptApartFromATornTail) {
  // The batch at 2 was written when 1 had been synced: 1 was acknowledged, and what follows it too.
  const RecoveredSegment recovered = Recover(Content().Add(0, 0).Add(1, 1).Add(2, 2).Add(3, 3).Damage(1).bytes);
  EXPECT_EQ((Bases{0, 2, 3}), bases_);
  EXPECT_EQ(4, recovered.extent.next_offset);
  EXPECT_EQ(0, recovered.torn_bytes);
}

TEST_F(SegmentRecoveryTest, ADamagedLengthDoesNotHideWhatFollows) {
  Content content = Content().Add(0, 0).Add(1, 1).Add(2, 2);
  content.bytes[content.begins[1] + 11] = 0x7F;
  Recover(content.bytes);
  EXPECT_EQ((Bases{0, 2}), bases_);
}

TEST_F(SegmentRecoveryTest, AtAnyBitDamageBeforeTheMarkIsNoTornTail) {
  const Content content = Content().Add(0, 0).Add(1, 1).Add(2, 2);
  const SyncedMark mark{content.size(), 3};
  for (size_t at = content.begins[2]; at < content.bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = content.bytes + std::string(1'000, '\0');
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      const RecoveredSegment recovered = Recover(damaged, mark);
      ASSERT_EQ((Bases{0, 1}), bases_) << at;
      ASSERT_EQ(3, recovered.extent.next_offset) << "an offset that was given is not given again";
      ASSERT_EQ(content.size(), recovered.extent.end_position);
      ASSERT_EQ(0, recovered.torn_bytes);
    }
  }
}

TEST_F(SegmentRecoveryTest, WhatWasZeroedBeforeTheMarkIsDamageAndWhatFollowsItIsFound) {
  Content content = Content().Add(0, 0).Add(1, 1);
  const SyncedMark mark{content.size(), 2};
  content.Add(2, 2).Add(3, 3);
  const size_t end = content.bytes.size();
  content.bytes += "torn";
  for (const bool all : {false, true}) {
    std::string damaged = content.bytes;
    // The last batch before the mark; or all of them.
    damaged.replace(all ? 0 : content.begins[1], content.begins[2] - (all ? 0 : content.begins[1]),
                    content.begins[2] - (all ? 0 : content.begins[1]), '\0');
    const RecoveredSegment recovered = Recover(damaged, mark);
    EXPECT_EQ(all ? (Bases{2, 3}) : (Bases{0, 2, 3}), bases_);
    EXPECT_EQ(4, recovered.extent.next_offset);
    EXPECT_EQ(static_cast<int64_t>(end), recovered.extent.end_position);
    EXPECT_EQ(4, recovered.torn_bytes);
  }
}

TEST_F(SegmentRecoveryTest, ATornGroupBehindDamageThatTheMarkCoversIsCutAsAWhole) {
  Content content = Content().Add(0, 0).Add(1, 1);
  const SyncedMark mark{content.size(), 2};
  content.Add(2, 2).Add(3, 2).Damage(1).Damage(2);  // 2 and 3 are one group, which was never synced
  const RecoveredSegment recovered = Recover(content.bytes, mark);
  EXPECT_EQ((Bases{0}), bases_);
  EXPECT_EQ(2, recovered.extent.next_offset);
  EXPECT_EQ(mark.position, recovered.extent.end_position);
}

TEST_F(SegmentRecoveryTest, WhatNothingProvesToBeSyncedIsNamed) {
  const Content content = Content().Add(0, 0).Add(1, 1).Add(2, 1).Add(3, 1);
  EXPECT_EQ(static_cast<int64_t>(content.begins[1]), Recover(content.bytes).unsynced_position);
  EXPECT_EQ(static_cast<int64_t>(content.begins[2]),
            Recover(content.bytes, {static_cast<int64_t>(content.begins[2]), 2}).unsynced_position);
  EXPECT_EQ(content.size(), Recover(content.bytes, {content.size(), 4}).unsynced_position);
}

TEST_F(SegmentRecoveryTest, AnEmptySegmentIsEmpty) {
  const RecoveredSegment recovered = Recover(std::string(1'000, '\0'));
  EXPECT_TRUE(bases_.empty());
  EXPECT_EQ(0, recovered.extent.end_position);
}

}  // namespace
}  // namespace eventlog

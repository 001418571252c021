// Stored bytes of a small log are damaged in every way that a disk knows: each bit flipped, each length cut, blocks
// zeroed, swapped and gone back to what they were. What was hit is reported and never served, all else is served
// unchanged, and the log opens and goes on, or does not, as FORMAT.md says.
//
// The long form of it, over segments of 64 KiB: bazel run //tests/faults:damage_long

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/storage/batch_codec.h"
#include "eventlog-svc/storage/little_endian.h"
#include "eventlog-svc/storage/segment_index.h"
#include "gtest/gtest.h"
#include "tests/faults/damage_model.h"
#include "tests/faults/damaged_log.h"
#include "tests/support/status_matchers.h"

// At this one the closed segment ends in a state batch.
ABSL_FLAG(int64_t, segment_bytes, 1400, "how long each of the two segments is, about");
ABSL_FLAG(int64_t, block_bytes, 128, "how long a block of the disk is");
ABSL_FLAG(int64_t, reserve_stride, 1021, "of the reserved zeros one byte in so many is damaged");
ABSL_FLAG(int64_t, seconds_max, 30, "for one kind of damage and one log nothing is begun after this many seconds");

namespace eventlog {
namespace {

// Of a segment's header: FORMAT.md.
constexpr size_t kSaltAt = 48;
constexpr size_t kLaps = 509;

struct End {
  const char* name;
  LogEnd end;
};

constexpr std::array kEnds{End{"Closed", LogEnd::kClosed}, End{"Killed", LogEnd::kKilled},
                           End{"Unmarked", LogEnd::kUnmarked}};

class DamageTest : public testing::TestWithParam<End> {
 protected:
  DamageTest() : log_(DamagedLog::Make(absl::GetFlag(FLAGS_segment_bytes), GetParam().end)) {}
  void SetUp() override {
    ASSERT_THAT(log_, IsOk());
    ASSERT_THAT(log_->Look({}), IsOk()) << "it is not damaged";
    end_ = absl::Now() + absl::Seconds(absl::GetFlag(FLAGS_seconds_max));
  }
  void TearDown() override {
    std::cout << looks_ << " damages: " << unopened_ << " kept the log from opening, " << lossy_ << " cost events, "
              << cut_ << " cut its end\n";
  }

  const StoredFiles& files() const { return log_->model().files(); }
  // Whether it goes on: not once something was found, or the time is over.
  bool Look(const StoredFiles& damaged, const std::string& what) {
    const DamageOutcome outcome = log_->model().Predict(damaged);
    ++looks_;
    unopened_ += outcome.opens ? 0 : 1;
    lossy_ += outcome.lost.empty() ? 0 : 1;
    cut_ += outcome.head_offset < log_->model().head_offset() ? 1 : 0;
    const absl::Status sound = log_->Look(damaged);
    EXPECT_THAT(sound, IsOk()) << what;
    return sound.ok() && absl::Now() < end_;
  }
  // Calls `look` for each byte of each file, and for some of the zeros behind the active segment's last batch: in laps,
  // so that also a run that is out of time has been everywhere.
  void ForEachByte(const std::function<bool(const std::string& path, size_t at)>& look) {
    const size_t stride = static_cast<size_t>(absl::GetFlag(FLAGS_reserve_stride));
    std::vector<std::pair<const std::string*, size_t>> bytes;
    for (const auto& [path, content] : files()) {
      const bool is_active = path == log_->model().active_path();
      const size_t used = is_active ? static_cast<size_t>(log_->model().end_position()) : content.size();
      for (size_t at = 0; at < content.size(); at += at < used ? 1 : stride) bytes.emplace_back(&path, at);
    }
    for (size_t lap = 0; lap < kLaps; ++lap) {
      for (size_t i = lap; i < bytes.size(); i += kLaps) {
        if (!look(*bytes[i].first, bytes[i].second)) return;
      }
    }
  }
  // Each block of each file: its path and where it begins.
  std::vector<std::pair<std::string, size_t>> Blocks() const {
    const size_t bytes = static_cast<size_t>(absl::GetFlag(FLAGS_block_bytes));
    std::vector<std::pair<std::string, size_t>> blocks;
    for (const auto& [path, content] : files()) {
      const bool is_active = path == log_->model().active_path();
      // One block of reserved zeros stands for all.
      const size_t end = is_active ? static_cast<size_t>(log_->model().end_position()) + bytes : content.size();
      for (size_t at = 0; at < end; at += bytes) blocks.emplace_back(path, at);
    }
    return blocks;
  }
  std::string BlockOf(const StoredFiles& files, const std::pair<std::string, size_t>& block) const {
    const auto found = files.find(block.first);
    if (found == files.end() || found->second.size() <= block.second) return "";
    return found->second.substr(block.second, static_cast<size_t>(absl::GetFlag(FLAGS_block_bytes)));
  }
  // The file with other bytes from there on.
  std::string With(std::string content, size_t at, const std::string& bytes) const {
    const size_t count = std::min(bytes.size(), content.size() - at);
    return content.replace(at, count, bytes, 0, count);
  }

  const absl::StatusOr<DamagedLog> log_;
  int64_t looks_ = 0, unopened_ = 0, lossy_ = 0, cut_ = 0;
  absl::Time end_;
};

TEST_P(DamageTest, EveryFlippedBit) {
  ForEachByte([&](const std::string& path, size_t at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = files().at(path);
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      if (!Look({{path, damaged}}, absl::StrCat("bit ", bit, " of byte ", at, " of ", path))) return false;
    }
    return true;
  });
  EXPECT_GT(lossy_, 0) << "nothing was hit";
}

TEST_P(DamageTest, EveryTruncation) {
  ForEachByte([&](const std::string& path, size_t at) {
    return Look({{path, files().at(path).substr(0, at)}}, absl::StrCat(path, " cut at ", at));
  });
}

TEST_P(DamageTest, ZeroedBlocks) {
  for (const auto& block : Blocks()) {
    const std::string zeros(BlockOf(files(), block).size(), '\0');
    const std::string damaged = With(files().at(block.first), block.second, zeros);
    if (!Look({{block.first, damaged}}, absl::StrCat("zeros at ", block.second, " of ", block.first))) return;
  }
}

TEST_P(DamageTest, SwappedBlocks) {
  const auto blocks = Blocks();
  for (size_t i = 0; i < blocks.size(); ++i) {
    for (size_t j = i + 1; j < blocks.size(); ++j) {
      StoredFiles damaged;
      damaged[blocks[i].first] = files().at(blocks[i].first);
      damaged[blocks[j].first] = files().at(blocks[j].first);
      for (const auto& [to, from] : {std::pair(i, j), std::pair(j, i)}) {
        std::string& content = damaged[blocks[to].first];
        content = With(content, blocks[to].second, BlockOf(files(), blocks[from]));
      }
      if (!Look(damaged, absl::StrCat("block ", blocks[i].second, " of ", blocks[i].first, " and block ",
                                      blocks[j].second, " of ", blocks[j].first))) {
        return;
      }
    }
  }
}

TEST_P(DamageTest, BlocksAsTheyWereBefore) {
  for (size_t age = 0; age < log_->older().size(); ++age) {
    for (const auto& block : Blocks()) {
      const std::string older = BlockOf(log_->older()[age], block);
      if (older == BlockOf(files(), block)) continue;
      const std::string damaged = With(files().at(block.first), block.second, older);
      if (!Look({{block.first, damaged}}, absl::StrCat("block ", block.second, " of ", block.first, " as of ", age))) {
        return;
      }
    }
  }
  EXPECT_GT(looks_, 0);
}

// An index says nothing that the segment does not: whatever became of it, all is served.
TEST_P(DamageTest, AnIndexThatIsMissingOrStaleOrOfAnotherLog) {
  const std::string& path = log_->model().index_path();
  const int64_t size = static_cast<int64_t>(files().at(log_->model().sealed_path()).size());
  EXPECT_THAT(log_->LookWithout(path), IsOk());
  // It would lead a reader of offset 3 to the middle of nowhere, if it were taken for ours.
  SegmentIndex index(1);
  BatchHeader batch;
  batch.count = 1;
  batch.base_offset = 3;
  index.Add(batch, size / 2);
  Look({{path, index.Encode({42, 0}, {size, 4, 4, absl::UnixEpoch()})}}, "of another log");
  const BatchSeal ours{LoadLittleEndian<uint64_t>(files().at(log_->model().sealed_path()).data() + kSaltAt), 0};
  Look({{path, index.Encode(ours, {size - 1, 4, 4, absl::UnixEpoch()})}}, "of the time when it was shorter");
}

INSTANTIATE_TEST_SUITE_P(A, DamageTest, testing::ValuesIn(kEnds),
                         [](const testing::TestParamInfo<End>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace eventlog

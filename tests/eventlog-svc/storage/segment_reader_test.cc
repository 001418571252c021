#include "eventlog-svc/storage/segment_reader.h"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/storage/batch_codec.h"
#include "eventlog-svc/storage/little_endian.h"
#include "eventlog-svc/storage/segment_format.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/segment_name.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/storage/log_builder.h"

namespace eventlog {
namespace {

// A batch of a log, and the sizes of its records.
struct Placed {
  std::string path;
  size_t begin = 0, end = 0;  // in its file
  RecordRun run;
  bool damaged = false;
};

// What Read gives of a log of these batches, one record for each offset, whose wire form is `wire`.
RecordPage ExpectedPage(const std::vector<Placed>& batches, const std::vector<std::string>& wire,
                        const ReadOptions& options) {
  RecordPage page;
  page.next_offset = options.from;
  size_t at = 0;
  while (batches[at].run.next_offset() <= options.from) ++at;
  const std::string path = batches[at].path;
  const bool damaged = batches[at].damaged;
  for (; at < batches.size() && batches[at].path == path && batches[at].damaged == damaged; ++at) {
    const int64_t end = batches[at].run.next_offset();
    if (damaged) {
      page.next_offset = end;
      page.gap = Gap{options.from, end, GapReason::kCorrupt};
      continue;
    }
    std::string taken;
    int64_t next = page.next_offset;
    const auto full = [&](size_t bytes) {
      return next - options.from >= options.records_max || page.wire.size() + taken.size() + bytes > options.bytes_max;
    };
    while (next < end && (next == options.from || !full(wire[static_cast<size_t>(next)].size()))) {
      taken += wire[static_cast<size_t>(next++)];
    }
    if (next < end && options.whole_runs && !page.wire.empty()) break;
    page.wire += taken;
    page.next_offset = next;
    if (next < end) break;
  }
  return page;
}

// Three segments, batches of 1 to 5 records.
class SegmentReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = OpenLog(files_);
    ASSERT_THAT(opened, IsOk());
    log_ = std::move(opened->log);
    for (int i = 0; i < 60; ++i) {
      if (i == 20 || i == 40) {
        ASSERT_THAT(log_->Roll(""), IsOk());
      }
      ASSERT_THAT(Commit(*log_, 1 + i % 5), IsOk());
    }
    head_ = log_->size().bounds.head_offset;
    for (int64_t offset = 0; offset < head_; ++offset) all_.push_back(offset);
  }

  // All batches of the sound log in order, and each record's wire form.
  void FindBatches(std::vector<Placed>& batches, std::vector<std::string>& wire) {
    for (int64_t from = 0; from < head_;) {
      const auto page = log_->Read({from, Direction::kForward, 1000, 1 << 20});
      ASSERT_THAT(page, IsOk());
      const std::string path = absl::StrCat(kLogDirectory, "/", SegmentFileName(from, kSegmentSuffix));
      const std::string content = files_.Content(path);
      size_t end = content.find("EVBT");
      for (const RecordRun& run : page->runs) {
        const size_t begin = end;
        end = std::min(content.find("EVBT", begin + 1), begin + kBatchHeaderBytes + run.size);
        batches.push_back({path, begin, end, run});
      }
      for (const RecordSpan& span : SpansOf(*page)) wire.push_back(page->wire.substr(span.position, span.size));
      from = page->next_offset;
    }
  }

  FakeFileSystem files_;
  std::unique_ptr<SegmentedLog> log_;
  int64_t head_ = 0;
  std::vector<int64_t> all_;
};

TEST_F(SegmentReaderTest, EveryLimitGivesTheWholeLogInBothDirections) {
  std::vector<int64_t> reversed = all_;
  std::reverse(reversed.begin(), reversed.end());
  for (const int64_t records_max : {0, 1, 2, 3, 7, 1000}) {
    for (const size_t bytes_max : {size_t{0}, size_t{1}, size_t{60}, size_t{500}, size_t{1} << 20}) {
      EXPECT_EQ(all_, ScanLog(*log_, {0, Direction::kForward, records_max, bytes_max}));
      EXPECT_EQ(reversed, ScanLog(*log_, {0, Direction::kBackward, records_max, bytes_max}));
    }
  }
}

TEST_F(SegmentReaderTest, APageHasNoMoreThanItsLimits) {
  for (int64_t from = 0; from < head_; ++from) {
    const auto page = log_->Read({from, Direction::kForward, 4, 150});
    ASSERT_THAT(page, IsOk());
    ASSERT_FALSE(page->empty());
    EXPECT_EQ(from, page->runs.front().base_offset);
    EXPECT_LE(page->record_count(), 4);
    EXPECT_TRUE(page->wire.size() <= 150 || page->record_count() == 1);
  }
}

TEST_F(SegmentReaderTest, APageReadsLittleMoreThanItHolds) {
  FakeFileSystem files;
  auto opened = OpenLog(files, {16 * 1024 * 1024, 1024 * 1024});  // many batches between two entries of the index
  ASSERT_THAT(opened, IsOk());
  SegmentedLog& log = *opened->log;
  for (int i = 0; i < 32; ++i) ASSERT_THAT(Commit(log, 1000), IsOk());
  ReadOptions options;
  options.records_max = 1'000'000;
  options.bytes_max = 104'000;
  options.whole_runs = true;
  for (options.from = 0; options.from < log.size().bounds.head_offset;) {
    const int64_t before = files.bytes_read();
    const auto page = log.Read(options);
    ASSERT_THAT(page, IsOk());
    ASSERT_EQ(4000, page->record_count());
    const int64_t passed_over = options.from / 1000;
    const int64_t read = files.bytes_read() - before;
    EXPECT_LT(read, static_cast<int64_t>(options.bytes_max) + passed_over * 4096 + 256) << "from " << options.from;
    options.from = page->next_offset;
  }
}

TEST_F(SegmentReaderTest, APageThatHasItsRecordsReadsNoFurtherBatch) {
  FakeFileSystem files;
  auto opened = OpenLog(files, {16 * 1024 * 1024, 200});
  ASSERT_THAT(opened, IsOk());
  for (int i = 0; i < 2; ++i) ASSERT_THAT(Commit(*opened->log, 20'000), IsOk());
  for (const bool whole : {false, true}) {
    ReadOptions options{0, Direction::kForward, 20'000, 1 << 30};
    options.whole_runs = whole;
    const int64_t before = files.bytes_read();
    const auto page = opened->log->Read(options);
    ASSERT_THAT(page, IsOk());
    EXPECT_EQ(20'000, page->next_offset);
    EXPECT_LT(files.bytes_read() - before, static_cast<int64_t>(page->wire.size()) + 64 * 1024);
  }
}

TEST_F(SegmentReaderTest, DamageIsPassedOverInFewReadsHoweverLittleThePageStillTakes) {
  FakeFileSystem files;
  auto opened = OpenLog(files, {16 * 1024 * 1024, 200});
  ASSERT_THAT(opened, IsOk());
  SegmentedLog& log = *opened->log;
  for (int i = 0; i < 3; ++i) ASSERT_THAT(Commit(log, 20'000), IsOk());
  const size_t first_bytes = log.Read({0, Direction::kForward, 20'000, 1 << 20})->wire.size();
  const std::string path = absl::StrCat(kLogDirectory, "/", SegmentFileName(0, kSegmentSuffix));
  const std::string content = files.Content(path);
  const size_t second = content.find("EVBT", content.find("EVBT") + 1), third = content.find("EVBT", second + 1);
  int64_t reads = 0;
  files.SetFault([&reads](FakeFileSystem::Operation operation, const std::string&) {
    reads += operation == FakeFileSystem::Operation::kRead ? 1 : 0;
    return absl::OkStatus();
  });
  for (const size_t damaged_bytes : {size_t{1}, third - second}) {
    std::string bad = content;
    bad.replace(second, damaged_bytes, damaged_bytes, '\0');
    files.SetContent(path, bad);
    for (const ReadOptions& options : {ReadOptions{20'000, Direction::kForward, 1000, 1},
                                       ReadOptions{0, Direction::kForward, 30'000, first_bytes + 1}}) {
      reads = 0;
      const auto page = log.Read(options);
      ASSERT_THAT(page, IsOk());
      EXPECT_EQ(options.from == 20'000, page->gap.has_value());
      EXPECT_EQ(options.from == 20'000 ? 40'000 : 20'000, page->next_offset);
      // The zeros are looked at twice: whether it is the end, and for what is behind them.
      EXPECT_LT(reads, 2 * static_cast<int64_t>(third - second) / 4096 + 8) << options.from << " " << damaged_bytes;
    }
  }
}

TEST_F(SegmentReaderTest, ADamagedBatchBeforeThePageDoesNotMatter) {
  const std::string path = absl::StrCat(kLogDirectory, "/", SegmentFileName(0, kSegmentSuffix));
  std::string bad = files_.Content(path);
  const size_t second = bad.find("EVBT", bad.find("EVBT") + 1);
  bad[second + 70] ^= 1;
  files_.SetContent(path, bad);
  const auto before = log_->Read({1, Direction::kForward});
  ASSERT_THAT(before, IsOk());
  EXPECT_EQ(1, before->gap->start_offset);
  EXPECT_EQ(3, before->gap->next_offset);
  const auto behind = log_->Read({3, Direction::kForward, 3});
  ASSERT_THAT(behind, IsOk());
  EXPECT_EQ(3, behind->runs.front().base_offset);
  EXPECT_EQ(6, behind->next_offset);
}

TEST_F(SegmentReaderTest, AHeaderThatIsNotThatOfItsBatchLeadsNobodyPastWhatIsThere) {
  FakeFileSystem files;
  auto opened = OpenLog(files, {16 * 1024 * 1024, 32 * 1024});
  ASSERT_THAT(opened, IsOk());
  for (const int count : {5, 100, 5, 5}) ASSERT_THAT(Commit(*opened->log, count), IsOk());
  const std::string path = absl::StrCat(kLogDirectory, "/", SegmentFileName(0, kSegmentSuffix));
  const auto file = files.Open(path, OpenMode::kRead);
  ASSERT_THAT(file, IsOk());
  const auto header = ReadSegmentHeader(**file, path);
  ASSERT_THAT(header, IsOk());
  const std::string content = files.Content(path);
  const size_t second = content.find("EVBT", content.find("EVBT") + 1);
  // A batch that was cut off in that place, of other records: a disk that lost a write shows the begin of it again.
  for (const uint32_t count : {1, 102}) {
    std::string cut_off = content.substr(second, content.find("EVBT", second + 1) - second);
    StoreLittleEndian<uint32_t>(count, cut_off.data() + 12);
    SealBatch({header->salt, 0}, static_cast<int64_t>(second), cut_off);
    std::string bad = content;
    bad.replace(second, kBatchHeaderBytes, cut_off, 0, kBatchHeaderBytes);
    bad[second + 4] ^= 1;
    files.SetContent(path, bad);
    for (int64_t from = 0; from < 115; ++from) {
      const auto page = opened->log->Read({from, Direction::kForward, 1});
      ASSERT_THAT(page, IsOk());
      const bool lost = from >= 5 && from < 105;
      EXPECT_EQ(lost, page->gap.has_value()) << count << " " << from;
      EXPECT_EQ(lost ? 105 : from + 1, page->next_offset) << count << " " << from;
    }
  }
}

TEST_F(SegmentReaderTest, AtTheEndThereIsNothingAndOutsideIsRefused) {
  const auto at_head = log_->Read({head_, Direction::kForward});
  ASSERT_THAT(at_head, IsOk());
  EXPECT_TRUE(at_head->empty());
  EXPECT_FALSE(at_head->gap.has_value());
  EXPECT_EQ(head_, at_head->next_offset);
  EXPECT_TRUE(log_->Read({0, Direction::kBackward})->empty());
  EXPECT_THAT(log_->Read({head_ + 1, Direction::kForward}), HasReason("OFFSET_OUT_OF_RANGE"));
  EXPECT_THAT(log_->Read({-1, Direction::kForward}), HasReason("OFFSET_OUT_OF_RANGE"));
}

TEST_F(SegmentReaderTest, EveryTimeLeadsToItsFirstRecord) {
  // NextBatch gives the batch at `offset` the second 1,000,000 + offset.
  std::vector<int64_t> bases;
  for (int64_t base = 0, i = 0; base < head_; base += 1 + i++ % 5) bases.push_back(base);
  for (int64_t second = -1; second <= head_; ++second) {
    const auto base = std::lower_bound(bases.begin(), bases.end(), second);
    EXPECT_THAT(log_->OffsetAt(absl::FromUnixSeconds(1'000'000 + second)),
                IsOkAndHolds(base == bases.end() ? head_ : *base));
  }
}

TEST_F(SegmentReaderTest, ADamagedBatchIsAGapInBothDirectionsAndNothingElseIsLost) {
  const auto names = files_.List(kLogDirectory);
  ASSERT_THAT(names, IsOk());
  for (const std::string& name : *names) {
    if (!absl::StrContains(name, ".log")) continue;
    const std::string path = absl::StrCat(kLogDirectory, "/", name);
    const std::string good = files_.Content(path);
    for (size_t at = good.find("EVBT"); at != std::string::npos; at = good.find("EVBT", at + 1)) {
      std::string bad = good;
      bad[at + 70] = static_cast<char>(bad[at + 70] ^ 1);
      files_.SetContent(path, bad);
      std::vector<int64_t> forward = ScanLog(*log_, {0, Direction::kForward, 1000, 1 << 20});
      std::vector<int64_t> backward = ScanLog(*log_, {0, Direction::kBackward, 1000, 1 << 20});
      const auto gap = std::find_if(forward.begin(), forward.end(), [](int64_t offset) { return offset < 0; });
      ASSERT_NE(forward.end(), gap) << path << " " << at;
      const int64_t start = -gap[0] - 1, next = -gap[1] - 1;
      EXPECT_LE(next - start, 5);
      forward.erase(gap, gap + 2);
      std::vector<int64_t> expected = all_;
      expected.erase(expected.begin() + start, expected.begin() + next);
      EXPECT_EQ(expected, forward) << path << " " << at;
      std::erase_if(backward, [](int64_t offset) { return offset < 0; });
      std::reverse(backward.begin(), backward.end());
      EXPECT_EQ(expected, backward) << path << " " << at;
    }
    files_.SetContent(path, good);
  }
}

TEST_F(SegmentReaderTest, WhatAPageHoldsOfADamagedLogDoesNotDependOnWhereItBegins) {
  std::vector<Placed> sound;
  std::vector<std::string> wire;
  FindBatches(sound, wire);
  ASSERT_EQ(60u, sound.size());
  std::minstd_rand random(1);
  const auto pick = [&random](size_t count) { return static_cast<size_t>(random() % count); };
  for (int round = 0; round < 200; ++round) {
    std::vector<Placed> batches = sound;
    std::map<std::string, std::string> good;
    for (size_t count = pick(8); count > 0; --count) {
      Placed& batch = batches[pick(batches.size())];
      if (std::exchange(batch.damaged, true)) continue;
      std::string content = files_.Content(batch.path);
      good.try_emplace(batch.path, content);
      const size_t at = batch.begin + pick(batch.end - batch.begin);
      content[at] = static_cast<char>(content[at] ^ (1 << pick(8)));
      files_.SetContent(batch.path, content);
    }
    for (int64_t from = 0; from < head_; ++from) {
      ReadOptions options{from, Direction::kForward, static_cast<int64_t>(1 + pick(20)), pick(600)};
      options.whole_runs = pick(2) == 0;
      const auto page = log_->Read(options);
      ASSERT_THAT(page, IsOk());
      const RecordPage expected = ExpectedPage(batches, wire, options);
      ASSERT_EQ(expected.next_offset, page->next_offset) << round << " from " << from;
      ASSERT_EQ(expected.wire, page->wire) << round << " from " << from;
      ASSERT_EQ(expected.gap.has_value(), page->gap.has_value());
      ASSERT_TRUE(!page->gap.has_value() || page->gap->next_offset == expected.gap->next_offset);
    }
    for (const auto& [path, content] : good) files_.SetContent(path, content);
  }
}

}  // namespace
}  // namespace eventlog

#include "eventlog-svc/storage/batch_scanner.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using Step = BatchScanner::Step;

constexpr BatchSeal kSeal{42, 0};

// Puts a batch behind what is there.
void AddBatch(std::string& content, int64_t base_offset, size_t event_bytes = 10) {
  BatchHeader header;
  header.base_offset = base_offset;
  header.append_time = absl::FromUnixSeconds(1);
  std::string bytes = EncodeBatch(header, {{std::string(event_bytes, 'x'), false}}).bytes;
  SealBatch(kSeal, static_cast<int64_t>(content.size()), bytes);
  content += bytes;
}

std::string Batches(const std::vector<int64_t>& base_offsets) {
  std::string content;
  for (const int64_t base_offset : base_offsets) AddBatch(content, base_offset);
  return content;
}

class BatchScannerTest : public testing::Test {
 protected:
  // The base offsets that a scan finds, with -1 for each damage.
  std::vector<int64_t> Scan(const std::string& content, size_t chunk_bytes) {
    files_.SetContent("/segment", content);
    const auto file = files_.Open("/segment", OpenMode::kRead);
    EXPECT_THAT(file, IsOk());
    BatchScanner scanner(**file, kSeal, {0, 0, static_cast<int64_t>(content.size())}, chunk_bytes);
    std::vector<int64_t> found;
    while (true) {
      const auto step = scanner.Next();
      EXPECT_THAT(step, IsOk());
      if (*step == Step::kEnd) return found;
      if (*step == Step::kBatch) {
        found.push_back(scanner.header().base_offset);
      } else {
        found.push_back(-1);
        EXPECT_THAT(scanner.SkipDamage(), IsOk());
      }
    }
  }

  FakeFileSystem files_;
};

TEST_F(BatchScannerTest, FindsAllBatchesWithAnyBuffer) {
  std::string content = Batches({0});
  AddBatch(content, 1, 5000);
  AddBatch(content, 2);
  content += std::string(3000, '\0');
  for (const size_t chunk_bytes : {1, 63, 64, 65, 1000, 4096, 1 << 20}) {
    EXPECT_EQ((std::vector<int64_t>{0, 1, 2}), Scan(content, chunk_bytes)) << chunk_bytes;
  }
}

// Counts what is read of a file.
class CountedFile : public File {
 public:
  explicit CountedFile(const File& file) : file_(file) {}
  absl::StatusOr<size_t> Read(int64_t position, size_t size, char* buffer) const override {
    bytes_read_ += size;
    return file_.Read(position, size, buffer);
  }
  absl::Status Write(int64_t, absl::Span<const absl::string_view>) override { return absl::UnimplementedError(""); }
  absl::Status Sync() override { return absl::UnimplementedError(""); }
  absl::Status Allocate(int64_t) override { return absl::UnimplementedError(""); }
  absl::Status Truncate(int64_t) override { return absl::UnimplementedError(""); }
  absl::StatusOr<int64_t> Size() const override { return file_.Size(); }
  size_t bytes_read() const { return bytes_read_; }

 private:
  const File& file_;
  mutable size_t bytes_read_ = 0;
};

TEST_F(BatchScannerTest, NoByteOfASoundFileIsReadTwice) {
  std::string content;
  for (int64_t offset = 0; offset < 50; ++offset) AddBatch(content, offset, 30 + 70 * static_cast<size_t>(offset % 7));
  files_.SetContent("/segment", content);
  const auto file = files_.Open("/segment", OpenMode::kRead);
  ASSERT_THAT(file, IsOk());
  for (const size_t chunk_bytes : {100, 1000, 1 << 20}) {
    const CountedFile counted(**file);
    BatchScanner scanner(counted, kSeal, {0, 0, static_cast<int64_t>(content.size())}, chunk_bytes);
    for (int64_t offset = 0; offset < 50; ++offset) {
      const auto step = scanner.Next();
      ASSERT_THAT(step, IsOk());
      ASSERT_EQ(Step::kBatch, *step) << chunk_bytes;
      ASSERT_EQ(offset, scanner.header().base_offset);
    }
    EXPECT_EQ(content.size(), counted.bytes_read()) << chunk_bytes;
  }
}

TEST_F(BatchScannerTest, BatchesArePassedOverByTheirHeadersAlone) {
  std::string content;
  for (int64_t offset = 0; offset < 5; ++offset) AddBatch(content, offset, 100'000);
  content[content.size() / 2] ^= 1;  // of the third one's records
  files_.SetContent("/segment", content);
  const auto file = files_.Open("/segment", OpenMode::kRead);
  ASSERT_THAT(file, IsOk());
  for (const size_t chunk_bytes : {64, 100, 4096}) {
    const CountedFile counted(**file);
    BatchScanner scanner(counted, kSeal, {0, 0, static_cast<int64_t>(content.size())}, chunk_bytes);
    for (int64_t offset = 0; offset < 4; ++offset) {
      const auto header = scanner.Peek();
      ASSERT_THAT(header, IsOk());
      ASSERT_NE(nullptr, *header);
      EXPECT_EQ(offset, (*header)->base_offset);
      EXPECT_EQ(1u, (*header)->count);
      EXPECT_LT(100'000u, (*header)->record_bytes);
      scanner.Skip();
    }
    EXPECT_EQ(4 * chunk_bytes, counted.bytes_read());
    ASSERT_THAT(scanner.Peek(), IsOk());
    EXPECT_THAT(scanner.Next(), IsOkAndHolds(Step::kBatch));
    EXPECT_EQ(4, scanner.header().base_offset);
    EXPECT_EQ(scanner.records().size(), scanner.header().record_bytes);
    EXPECT_THAT(scanner.Peek(), IsOkAndHolds(nullptr));
    EXPECT_THAT(scanner.Next(), IsOkAndHolds(Step::kEnd));
  }
}

TEST_F(BatchScannerTest, APeekDoesNotChangeWhatIsFound) {
  std::string content = Batches({0, 1, 2, 3});
  content[Batches({0}).size() + 70] ^= 1;     // records
  content[Batches({0, 1}).size() + 20] ^= 1;  // a header
  files_.SetContent("/segment", content);
  const auto file = files_.Open("/segment", OpenMode::kRead);
  ASSERT_THAT(file, IsOk());
  BatchScanner scanner(**file, kSeal, {0, 0, static_cast<int64_t>(content.size())});
  ASSERT_NE(nullptr, scanner.Peek().value());
  EXPECT_THAT(scanner.Next(), IsOkAndHolds(Step::kBatch));
  ASSERT_NE(nullptr, scanner.Peek().value()) << "its header is sound";
  EXPECT_THAT(scanner.Next(), IsOkAndHolds(Step::kBad));
  EXPECT_THAT(scanner.SkipDamage(), IsOkAndHolds(true));
  EXPECT_EQ(3, scanner.Peek().value()->base_offset);
  EXPECT_THAT(scanner.Next(), IsOkAndHolds(Step::kBatch));
  EXPECT_EQ(3, scanner.header().base_offset);
  BatchScanner at_damage(**file, kSeal,
                         {static_cast<int64_t>(Batches({0, 1}).size()), 0, static_cast<int64_t>(content.size())});
  EXPECT_THAT(at_damage.Peek(), IsOkAndHolds(nullptr));
  EXPECT_THAT(at_damage.Next(), IsOkAndHolds(Step::kBad));
  BatchScanner not_taken(**file, kSeal, {0, 0, static_cast<int64_t>(content.size())});
  EXPECT_EQ(0, not_taken.Peek().value()->base_offset);
  EXPECT_THAT(not_taken.SkipDamage(), IsOkAndHolds(true));
  EXPECT_EQ(3, not_taken.Peek().value()->base_offset);
}

TEST_F(BatchScannerTest, DamageCostsOnlyItsBatch) {
  const std::string content = Batches({0, 1, 2});
  const size_t begin = Batches({0}).size(), end = Batches({0, 1}).size();
  for (size_t at = begin; at < end; ++at) {
    std::string damaged = content;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    EXPECT_EQ((std::vector<int64_t>{0, -1, 2}), Scan(damaged, 100)) << at;
  }
}

TEST_F(BatchScannerTest, AMagicNumberInTheRubbishIsNotABatch) {
  std::string content = Batches({0}) + "EVBTEVBT" + std::string(100, 'E') + "EVBT";
  AddBatch(content, 7);
  EXPECT_EQ((std::vector<int64_t>{0, -1, 7}), Scan(content, 64));
}

TEST_F(BatchScannerTest, ABatchInAPayloadIsNotFoundInItsDamage) {
  // An event holds what was copied out of a segment; the begin of its own batch is lost.
  for (const int64_t copied : {1, 2, 1'000'000}) {
    std::string payload(40, 'x');
    AddBatch(payload, copied);
    std::string content = Batches({0});
    const size_t begin = content.size();
    BatchHeader header;
    header.base_offset = 1;
    header.append_time = absl::FromUnixSeconds(1);
    std::string bytes = EncodeBatch(header, {{payload, false}}).bytes;
    SealBatch(kSeal, static_cast<int64_t>(begin), bytes);
    content += bytes;
    content.replace(begin, 8, 8, '\0');
    AddBatch(content, 2);
    EXPECT_EQ((std::vector<int64_t>{0, -1, 2}), Scan(content, 100)) << copied;
  }
}

TEST_F(BatchScannerTest, HeadersThatAPayloadMakesUpCostNoReadingOfWhatTheyClaim) {
  std::string made_up = Batches({1}).substr(0, 64);
  made_up.replace(8, 4, std::string("\x00\x00\x0f\x00", 4));  // almost 1 MB each
  std::string content = Batches({0});
  const size_t begin = content.size();
  for (int i = 0; i < 16'000; ++i) content += made_up;
  AddBatch(content, 1);
  content[begin] = 'x';
  // Reading what each of them claims would take hours.
  EXPECT_EQ((std::vector<int64_t>{0, -1, 1}), Scan(content, 64 * 1024));
}

TEST_F(BatchScannerTest, OffsetsThatFallOrJumpAreDamage) {
  std::string content = Batches({0, 1, 2});
  AddBatch(content, 1);
  AddBatch(content, 3);
  AddBatch(content, 1'000'000);
  AddBatch(content, 4);
  EXPECT_EQ((std::vector<int64_t>{0, 1, 2, -1, 3, -1, 4}), Scan(content, 100));
  EXPECT_EQ((std::vector<int64_t>{0, -1}), Scan(Batches({0, 2}), 100)) << "nothing was skipped that could have held 1";
}

TEST_F(BatchScannerTest, AnEmptyRangeAndZerosEndAtOnce) {
  EXPECT_TRUE(Scan("", 64).empty());
  EXPECT_TRUE(Scan(std::string(100'000, '\0'), 64).empty());
}

TEST_F(BatchScannerTest, ATornBatchAtTheEndIsDamage) {
  const std::string content = Batches({0, 1});
  for (size_t size = Batches({0}).size() + 1; size < content.size(); ++size) {
    EXPECT_EQ((std::vector<int64_t>{0, -1}), Scan(content.substr(0, size), 100)) << size;
  }
}

}  // namespace
}  // namespace eventlog

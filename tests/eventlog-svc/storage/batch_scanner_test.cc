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

std::string Batch(int64_t base_offset, size_t event_bytes = 10) {
  BatchHeader header;
  header.base_offset = base_offset;
  header.append_time = absl::FromUnixSeconds(1);
  return EncodeBatch(header, {{std::string(event_bytes, 'x'), false}}).bytes;
}

class BatchScannerTest : public testing::Test {
 protected:
  // The base offsets that a scan finds, with -1 for each damage.
  std::vector<int64_t> Scan(const std::string& content, size_t chunk_bytes) {
    files_.SetContent("/segment", content);
    const auto file = files_.Open("/segment", OpenMode::kRead);
    EXPECT_THAT(file, IsOk());
    BatchScanner scanner(**file, 0, static_cast<int64_t>(content.size()), chunk_bytes);
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
  const std::string content = Batch(0) + Batch(1, 5000) + Batch(2) + std::string(3000, '\0');
  for (const size_t chunk_bytes : {1, 63, 64, 65, 1000, 4096, 1 << 20}) {
    EXPECT_EQ((std::vector<int64_t>{0, 1, 2}), Scan(content, chunk_bytes)) << chunk_bytes;
  }
}

TEST_F(BatchScannerTest, DamageCostsOnlyItsBatch) {
  for (size_t at = 0; at < Batch(1).size(); ++at) {
    std::string damaged = Batch(1);
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    EXPECT_EQ((std::vector<int64_t>{0, -1, 2}), Scan(Batch(0) + damaged + Batch(2), 100)) << at;
  }
}

TEST_F(BatchScannerTest, AMagicNumberInTheRubbishIsNotABatch) {
  const std::string rubbish = "EVBTEVBT" + std::string(100, 'E') + "EVBT";
  EXPECT_EQ((std::vector<int64_t>{0, -1, 7}), Scan(Batch(0) + rubbish + Batch(7), 64));
}

TEST_F(BatchScannerTest, AnEmptyRangeAndZerosEndAtOnce) {
  EXPECT_TRUE(Scan("", 64).empty());
  EXPECT_TRUE(Scan(std::string(100'000, '\0'), 64).empty());
}

TEST_F(BatchScannerTest, ATornBatchAtTheEndIsDamage) {
  const std::string last = Batch(1);
  for (size_t size = 1; size < last.size(); ++size) {
    EXPECT_EQ((std::vector<int64_t>{0, -1}), Scan(Batch(0) + last.substr(0, size), 100)) << size;
  }
}

}  // namespace
}  // namespace eventlog

#include "eventlog-svc/storage/segment_header.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

absl::StatusOr<SegmentHeader> Read(const std::string& bytes) {
  FakeFileSystem files;
  EXPECT_THAT(files.CreateDirectories("/log"), IsOk());
  const auto created = files.Open("/log/segment", OpenMode::kCreate);
  EXPECT_THAT(created, IsOk());
  EXPECT_THAT((*created)->Write(0, {bytes}), IsOk());
  return ReadSegmentHeader(**created, "/log/segment");
}

const SegmentHeader kHeader{42, "0123456789abcdef", absl::FromUnixSeconds(1'700'000'000), 0xFEDCBA9876543210,
                            "the state"};

TEST(SegmentHeaderTest, RoundTrips) {
  const auto header = Read(EncodeSegmentHeader(kHeader) + "batches");
  ASSERT_THAT(header, IsOk());
  EXPECT_EQ(42, header->base_offset);
  EXPECT_EQ("0123456789abcdef", header->epoch);
  EXPECT_EQ(kHeader.create_time, header->create_time);
  EXPECT_EQ("the state", header->state);
  EXPECT_EQ(0xFEDCBA9876543210, header->salt);
  EXPECT_EQ(56 + 9, header->size());
}

TEST(SegmentHeaderTest, EachEpochIsNewAndOfHexadecimalDigits) {
  const std::string epoch = EpochOf(RandomBits());
  EXPECT_EQ(16u, epoch.size());
  EXPECT_EQ(std::string::npos, epoch.find_first_not_of("0123456789abcdef"));
  EXPECT_NE(epoch, EpochOf(RandomBits()));
}

TEST(SegmentHeaderTest, EveryFlippedBitIsFound) {
  const std::string bytes = EncodeSegmentHeader(kHeader);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THAT(Read(damaged), AllOf(StatusIs(absl::StatusCode::kDataLoss), HasReason("DATA_CORRUPT"))) << bit;
  }
}

TEST(SegmentHeaderTest, ACutHeaderIsFound) {
  const std::string bytes = EncodeSegmentHeader(kHeader);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(Read(bytes.substr(0, size)), StatusIs(absl::StatusCode::kDataLoss)) << size;
  }
}

TEST(SegmentHeaderTest, AnotherFormatVersionIsNamed) {
  std::string bytes = EncodeSegmentHeader(kHeader);
  bytes[4] = 2;
  EXPECT_THAT(Read(bytes), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("format version 2")));
}

}  // namespace
}  // namespace eventlog

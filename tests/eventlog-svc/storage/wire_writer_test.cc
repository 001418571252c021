#include "eventlog-svc/storage/wire_writer.h"

#include <cstdint>
#include <limits>
#include <string>

#include "google/protobuf/timestamp.pb.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(WireWriterTest, AVarintHasTheSizeThatItSays) {
  EXPECT_EQ(VarintSize(0), 1u);
  EXPECT_EQ(VarintSize(127), 1u);
  EXPECT_EQ(VarintSize(128), 2u);
  EXPECT_EQ(VarintSize(std::numeric_limits<uint64_t>::max()), kVarintBytesMax);
  char bytes[kVarintBytesMax];
  for (int bit = 0; bit < 64; ++bit) {
    const uint64_t value = uint64_t{1} << bit;
    EXPECT_EQ(PutVarint(bytes, value), bytes + VarintSize(value));
  }
}

TEST(WireWriterTest, ATimestampIsWhatProtobufWouldHaveWritten) {
  const absl::Time epoch = absl::UnixEpoch();
  for (const absl::Time time :
       {epoch, epoch + absl::Nanoseconds(1), epoch - absl::Nanoseconds(1), epoch + absl::Seconds(1'700'000'000),
        epoch + absl::Nanoseconds(1'700'000'000'000'001), absl::FromUnixNanos(std::numeric_limits<int64_t>::max()),
        absl::FromUnixNanos(std::numeric_limits<int64_t>::min())}) {
    google::protobuf::Timestamp expected;
    const int64_t seconds = absl::ToUnixSeconds(time);
    expected.set_seconds(seconds);
    expected.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
    const std::string wire = expected.SerializeAsString();
    EXPECT_EQ(TimestampField(time).view(), std::string(1, static_cast<char>(wire.size())) + wire) << time;
  }
}

}  // namespace
}  // namespace eventlog

#include "eventlog-svc/storage/batch_codec.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "eventlog-svc/storage/little_endian.h"
#include "eventlog-svc/storage/segment_format.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

BatchHeader MakeHeader() {
  BatchHeader header;
  header.base_offset = 5;
  header.append_time = absl::FromUnixSeconds(1'700'000'000);
  header.synced_offset = 4;
  return header;
}

constexpr BatchSeal kSeal{0x0123456789ABCDEF, 5};
constexpr int64_t kPosition = 56;

EncodedBatch Sealed(const BatchHeader& header, const EventList& events) {
  EncodedBatch batch = EncodeBatch(header, events);
  SealBatch(kSeal, kPosition, batch.bytes);
  return batch;
}

BatchDecoding Decode(absl::string_view bytes, BatchHeader& header, absl::string_view& records) {
  return DecodeBatch(bytes, kSeal, kPosition, header, records);
}

// Event {type: "a"}.
const char kWire[] =
    "\x1a\x01"
    "a";

TEST(BatchCodecTest, DecodesWhatItEncodes) {
  BatchHeader header = MakeHeader();
  header.producer = ProducerSequence{"p", 3, 9};
  const EncodedBatch batch = Sealed(header, {{kWire, false}, {kWire, true}});
  BatchHeader decoded;
  absl::string_view records;
  ASSERT_EQ(BatchDecoding::kWhole, Decode(batch.bytes + "more", decoded, records));
  EXPECT_EQ(batch.bytes.size(), decoded.length);
  EXPECT_EQ(2u, decoded.count);
  EXPECT_EQ(5, decoded.base_offset);
  EXPECT_EQ(7, decoded.next_offset());
  EXPECT_EQ(4, decoded.synced_offset);
  EXPECT_EQ(header.append_time, decoded.append_time);
  EXPECT_EQ("p", decoded.producer->id);
  EXPECT_EQ(3, decoded.producer->epoch);
  EXPECT_EQ(9, decoded.producer->first_sequence);
  EXPECT_EQ(records.size(), decoded.record_bytes) << "without the producer's id";
  EXPECT_EQ(records.size(), batch.header.record_bytes);
}

// FORMAT.md, "Worked example": these are its bytes.
TEST(BatchCodecTest, TheWorkedExampleOfTheSpecification) {
  const EncodedBatch batch = Sealed(MakeHeader(), {{kWire, false}});
  EXPECT_EQ(81u, batch.bytes.size());
  EXPECT_EQ(
      "45564254"           // magic "EVBT"
      "1b254e56"           // CRC-32C of salt 0x0123456789abcdef, segment 5, position 56, and the 73 bytes that follow
      "51000000"           // length 81
      "01000000"           // 1 record
      "0500000000000000"   // base offset 5
      "00002a36fe9c9717"   // append time 1,700,000,000 s in ns
      "0400000000000000"   // synced offset 4
      "0000000000000000"   // producer epoch
      "0000000000000000"   // first sequence
      "00000000"           // bytes of the producer's id
      "69481987"           // CRC-32C of salt, segment, position, and bytes 8 to 60
      "0a0f"               // records = 1, 15 bytes
      "0a031a0161"         // event = 1, 3 bytes: type = 3, "a"
      "1005"               // offset = 2: 5
      "1a060880e2cfaa06",  // append_time = 3: seconds = 1,700,000,000
      absl::BytesToHexString(batch.bytes));
}

TEST(BatchCodecTest, EverySingleBitFlipIsFound) {
  BatchHeader header = MakeHeader();
  header.producer = ProducerSequence{"producer", 1, 2};
  const EncodedBatch batch = Sealed(header, {{kWire, true}, {kWire, true}});
  BatchHeader decoded;
  absl::string_view records;
  for (size_t bit = 0; bit < batch.bytes.size() * 8; ++bit) {
    std::string damaged = batch.bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(BatchDecoding::kWhole, Decode(damaged, decoded, records)) << "bit " << bit;
  }
}

TEST(BatchCodecTest, ACutBatchSaysHowMuchItNeeds) {
  const EncodedBatch batch = Sealed(MakeHeader(), {{kWire, false}});
  BatchHeader decoded;
  absl::string_view records;
  for (size_t size = 0; size < batch.bytes.size(); ++size) {
    ASSERT_EQ(BatchDecoding::kIncomplete, Decode(absl::string_view(batch.bytes).substr(0, size), decoded, records));
    EXPECT_EQ(size < 64 ? 0u : 81u, decoded.length);
  }
}

TEST(BatchCodecTest, TheSameBytesAnywhereElseAreNotABatch) {
  const EncodedBatch batch = Sealed(MakeHeader(), {{kWire, false}});
  BatchHeader decoded;
  absl::string_view records;
  ASSERT_EQ(BatchDecoding::kWhole, DecodeBatch(batch.bytes, kSeal, kPosition, decoded, records));
  EXPECT_EQ(BatchDecoding::kBad, DecodeBatch(batch.bytes, kSeal, kPosition + 1, decoded, records));
  EXPECT_EQ(BatchDecoding::kBad, DecodeBatch(batch.bytes, {kSeal.salt, 6}, kPosition, decoded, records));
  EXPECT_EQ(BatchDecoding::kBad, DecodeBatch(batch.bytes, {kSeal.salt + 1, 5}, kPosition, decoded, records));
}

TEST(BatchCodecTest, AHeaderIsCheckedByItself) {
  const std::string bytes = Sealed(MakeHeader(), {{kWire, false}}).bytes;
  BatchHeader parsed;
  ASSERT_TRUE(ParseBatchHeader(bytes, kSeal, kPosition, parsed));
  EXPECT_EQ(5, parsed.base_offset);
  EXPECT_FALSE(ParseBatchHeader(bytes, kSeal, kPosition + 1, parsed));
  EXPECT_FALSE(ParseBatchHeader(bytes, {kSeal.salt + 1, 5}, kPosition, parsed));
  for (size_t bit = 0; bit < 64 * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    // The checksum of the whole, at 4, is not the header's business.
    EXPECT_EQ(bit / 8 >= 4 && bit / 8 < 8, ParseBatchHeader(damaged, kSeal, kPosition, parsed)) << bit;
  }
}

TEST(BatchCodecTest, AHeaderThatMakesNoSenseIsRefused) {
  BatchHeader header = MakeHeader();
  header.synced_offset = header.base_offset + 1;
  BatchHeader parsed;
  EXPECT_FALSE(ParseBatchHeader(Sealed(header, {{kWire, false}}).bytes, kSeal, kPosition, parsed));
  header = MakeHeader();
  header.base_offset = header.synced_offset = -1;
  EXPECT_FALSE(ParseBatchHeader(Sealed(header, {{kWire, false}}).bytes, kSeal, kPosition, parsed));
}

TEST(BatchCodecTest, AStateBatchHasABodyAndNoRecords) {
  BatchHeader header = MakeHeader();
  header.producer = ProducerSequence{"p", 1, 0};
  EncodedBatch batch = EncodeStateBatch(header, "what changed");
  SealBatch(kSeal, kPosition, batch.bytes);
  BatchHeader decoded;
  absl::string_view body;
  ASSERT_EQ(BatchDecoding::kWhole, Decode(batch.bytes, decoded, body));
  EXPECT_EQ(body, "what changed");
  EXPECT_EQ(decoded.count, 0u);
  EXPECT_EQ(decoded.next_offset(), header.base_offset);
  EXPECT_FALSE(decoded.producer.has_value());
}

TEST(BatchCodecTest, ZerosAreNotABatch) {
  BatchHeader decoded;
  absl::string_view records;
  EXPECT_EQ(BatchDecoding::kBad, Decode(std::string(4096, '\0'), decoded, records));
}

TEST(BatchCodecTest, AHeaderWithNumbersThatCannotBeIsNoBatch) {
  const std::string bytes = Sealed(MakeHeader(), {{kWire, false}}).bytes;
  const auto decode_with = [&](size_t at, auto value) {
    std::string changed = bytes;
    StoreLittleEndian<decltype(value)>(value, changed.data() + at);
    SealBatch(kSeal, kPosition, changed);
    BatchHeader header;
    absl::string_view records;
    return Decode(changed, header, records);
  };
  EXPECT_EQ(BatchDecoding::kWhole, decode_with(16, kOffsetMax));
  EXPECT_EQ(BatchDecoding::kBad, decode_with(16, kOffsetMax + 1));
  EXPECT_EQ(BatchDecoding::kBad, decode_with(16, int64_t{-1}));
  EXPECT_EQ(BatchDecoding::kWhole, decode_with(12, uint32_t{4}));  // 17 bytes may hold so many
  EXPECT_EQ(BatchDecoding::kBad, decode_with(12, uint32_t{5}));
  EXPECT_EQ(BatchDecoding::kBad, decode_with(12, UINT32_MAX));
}

}  // namespace
}  // namespace eventlog

#include "eventlog-svc/storage/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace eventlog {
namespace {

constexpr uint32_t kPolynomial = 0x82F63B78;

constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    table[i] = value;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kTable = MakeTable();

#if defined(__x86_64__)
// The instruction takes three cycles and can begin anew in each: three lanes of so many bytes keep it busy.
constexpr size_t kLaneBytes = 1024;
static_assert((kLaneBytes & (kLaneBytes - 1)) == 0, "MakeLaneTables doubles");

// What a register becomes by so many zero bytes is a sum (xor) of what its bits become.
using BitImages = std::array<uint32_t, 32>;

constexpr uint32_t Apply(const BitImages& images, uint32_t value) {
  uint32_t sum = 0;
  for (size_t bit = 0; bit < images.size(); ++bit) sum ^= ((value >> bit) & 1) != 0 ? images[bit] : 0;
  return sum;
}

// For each of the register's four bytes: what its values become by a lane of zeros.
constexpr std::array<std::array<uint32_t, 256>, 4> MakeLaneTables() {
  BitImages images{};
  for (size_t bit = 0; bit < images.size(); ++bit) {
    const uint32_t value = uint32_t{1} << bit;
    images[bit] = (value >> 8) ^ kTable[value & 0xFF];
  }
  for (size_t bytes = 1; bytes < kLaneBytes; bytes *= 2) {
    BitImages doubled{};
    for (size_t bit = 0; bit < images.size(); ++bit) doubled[bit] = Apply(images, images[bit]);
    images = doubled;
  }
  std::array<std::array<uint32_t, 256>, 4> tables{};
  for (size_t byte = 0; byte < tables.size(); ++byte) {
    for (uint32_t value = 0; value < 256; ++value) tables[byte][value] = Apply(images, value << (8 * byte));
  }
  return tables;
}

constexpr std::array<std::array<uint32_t, 256>, 4> kLaneTables = MakeLaneTables();

uint32_t BehindLaneOfZeros(uint32_t value) {
  return kLaneTables[0][value & 0xFF] ^ kLaneTables[1][(value >> 8) & 0xFF] ^ kLaneTables[2][(value >> 16) & 0xFF] ^
         kLaneTables[3][value >> 24];
}

uint64_t LoadWord(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

__attribute__((target("sse4.2"))) uint32_t HardwareCrc32c(absl::string_view data, uint32_t crc) {
  uint64_t value = static_cast<uint32_t>(~crc);
  const char* at = data.data();
  size_t size = data.size();
  for (; size >= 3 * kLaneBytes; size -= 3 * kLaneBytes, at += 3 * kLaneBytes) {
    uint64_t second = 0, third = 0;
    for (size_t i = 0; i < kLaneBytes; i += sizeof(uint64_t)) {
      value = _mm_crc32_u64(value, LoadWord(at + i));
      second = _mm_crc32_u64(second, LoadWord(at + kLaneBytes + i));
      third = _mm_crc32_u64(third, LoadWord(at + 2 * kLaneBytes + i));
    }
    value = BehindLaneOfZeros(static_cast<uint32_t>(value)) ^ static_cast<uint32_t>(second);
    value = BehindLaneOfZeros(static_cast<uint32_t>(value)) ^ static_cast<uint32_t>(third);
  }
  for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t), at += sizeof(uint64_t)) {
    value = _mm_crc32_u64(value, LoadWord(at));
  }
  uint32_t narrow = static_cast<uint32_t>(value);
  for (; size > 0; --size, ++at) narrow = _mm_crc32_u8(narrow, static_cast<uint8_t>(*at));
  return ~narrow;
}
#endif

}  // namespace

uint32_t PortableCrc32c(absl::string_view data, uint32_t crc) {
  crc = ~crc;
  for (const char c : data) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(c)) & 0xFF];
  return ~crc;
}

uint32_t Crc32c(absl::string_view data, uint32_t crc) {
#if defined(__x86_64__)
  static const bool hardware = __builtin_cpu_supports("sse4.2");
  if (hardware) return HardwareCrc32c(data, crc);
#endif
  return PortableCrc32c(data, crc);
}

}  // namespace eventlog

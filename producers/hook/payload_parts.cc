#include "producers/hook/payload_parts.h"

#include <algorithm>
#include <cstddef>

namespace eventlog {
namespace {

constexpr int64_t kCharacterBytesMax = 4;

bool ContinuesCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::vector<absl::string_view> PayloadParts(absl::string_view text, int64_t bytes_max) {
  const auto part_bytes_max = static_cast<size_t>(std::max(bytes_max, kCharacterBytesMax));
  std::vector<absl::string_view> parts;
  do {
    size_t size = std::min(text.size(), part_bytes_max);
    while (size < text.size() && ContinuesCharacter(text[size])) --size;
    parts.push_back(text.substr(0, size));
    text.remove_prefix(size);
  } while (!text.empty());
  return parts;
}

}  // namespace eventlog

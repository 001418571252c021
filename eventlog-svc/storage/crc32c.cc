#include "eventlog-svc/storage/crc32c.h"

#include "isa-l/crc.h"

namespace eventlog {

uint32_t Crc32c(absl::string_view data, uint32_t crc) {
  // The library leaves the inversions to its caller. It only reads.
  auto* const bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(data.data()));
  return ~crc32_iscsi(bytes, static_cast<int>(data.size()), ~crc);
}

}  // namespace eventlog

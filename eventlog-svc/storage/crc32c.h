// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, RFC 3720 appendix B.4): the checksum of everything stored.

#ifndef EVENTLOG_SVC_STORAGE_CRC32C_H_
#define EVENTLOG_SVC_STORAGE_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace eventlog {

// The checksum of `data`, less than 2 GiB; `crc` is that of the bytes before it. By Intel's ISA-L, which takes the
// quickest instructions that the processor has.
uint32_t Crc32c(absl::string_view data, uint32_t crc = 0);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_CRC32C_H_

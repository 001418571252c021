#include "eventlog-svc/engine/wire_reader.h"

#include "eventlog-svc/storage/record_codec.h"

namespace eventlog {
namespace {

constexpr uint64_t kFieldMax = (1u << 29) - 1;

enum WireType { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

}  // namespace

bool WireReader::Fail() {
  ok_ = false;
  rest_ = absl::string_view();
  return false;
}

bool WireReader::Next() {
  if (rest_.empty()) return false;
  uint64_t tag = 0, value = 0;
  if (!ConsumeVarint(rest_, tag)) return Fail();
  if (tag >> 3 == 0 || tag >> 3 > kFieldMax) return Fail();
  field_ = static_cast<uint32_t>(tag >> 3);
  is_bytes_ = false;
  size_t skip = 0;
  switch (tag & 7) {
    case kVarint:
      return ConsumeVarint(rest_, value) || Fail();
    case kFixed64:
      skip = 8;
      break;
    case kFixed32:
      skip = 4;
      break;
    case kLengthDelimited:
      if (!ConsumeVarint(rest_, value) || value > rest_.size()) return Fail();
      is_bytes_ = true;
      bytes_ = rest_.substr(0, value);
      skip = value;
      break;
    default:
      return Fail();
  }
  if (skip > rest_.size()) return Fail();
  rest_.remove_prefix(skip);
  return true;
}

}  // namespace eventlog

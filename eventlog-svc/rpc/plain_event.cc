#include "eventlog-svc/rpc/plain_event.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "eventlog-svc/rpc/event_validator.h"
#include "eventlog-svc/rpc/plain_fields.h"
#include "google/protobuf/util/time_util.h"

namespace eventlog {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kPlainAttributesMax = 16;

enum EventField : uint32_t {
  kId = 1,
  kSource = 2,
  kType = 3,
  kSubject = 4,
  kTime = 5,
  kDataContentType = 6,
  kAttributes = 7,
  kText = 8,
  kBinary = 9,
};

bool IsPlainName(absl::string_view name, size_t bytes_max) {
  if (name.empty() || name.size() > bytes_max) return false;
  bool is_other = false;
  for (const char c : name) is_other |= static_cast<uint8_t>(c - ' ') > '~' - ' ';
  return !is_other || (IsUtf8(name) && ValidateName(name).ok());
}

bool IsPlainTime(absl::string_view time) {
  PlainFields fields(time);
  uint32_t last = 0;
  while (fields.Next()) {
    const bool seconds = fields.field() == 1 && last == 0;
    const bool nanos = fields.field() == 2;
    if (fields.is_bytes() || !(seconds || nanos) || fields.field() <= last) return false;
    const auto number_max = static_cast<uint64_t>(seconds ? TimeUtil::kTimestampMaxSeconds : int64_t{kTimeNanosMax});
    if (fields.number() == 0 || fields.number() > number_max) return false;
    last = fields.field();
  }
  return fields.ok();
}

// The attributes of one event, as they come.
class PlainAttributes {
 public:
  // False when the entry is not plain, or its key was there before.
  bool Add(absl::string_view entry) {
    PlainFields fields(entry);
    if (count_ == keys_.size() || !fields.Next() || fields.field() != 1 || !fields.is_bytes()) return false;
    const absl::string_view key = fields.bytes();
    if (!IsAttributeKey(key) || std::find(keys_.begin(), keys_.begin() + count_, key) != keys_.begin() + count_) {
      return false;
    }
    keys_[count_++] = key;
    if (!fields.Next() || fields.field() != 2 || !fields.is_bytes()) return false;
    const absl::string_view value = fields.bytes();
    return value.size() <= kAttributeValueBytesMax && IsUtf8(value) && !fields.Next() && fields.ok();
  }

 private:
  std::array<absl::string_view, kPlainAttributesMax> keys_;
  size_t count_ = 0;
};

}  // namespace

std::optional<PlainEvent> ReadPlainEvent(absl::string_view wire) {
  PlainEvent event{wire};
  PlainAttributes attributes;
  PlainFields fields(wire);
  uint32_t last = 0;
  bool has_type = false;
  while (fields.Next()) {
    const uint32_t field = fields.field();
    const bool repeats = field == last && field == kAttributes;
    if ((field <= last && !repeats) || !fields.is_bytes()) return std::nullopt;
    const absl::string_view value = fields.bytes();
    bool plain = false;
    switch (field) {
      case kId:
        event.has_id = true;
        [[fallthrough]];
      case kSource:
      case kSubject:
      case kDataContentType:
        plain = IsPlainName(value, kNameBytesMax);
        break;
      case kType:
        has_type = true;
        plain = IsPlainName(value, kTypeBytesMax);
        break;
      case kTime:
        event.has_time = true;
        plain = IsPlainTime(value);
        break;
      case kAttributes:
        plain = attributes.Add(value);
        break;
      case kText:
        plain = IsUtf8(value);
        break;
      case kBinary:
        plain = last != kText;  // of the two only the last counts
        break;
      default:
        break;
    }
    if (!plain) return std::nullopt;
    last = field;
  }
  if (!fields.ok() || !has_type) return std::nullopt;
  return event;
}

}  // namespace eventlog

#include "gateway-svc/http/filter_values.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "gateway-svc/http/input_error.h"

namespace gateway {
namespace {

constexpr size_t kValuesMax = 100;
constexpr size_t kFilterValuesMax = 500;
constexpr size_t kFilterBytesMax = 16 * 1024;
constexpr size_t kAttributesMax = 64;
constexpr size_t kTypeBytesMax = 255;
constexpr size_t kNameBytesMax = 1024;
constexpr size_t kKeyBytesMax = 64;
constexpr char kKeyBytes[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";

absl::Status AddValue(absl::string_view name, std::string value, size_t bytes_max, std::vector<std::string>& values) {
  if (value.size() > bytes_max) return InputError(name, ": longer than ", bytes_max, " bytes");
  if (values.size() == kValuesMax) return InputError(name, ": given more than ", kValuesMax, " times");
  values.push_back(std::move(value));
  return absl::OkStatus();
}

}  // namespace

absl::Status AddType(std::string value, Filter& filter) {
  const size_t star = value.find('*');
  const bool prefix = absl::EndsWith(value, ".*") && value.size() > 2 && star == value.size() - 1;
  if (star != std::string::npos && !prefix) {
    return InputError("type: ", Quoted(value), " is neither exact (session.created) nor a prefix (session.*)");
  }
  if (value.empty()) return InputError("type: an empty value matches nothing");
  return AddValue("type", std::move(value), kTypeBytesMax, filter.types);
}

absl::Status AddSubject(std::string value, Filter& filter) {
  if (value.empty()) return InputError("subject: an empty value matches nothing");
  return AddValue("subject", std::move(value), kNameBytesMax, filter.subjects);
}

absl::Status AddSource(std::string value, Filter& filter) {
  if (value.empty()) return InputError("source: an empty value matches nothing");
  return AddValue("source", std::move(value), kNameBytesMax, filter.sources);
}

absl::Status CheckSize(const Filter& filter) {
  size_t count = 0, bytes = 0;
  const auto add = [&](const std::vector<std::string>& values) {
    count += values.size();
    for (const std::string& value : values) bytes += value.size();
  };
  add(filter.types);
  add(filter.subjects);
  add(filter.sources);
  for (const auto& [key, values] : filter.attributes) {
    bytes += key.size();
    add(values);
    if (values.empty()) return InputError("attr.", key, ": an empty list matches nothing");
  }
  if (count <= kFilterValuesMax && bytes <= kFilterBytesMax) return absl::OkStatus();
  return InputError("the filter is too large: ", count, " values of ", bytes, " bytes; at most ", kFilterValuesMax,
                    " of ", kFilterBytesMax);
}

absl::Status AddAttribute(absl::string_view key, std::string value, Filter& filter) {
  if (key.empty() || key.size() > kKeyBytesMax || key.find_first_not_of(kKeyBytes) != absl::string_view::npos) {
    return InputError("attr.<key>: the key ", Quoted(key), " is not 1 to ", kKeyBytesMax, " bytes of a-z, 0-9, _ . -");
  }
  if (filter.attributes.size() == kAttributesMax && filter.attributes.count(std::string(key)) == 0) {
    return InputError("attr.<key>: more than ", kAttributesMax, " keys");
  }
  return AddValue(absl::StrCat("attr.", key), std::move(value), kNameBytesMax, filter.attributes[std::string(key)]);
}

}  // namespace gateway

#include "producers/cli/human_units.h"

#include <cmath>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace eventlog {
namespace {

struct TimeUnit {
  absl::string_view name;
  absl::Duration length;
};

// Largest first. "m" is a prefix of "ms": names are compared whole.
const TimeUnit kTimeUnits[] = {{"w", absl::Hours(7 * 24)}, {"d", absl::Hours(24)},  {"h", absl::Hours(1)},
                               {"m", absl::Minutes(1)},    {"s", absl::Seconds(1)}, {"ms", absl::Milliseconds(1)}};

// What fits into nanoseconds of an int64.
const absl::Duration kDurationMax = absl::Hours(24 * 365 * 292);

struct SizeUnit {
  absl::string_view name;
  int64_t bytes;
};

constexpr SizeUnit kSizeUnits[] = {{"", 1},
                                   {"b", 1},
                                   {"kb", 1'000},
                                   {"mb", 1'000'000},
                                   {"gb", 1'000'000'000},
                                   {"tb", 1'000'000'000'000},
                                   {"kib", 1LL << 10},
                                   {"mib", 1LL << 20},
                                   {"gib", 1LL << 30},
                                   {"tib", 1LL << 40}};

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Takes "12" or "1.5" from the front: plain digits, nothing else that a floating-point number may have.
std::optional<double> ConsumeNumber(absl::string_view& text) {
  size_t size = 0;
  while (size < text.size() && (IsDigit(text[size]) || text[size] == '.')) ++size;
  double number = 0;
  if (size == 0 || !IsDigit(text[0]) || !IsDigit(text[size - 1]) || !absl::SimpleAtod(text.substr(0, size), &number)) {
    return std::nullopt;
  }
  text.remove_prefix(size);
  return number;
}

absl::string_view ConsumeLetters(absl::string_view& text) {
  size_t size = 0;
  while (size < text.size() && absl::ascii_isalpha(static_cast<unsigned char>(text[size]))) ++size;
  const absl::string_view letters = text.substr(0, size);
  text.remove_prefix(size);
  return letters;
}

std::optional<absl::Duration> FindDuration(absl::string_view text) {
  if (text == "0") return absl::ZeroDuration();
  if (text.empty()) return std::nullopt;
  absl::Duration sum;
  while (!text.empty()) {
    const std::optional<double> number = ConsumeNumber(text);
    const absl::string_view name = ConsumeLetters(text);
    const TimeUnit* unit = nullptr;
    for (const TimeUnit& one : kTimeUnits) {
      if (one.name == name) unit = &one;
    }
    if (!number.has_value() || unit == nullptr) return std::nullopt;
    sum += *number * unit->length;
  }
  return sum;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  const std::optional<absl::Duration> duration = FindDuration(text);
  if (!duration.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no duration; right is a number with ms, s, m, h, d or w, as 90s, 1h30m or 7d"));
  }
  if (*duration > kDurationMax) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is too long; right is 292 years or less"));
  }
  return *duration;
}

absl::StatusOr<int64_t> ParseByteSize(absl::string_view text) {
  absl::string_view rest = text;
  const std::optional<double> number = ConsumeNumber(rest);
  const std::string name = absl::AsciiStrToLower(rest);
  const SizeUnit* unit = nullptr;
  for (const SizeUnit& one : kSizeUnits) {
    if (one.name == name) unit = &one;
  }
  if (!number.has_value() || unit == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text, "\" is no size; right is a number of bytes, or one with KiB, MiB, GiB, TiB, KB, MB, GB or TB"));
  }
  int64_t bytes = 0;
  // A whole number of bytes exactly: a double has 53 bits.
  if (unit->bytes == 1 && absl::SimpleAtoi(text.substr(0, text.size() - rest.size()), &bytes)) return bytes;
  const double product = *number * static_cast<double>(unit->bytes);
  if (product >= std::ldexp(1.0, 63)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is too large; right is less than 8 EiB"));
  }
  return static_cast<int64_t>(product);
}

absl::StatusOr<absl::Time> ParseTimeOrAge(absl::string_view text, absl::Time now) {
  absl::Time time;
  std::string error;
  if (text == "now") return now;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error) && time != absl::InfiniteFuture() &&
      time != absl::InfinitePast()) {
    return time;
  }
  const std::optional<absl::Duration> age = FindDuration(text);
  if (!age.has_value() || *age > kDurationMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no time; right is 2026-01-02T03:04:05Z, or how long ago: 90s, 1h30m or 7d"));
  }
  return now - *age;
}

std::string DurationText(absl::Duration duration) {
  std::string out;
  if (duration < absl::ZeroDuration()) {
    out = "-";
    duration = -duration;
  }
  const size_t sign_size = out.size();
  // Beside hours nobody wants milliseconds: the unit behind the first one is the last.
  bool first = true;
  for (const TimeUnit& unit : kTimeUnits) {
    if (unit.name == "w") continue;  // "14d" is easier to read
    const int64_t count = absl::IDivDuration(duration, unit.length, &duration);
    if (count > 0) absl::StrAppend(&out, count, unit.name);
    if (!first) break;
    first = count == 0;
  }
  return out.size() == sign_size ? "0s" : out;
}

std::string TimestampText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
}

std::string WithThousands(int64_t number) {
  const std::string digits = absl::StrCat(number);
  std::string out;
  for (size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && (digits.size() - at) % 3 == 0 && digits[at - 1] != '-') out.push_back(',');
    out.push_back(digits[at]);
  }
  return out;
}

std::string ByteSizeText(int64_t bytes) {
  if (bytes > -1024 && bytes < 1024) return absl::StrCat(bytes, " B");
  constexpr absl::string_view kNames[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double size = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  for (; std::abs(size) >= 1023.95 && unit + 1 < std::size(kNames); ++unit) size /= 1024;
  return absl::StrFormat("%.1f %s", size, kNames[unit]);
}

}  // namespace eventlog

#include "producers/cli/event_line.h"

#include <cstdint>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "eventlog-svc/client/event_json.h"

namespace eventlog {
namespace {

constexpr size_t kDataBytesMax = 2048;
constexpr size_t kNoLimit = static_cast<size_t>(-1);

// SGR sequences of ECMA-48.
constexpr char kDim[] = "\x1b[2m";
constexpr char kType[] = "\x1b[1;36m";
constexpr char kSubject[] = "\x1b[33m";
constexpr char kPlain[] = "\x1b[0m";

struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;  // 0: no UTF-8 begins here
};

CodePoint Decode(absl::string_view text) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return {first, 1};
  const size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return {};
  uint32_t value = first & (0xffU >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    if ((at(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (at(i) & 0x3f);
  }
  const uint32_t least = bytes == 4 ? 0x10000 : bytes == 3 ? 0x800 : 0x80;
  if (value < least || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return {};
  return {value, bytes};
}

bool Between(uint32_t value, uint32_t first, uint32_t last) { return value >= first && value <= last; }

bool IsHarmful(uint32_t value) {
  return value < 0x20 || Between(value, 0x7f, 0x9f) || value == 0xad || value == 0x061c ||
         Between(value, 0x200b, 0x200f) || Between(value, 0x2028, 0x202e) || Between(value, 0x2060, 0x206f) ||
         value == 0xfeff || Between(value, 0xfff9, 0xfffb) || Between(value, 0xe0000, 0xe007f);
}

std::string Escape(uint32_t value) {
  switch (value) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return value < 0x80 ? absl::StrFormat("\\x%02x", value) : absl::StrFormat("\\u%04x", value);
  }
}

class LineWriter {
 public:
  LineWriter(bool color, std::string& out) : color_(color), out_(out) {}

  void Add(const char* style, absl::string_view text, size_t bytes_max = kNoLimit) {
    if (text.empty()) return;
    if (!first_) out_.push_back(' ');
    first_ = false;
    if (color_ && style != nullptr) out_ += style;
    const size_t taken = AppendHarmless(text, bytes_max, out_);
    if (color_ && style != nullptr) out_ += kPlain;
    if (taken < text.size()) absl::StrAppend(&out_, "... (", text.size(), " bytes)");
  }

 private:
  const bool color_;
  std::string& out_;
  bool first_ = true;
};

}  // namespace

size_t AppendHarmless(absl::string_view text, size_t bytes_max, std::string& out) {
  size_t used = 0;
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = Decode(text.substr(i));
    std::string piece;
    if (point.bytes == 0) {
      piece = absl::StrFormat("\\x%02x", static_cast<unsigned char>(text[i]));
    } else if (IsHarmful(point.value)) {
      piece = Escape(point.value);
    } else {
      piece = std::string(text.substr(i, point.bytes));
    }
    if (piece.size() > bytes_max - used) return i;
    used += piece.size();
    out += piece;
    i += point.bytes == 0 ? 1 : point.bytes;
  }
  return text.size();
}

void AppendEventLine(const v1::Record& record, bool color, std::string& out) {
  const v1::Event& event = record.event();
  LineWriter line(color, out);
  std::string time;
  AppendRfc3339(event.has_time() ? event.time() : record.append_time(), time);
  line.Add(kDim, time);
  line.Add(nullptr, absl::StrCat(record.offset()));
  line.Add(kType, event.type());
  line.Add(kSubject, event.subject());
  if (event.has_binary()) {
    line.Add(kDim, absl::StrCat("(", event.binary().size(), " bytes of binary data)"));
  } else {
    line.Add(nullptr, event.text(), kDataBytesMax);
  }
  if (!event.source().empty() && event.source() != "/") line.Add(kDim, "source=" + event.source());
  for (const auto& [key, value] :
       std::map<std::string, std::string>(event.attributes().begin(), event.attributes().end())) {
    line.Add(kDim, absl::StrCat(key, "=", value));
  }
}

}  // namespace eventlog

#include "producers/cli/event_line.h"

#include <cstdint>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "eventlog-svc/client/event_json.h"
#include "eventlog-svc/client/utf8_text.h"

namespace eventlog {
namespace {

constexpr size_t kDataBytesMax = 2048;
constexpr size_t kNoLimit = static_cast<size_t>(-1);

// SGR sequences of ECMA-48.
constexpr char kDim[] = "\x1b[2m";
constexpr char kType[] = "\x1b[1;36m";
constexpr char kSubject[] = "\x1b[33m";
constexpr char kPlain[] = "\x1b[0m";

// Of one character.
uint32_t Decode(absl::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first;
  uint32_t value = first & (0xffU >> (character.size() + 1));
  for (const char c : character.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return value;
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
    const Utf8Sequence first = FirstUtf8Sequence(text.substr(i));
    const absl::string_view taken = text.substr(i, first.valid ? first.size : 1);
    std::string piece(taken);
    if (!first.valid) {
      piece = absl::StrFormat("\\x%02x", static_cast<unsigned char>(text[i]));
    } else if (const uint32_t value = Decode(taken); IsHarmful(value)) {
      piece = Escape(value);
    }
    if (piece.size() > bytes_max - used) return i;
    used += piece.size();
    out += piece;
    i += taken.size();
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

#include "eventlog-svc/client/json_text.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstddef>

namespace eventlog {
namespace {

constexpr std::size_t kDepthMax = 256;

// Accepts everything and keeps nothing.
struct NullHandler {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  using View = boost::json::string_view;
  using Code = boost::json::error_code;

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return true; }
  bool on_object_end(std::size_t, Code&) { return true; }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_key_part(View, std::size_t, Code&) { return true; }
  bool on_key(View, std::size_t, Code&) { return true; }
  bool on_string_part(View, std::size_t, Code&) { return true; }
  bool on_string(View, std::size_t, Code&) { return true; }
  bool on_number_part(View, Code&) { return true; }
  bool on_int64(int64_t, View, Code&) { return true; }
  bool on_uint64(uint64_t, View, Code&) { return true; }
  bool on_double(double, View, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(View, Code&) { return true; }
  bool on_comment(View, Code&) { return true; }
};

// Walks the bytes of valid JSON.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}

  void SkipSpace() {
    while (at_ < text_.size() && absl::string_view(" \t\r\n").find(text_[at_]) != absl::string_view::npos) ++at_;
  }
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void Skip() { ++at_; }
  // The value that begins here.
  absl::string_view TakeValue() {
    const size_t begin = at_;
    int depth = 0;
    do {
      const char c = Peek();
      if (c == '"') {
        SkipString();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      Skip();
    } while (at_ < text_.size() && (depth > 0 || !EndsScalar(begin)));
    return text_.substr(begin, at_ - begin);
  }

 private:
  bool EndsScalar(size_t begin) const {
    const char first = text_[begin];
    if (first == '{' || first == '[' || first == '"') return true;
    return absl::string_view(" \t\r\n,}]").find(text_[at_]) != absl::string_view::npos;
  }
  void SkipString() {
    for (Skip(); Peek() != '"'; Skip()) {
      if (Peek() == '\\') Skip();
    }
    Skip();
  }

  const absl::string_view text_;
  size_t at_ = 0;
};

}  // namespace

bool IsJson(absl::string_view text) { return !FindJsonFault(text).has_value(); }

std::optional<size_t> FindJsonFault(absl::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kDepthMax;
  boost::json::basic_parser<NullHandler> parser(options);
  boost::json::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (error) return used;
  const size_t more = text.find_first_not_of(" \t\r\n", used);
  return more == absl::string_view::npos ? std::nullopt : std::make_optional(more);
}

void AppendJsonString(absl::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  size_t copied = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.data() + copied, i - copied);
    copied = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
    }
  }
  out.append(text.data() + copied, text.size() - copied);
  out.push_back('"');
}

std::optional<std::vector<std::pair<std::string, absl::string_view>>> JsonMembers(absl::string_view object) {
  if (!IsJson(object)) return std::nullopt;
  Scanner scanner(object);
  scanner.SkipSpace();
  if (scanner.Peek() != '{') return std::nullopt;
  scanner.Skip();
  std::vector<std::pair<std::string, absl::string_view>> members;
  for (scanner.SkipSpace(); scanner.Peek() != '}'; scanner.SkipSpace()) {
    if (scanner.Peek() == ',') {
      scanner.Skip();
      continue;
    }
    std::string name = *JsonString(scanner.TakeValue());
    scanner.SkipSpace();
    scanner.Skip();  // the colon
    scanner.SkipSpace();
    members.emplace_back(std::move(name), scanner.TakeValue());
  }
  return members;
}

std::optional<std::string> JsonString(absl::string_view value) {
  boost::json::error_code error;
  const boost::json::value parsed = boost::json::parse({value.data(), value.size()}, error);
  if (error || !parsed.is_string()) return std::nullopt;
  return std::string(parsed.get_string().data(), parsed.get_string().size());
}

}  // namespace eventlog

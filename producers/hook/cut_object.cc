#include "producers/hook/cut_object.h"

#include <optional>
#include <utility>

#include "eventlog-svc/client/json_text.h"

namespace eventlog {
namespace {

// Walks bytes that may be no JSON, and may end anywhere.
class CutScanner {
 public:
  explicit CutScanner(absl::string_view text) : text_(text) {}

  // Whether the next character, behind white space, is `c`; it is taken.
  bool Take(char c) {
    at_ = text_.find_first_not_of(" \t\r\n", at_);
    if (at_ == absl::string_view::npos || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // The value that begins behind white space; nothing when its end is not there.
  std::optional<absl::string_view> TakeValue() {
    const size_t begin = at_ = text_.find_first_not_of(" \t\r\n", at_);
    int64_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (depth == 0 && at_ > begin && (c == ',' || c == '}' || c == ']')) return text_.substr(begin, at_ - begin);
      if (c == '"') {
        if (!SkipString()) return std::nullopt;
      } else {
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        ++at_;
      }
      if (depth == 0 && (text_[begin] == '"' || text_[begin] == '{' || text_[begin] == '[')) {
        return text_.substr(begin, at_ - begin);
      }
    }
    return std::nullopt;
  }

 private:
  // False when it does not end.
  bool SkipString() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
    return at_ <= text_.size();
  }

  const absl::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::map<std::string, std::string> LeadingStrings(absl::string_view object) {
  std::map<std::string, std::string> strings;
  CutScanner scanner(object);
  if (!scanner.Take('{')) return strings;
  do {
    const std::optional<absl::string_view> name = scanner.TakeValue();
    if (!name || !scanner.Take(':')) return strings;
    const std::optional<absl::string_view> value = scanner.TakeValue();
    if (!value) return strings;
    std::optional<std::string> name_text = JsonString(*name);
    if (!name_text) return strings;
    if (std::optional<std::string> text = JsonString(*value)) strings[*std::move(name_text)] = *std::move(text);
  } while (scanner.Take(','));
  return strings;
}

}  // namespace eventlog

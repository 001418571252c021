#include "producers/hook/json_outline.h"

#include <algorithm>
#include <boost/json/stream_parser.hpp>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/json_text.h"

namespace eventlog {
namespace {

constexpr std::size_t kDepthMax = 256;
constexpr char kSpace[] = " \t\r\n";

// Walks valid JSON.
class Outliner {
 public:
  explicit Outliner(absl::string_view text) : text_(text) {}

  JsonNode Value(size_t depth) {
    JsonNode node;
    SkipSpace();
    node.begin = node.value_begin = at_;
    node.depth = depth;
    switch (text_[at_]) {
      case '{':
        node.kind = JsonNode::Kind::kObject;
        Items('}', node);
        break;
      case '[':
        node.kind = JsonNode::Kind::kArray;
        Items(']', node);
        break;
      case '"':
        node.kind = JsonNode::Kind::kString;
        node.text = String();
        break;
      default:
        at_ = std::min(text_.find_first_of(" \t\r\n,}]", at_), text_.size());
    }
    node.end = at_;
    return node;
  }

 private:
  void SkipSpace() { at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size()); }

  void Items(char close, JsonNode& node) {
    ++at_;
    for (SkipSpace(); text_[at_] != close; SkipSpace()) {
      if (text_[at_] == ',') {
        ++at_;
        continue;
      }
      const size_t begin = at_;
      std::string name;
      if (node.is_object()) {
        name = String();
        SkipSpace();
        ++at_;  // the colon
      }
      JsonNode item = Value(node.depth + 1);
      item.begin = begin;
      item.name = std::move(name);
      if (!node.is_object()) item.begin = item.value_begin;
      node.items.push_back(std::move(item));
    }
    ++at_;
  }

  std::string String() {
    const size_t begin = at_;
    for (++at_; text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
    return JsonString(text_.substr(begin, at_ - begin)).value_or("");
  }

  const absl::string_view text_;
  size_t at_ = 0;
};

}  // namespace

const JsonNode* JsonNode::Member(absl::string_view member) const {
  if (!is_object()) return nullptr;
  const auto found =
      std::find_if(items.rbegin(), items.rend(), [&](const JsonNode& item) { return item.name == member; });
  return found == items.rend() ? nullptr : &*found;
}

absl::StatusOr<JsonNode> OutlineJson(absl::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kDepthMax;
  boost::json::stream_parser parser({}, options);
  boost::json::error_code error;
  const std::size_t used = parser.write(text.data(), text.size(), error);
  if (!error) parser.finish(error);
  if (error) {
    const absl::string_view before = text.substr(0, used);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const size_t column = used - (before.rfind('\n') + 1) + 1;
    return absl::InvalidArgumentError(absl::StrCat("line ", line, ", column ", column, ": ", error.message()));
  }
  return Outliner(text).Value(0);
}

}  // namespace eventlog

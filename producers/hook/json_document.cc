#include "producers/hook/json_document.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

constexpr char kDefaultIndent[] = "  ";

std::string Render(const std::vector<JsonDocument::Line>& lines, absl::string_view newline, absl::string_view indent,
                   absl::string_view unit) {
  std::string item;
  for (const JsonDocument::Line& line : lines) {
    if (!item.empty() && !newline.empty()) {
      absl::StrAppend(&item, newline, indent);
      for (int i = 0; i < line.depth; ++i) absl::StrAppend(&item, unit);
    }
    absl::StrAppend(&item, line.text);
  }
  return item;
}

}  // namespace

absl::StatusOr<JsonDocument> JsonDocument::Parse(std::string text) {
  absl::StatusOr<JsonNode> root = OutlineJson(text);
  if (!root.ok()) return root.status();
  return JsonDocument(std::move(text), *std::move(root));
}

void JsonDocument::Append(const JsonNode& container, const std::vector<Line>& lines) {
  const std::string unit = IndentUnit();
  const std::string newline(Newline());
  if (container.items.empty()) {
    const std::string outer(IndentOfLine(container.begin));
    const std::string inner = outer + unit;
    const std::string item = Render(lines, newline, inner, unit);
    Splice(container.value_begin + 1, container.end - 1, absl::StrCat(newline, inner, item, newline, outer));
    return;
  }
  const JsonNode& last = container.items.back();
  absl::string_view found;
  if (OwnLine(last.begin, found)) {
    const std::string indent(found);
    Splice(last.end, last.end, absl::StrCat(",", newline, indent, Render(lines, newline, indent, unit)));
  } else {
    Splice(last.end, last.end, absl::StrCat(", ", Render(lines, "", "", "")));
  }
}

void JsonDocument::Remove(const JsonNode& container, size_t item) {
  const std::vector<JsonNode>& items = container.items;
  if (items.size() == 1) {
    Splice(container.value_begin + 1, container.end - 1, "");
  } else if (item == 0) {
    Splice(items[0].begin, items[1].begin, "");
  } else {
    Splice(items[item - 1].end, items[item].end, "");
  }
}

void JsonDocument::Replace(const JsonNode& value, absl::string_view bytes) {
  Splice(value.value_begin, value.end, bytes);
}

void JsonDocument::Splice(size_t begin, size_t end, absl::string_view bytes) {
  text_ = absl::StrCat(text_.substr(0, begin), bytes, text_.substr(end));
  absl::StatusOr<JsonNode> root = OutlineJson(text_);
  CHECK(root.ok()) << root.status();
  root_ = *std::move(root);
}

bool JsonDocument::OwnLine(size_t place, absl::string_view& indent) const {
  const absl::string_view before = absl::string_view(text_).substr(0, place);
  const size_t newline = before.rfind('\n');
  if (newline == absl::string_view::npos) return false;
  indent = before.substr(newline + 1);
  return indent.find_first_not_of(" \t") == absl::string_view::npos;
}

absl::string_view JsonDocument::IndentOfLine(size_t place) const {
  const absl::string_view before = absl::string_view(text_).substr(0, place);
  const absl::string_view line = before.substr(before.rfind('\n') + 1);
  return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
}

std::string JsonDocument::IndentUnit() const {
  absl::string_view indent;
  if (!root_.items.empty() && OwnLine(root_.items[0].begin, indent) && !indent.empty()) return std::string(indent);
  return kDefaultIndent;
}

absl::string_view JsonDocument::Newline() const {
  const size_t newline = text_.find('\n');
  return newline != std::string::npos && newline > 0 && text_[newline - 1] == '\r' ? "\r\n" : "\n";
}

}  // namespace eventlog

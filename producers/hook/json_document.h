// A JSON text that is changed item by item; every byte that is not of a changed item stays as it is.

#ifndef PRODUCERS_HOOK_JSON_DOCUMENT_H_
#define PRODUCERS_HOOK_JSON_DOCUMENT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "producers/hook/json_outline.h"

namespace eventlog {

// For one thread. Each change makes new nodes: references to old ones are gone.
class JsonDocument {
 public:
  // A line of a new item, and how much deeper than the item's first line it stands.
  struct Line {
    int depth = 0;
    std::string text;
  };

  // kInvalidArgument as OutlineJson.
  static absl::StatusOr<JsonDocument> Parse(std::string text);

  const std::string& text() const { return text_; }
  const JsonNode& root() const { return root_; }

  // Puts an item behind the last one of an array or object: indented as its neighbours are, or else as the document is;
  // in one line where its neighbours are. `lines` put together are the item.
  void Append(const JsonNode& container, const std::vector<Line>& lines);
  // Takes the item out, with one comma and the white space that Append would have put beside it. The white space of a
  // container that becomes empty goes too.
  void Remove(const JsonNode& container, size_t item);
  // Puts other bytes, one JSON value, in the place of a value.
  void Replace(const JsonNode& value, absl::string_view bytes);

 private:
  JsonDocument(std::string text, JsonNode root) : text_(std::move(text)), root_(std::move(root)) {}

  void Splice(size_t begin, size_t end, absl::string_view bytes);
  // What is between the begin of its line and this place; nothing when that is not only white space.
  bool OwnLine(size_t place, absl::string_view& indent) const;
  absl::string_view IndentOfLine(size_t place) const;
  std::string IndentUnit() const;
  absl::string_view Newline() const;

  std::string text_;
  JsonNode root_;
};

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_JSON_DOCUMENT_H_

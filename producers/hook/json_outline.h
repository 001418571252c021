// Where the values of a JSON text stand: a tree of positions, for who changes the text and keeps all else of it.

#ifndef PRODUCERS_HOOK_JSON_OUTLINE_H_
#define PRODUCERS_HOOK_JSON_OUTLINE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

struct JsonNode {
  enum class Kind { kObject, kArray, kString, kOther };

  Kind kind = Kind::kOther;
  size_t begin = 0;  // the item's first byte: of a member, that of its name
  size_t value_begin = 0;
  size_t end = 0;
  size_t depth = 0;  // of the root: 0
  std::string name;  // of a member, decoded
  std::string text;  // of a string, decoded
  std::vector<JsonNode> items;

  bool is_object() const { return kind == Kind::kObject; }
  bool is_array() const { return kind == Kind::kArray; }
  bool is_string() const { return kind == Kind::kString; }
  // The last member of this name; null when there is none, or this is no object.
  const JsonNode* Member(absl::string_view member) const;
};

// kInvalidArgument, with line and column, when the text is not one JSON value (RFC 8259), nested at most 256 deep.
absl::StatusOr<JsonNode> OutlineJson(absl::string_view text);

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_JSON_OUTLINE_H_

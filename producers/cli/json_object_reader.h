// Takes a text apart into JSON objects: one a line (NDJSON), several a line, or each over many lines.
//
// What is no object is told with its place, and the rest goes on: behind a wrong line with the next one; behind an
// object that is wrong in itself with the next line that has a "{" as its first character, because what is inside of an
// object over many lines is indented. Lines that are left out so are told, too.

#ifndef PRODUCERS_CLI_JSON_OBJECT_READER_H_
#define PRODUCERS_CLI_JSON_OBJECT_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <istream>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

// An object, or what is wrong.
struct InputObject {
  // Where it begins, or where what is wrong stands; both from 1, columns in bytes.
  int64_t line = 0;
  int64_t column = 0;
  // Of the input up to its end.
  int64_t input_bytes = 0;
  // One valid JSON object, or kInvalidArgument.
  absl::StatusOr<std::string> text = std::string();
};

// Reads no further than to the end of the line of the object that it gives. Used by one thread; `input` must outlive
// it.
class JsonObjectReader {
 public:
  // Of an object, and of a line.
  static constexpr size_t kBytesMax = 16 * 1024 * 1024;

  explicit JsonObjectReader(std::istream& input, size_t bytes_max = kBytesMax) : input_(input), bytes_max_(bytes_max) {}

  // Nothing at the end of the input.
  std::optional<InputObject> Next();

 private:
  struct Line {
    int64_t number = 0;
    int64_t end = 0;  // bytes of the input up to its end
    std::string text;
    size_t at = 0;  // what of it was taken
    bool too_long = false;
  };

  // The next line is lines_[index]; false at the end of the input.
  bool Have(size_t index);
  bool ReadLine(Line& line);
  // The object that begins in lines_[0] at its `at`.
  InputObject TakeObject();
  // Takes the object's text to the end of lines_[last] at `end`, and looks whether it is valid.
  InputObject Finish(size_t last, size_t end);
  // The object is wrong there; the lines behind its first one are looked at again.
  InputObject Fail(size_t line, size_t at, absl::string_view what);
  // What Fail left out.
  InputObject Skipped();
  InputObject Wrong(const Line& line, size_t at, absl::string_view what) const;

  std::istream& input_;
  const size_t bytes_max_;
  int64_t lines_read_ = 0;
  int64_t bytes_read_ = 0;
  std::deque<Line> lines_;  // read and not done
  bool skipping_ = false;   // to the next line that begins with "{"
  int64_t skipped_ = 0;     // lines, that are not told yet
  int64_t skipped_from_ = 0;
  // Before this line an object must end in its own line: they were searched for its end once.
  int64_t single_before_ = 0;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_JSON_OBJECT_READER_H_

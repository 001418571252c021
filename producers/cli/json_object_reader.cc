#include "producers/cli/json_object_reader.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/json_text.h"

namespace eventlog {
namespace {

constexpr char kSpace[] = " \t\r";
// A line takes memory also when it is empty.
constexpr size_t kObjectLinesMax = 500'000;
constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

// Follows the nesting of one object; whether it is valid otherwise is not its question.
class Nesting {
 public:
  enum class Step { kGoesOn, kEnds, kWrong };

  Step Take(char c) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
      return Step::kGoesOn;
    }
    if (absl::string_view(kSpace).find(c) != absl::string_view::npos) return Step::kGoesOn;
    last_ = c;
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') open_.push_back(c);
    if (c != '}' && c != ']') return Step::kGoesOn;
    if (open_.empty() || open_.back() != (c == '}' ? '{' : '[')) return Step::kWrong;
    open_.pop_back();
    return open_.empty() ? Step::kEnds : Step::kGoesOn;
  }
  // A string cannot go over the end of a line.
  bool in_string() const { return in_string_; }
  // Whether an object may begin here.
  bool TakesObject() const { return last_ == '[' || last_ == ':' || (last_ == ',' && open_.back() == '['); }

 private:
  std::string open_;
  char last_ = '\0';
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace

std::optional<InputObject> JsonObjectReader::Next() {
  while (Have(0)) {
    Line& line = lines_.front();
    if (line.number == 1 && line.at == 0 && absl::StartsWith(line.text, kByteOrderMark))
      line.at = kByteOrderMark.size();
    if (skipping_ && !absl::StartsWith(line.text, "{")) {
      if (line.text.find_first_not_of(kSpace) != std::string::npos && skipped_++ == 0) skipped_from_ = line.number;
      lines_.pop_front();
      continue;
    }
    skipping_ = false;
    if (skipped_ > 0) return Skipped();
    if (line.too_long) {
      InputObject wrong = Wrong(line, 0, absl::StrCat("a line of more than ", bytes_max_, " bytes"));
      lines_.pop_front();
      return wrong;
    }
    line.at = line.text.find_first_not_of(kSpace, line.at);
    if (line.at == std::string::npos) {
      lines_.pop_front();
      continue;
    }
    if (line.text[line.at] == '{') return TakeObject();
    InputObject wrong = Wrong(line, line.at,
                              line.text[line.at] == '['
                                  ? "not one JSON object; right are objects one after the other, not a list of them"
                                  : "not one JSON object");
    lines_.pop_front();
    return wrong;
  }
  return skipped_ > 0 ? std::make_optional(Skipped()) : std::nullopt;
}

InputObject JsonObjectReader::Skipped() {
  return {skipped_from_, 1, bytes_read_,
          absl::InvalidArgumentError(
              absl::StrCat(std::exchange(skipped_, 0), " lines from here on were left out with the object before"))};
}

bool JsonObjectReader::Have(size_t index) {
  while (lines_.size() <= index) {
    Line line;
    if (!ReadLine(line)) return false;
    lines_.push_back(std::move(line));
  }
  return true;
}

bool JsonObjectReader::ReadLine(Line& line) {
  using Traits = std::istream::traits_type;
  std::streambuf* const bytes = input_.rdbuf();
  // The buffer itself throws where the system cannot read; the stream notes it, and is at its end.
  const auto next = [&] { return bytes->in_avail() > 0 ? bytes->sbumpc() : input_.get(); };
  Traits::int_type c = next();
  if (Traits::eq_int_type(c, Traits::eof())) return false;
  for (; !Traits::eq_int_type(c, Traits::eof()); c = next()) {
    ++bytes_read_;
    if (Traits::to_char_type(c) == '\n') break;
    if (line.text.size() < bytes_max_) {
      line.text.push_back(Traits::to_char_type(c));
    } else {
      line.too_long = true;
    }
  }
  line.number = ++lines_read_;
  line.end = bytes_read_;
  return true;
}

InputObject JsonObjectReader::TakeObject() {
  Nesting nesting;
  size_t bytes = 0;
  for (size_t index = 0;; ++index) {
    if (index > 0) {
      if (lines_[0].number < single_before_) return Fail(0, lines_[0].at, "the object has no end in its line");
      if (!Have(index)) {
        single_before_ = lines_read_ + 1;
        return Fail(0, lines_[0].at, "the object has no end");
      }
      if (absl::StartsWith(lines_[index].text, "{") && !nesting.TakesObject()) {
        return Fail(0, lines_[0].at, "the object has no end before the next one begins");
      }
    }
    const Line& line = lines_[index];
    bytes += line.text.size() + 1;
    if (index == kObjectLinesMax) {
      single_before_ = line.number + 1;
      return Fail(0, lines_[0].at, absl::StrCat("an object of more than ", kObjectLinesMax, " lines"));
    }
    if (line.too_long || bytes > bytes_max_) {
      single_before_ = line.number + 1;
      return Fail(0, lines_[0].at, absl::StrCat("an object of more than ", bytes_max_, " bytes"));
    }
    for (size_t at = index == 0 ? line.at : 0; at < line.text.size(); ++at) {
      switch (nesting.Take(line.text[at])) {
        case Nesting::Step::kGoesOn:
          break;
        case Nesting::Step::kEnds:
          return Finish(index, at + 1);
        case Nesting::Step::kWrong:
          return Fail(index, at, absl::StrCat("not one JSON object: \"", line.text.substr(at, 1), "\" closes nothing"));
      }
    }
    if (nesting.in_string())
      return Fail(index, line.text.size(), "not one JSON object: a string has no end in its line");
  }
}

InputObject JsonObjectReader::Finish(size_t last, size_t end) {
  InputObject object;
  object.line = lines_[0].number;
  object.column = static_cast<int64_t>(lines_[0].at) + 1;
  object.input_bytes = lines_[last].end;
  for (size_t index = 0; index <= last; ++index) {
    const Line& line = lines_[index];
    if (index > 0) object.text->push_back('\n');
    const size_t begin = index == 0 ? line.at : 0;
    object.text->append(line.text, begin, (index == last ? end : line.text.size()) - begin);
  }
  const std::optional<size_t> fault = FindJsonFault(*object.text);
  if (fault.has_value()) {
    size_t index = 0;
    size_t at = lines_[0].at + *fault;
    for (; index < last && at > lines_[index].text.size(); ++index) at -= lines_[index].text.size() + 1;
    object.line = lines_[index].number;
    object.column = static_cast<int64_t>(at) + 1;
    object.text = absl::InvalidArgumentError("not one JSON object");
  }
  lines_.erase(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(last));
  lines_[0].at = end;
  return object;
}

InputObject JsonObjectReader::Fail(size_t line, size_t at, absl::string_view what) {
  InputObject wrong = Wrong(lines_[line], at, what);
  lines_.pop_front();
  skipping_ = true;
  return wrong;
}

InputObject JsonObjectReader::Wrong(const Line& line, size_t at, absl::string_view what) const {
  return {line.number, static_cast<int64_t>(at) + 1, line.end, absl::InvalidArgumentError(what)};
}

}  // namespace eventlog

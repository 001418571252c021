#include "producers/hook/line_diff.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace eventlog {
namespace {

constexpr size_t kContextLines = 3;
// Above it everything between the same beginning and end goes and comes.
constexpr size_t kCellsMax = 25'000'000;

using Lines = std::vector<absl::string_view>;
// ' ', '-' or '+', and the line.
using Marked = std::vector<std::pair<char, absl::string_view>>;

void MarkAll(char mark, const Lines& lines, size_t begin, size_t end, Marked& marked) {
  for (size_t i = begin; i < end; ++i) marked.emplace_back(mark, lines[i]);
}

void MarkMiddle(const Lines& before, const Lines& after, size_t begin, size_t before_end, size_t after_end,
                Marked& marked) {
  const size_t rows = before_end - begin;
  const size_t columns = after_end - begin;
  if ((rows + 1) * (columns + 1) > kCellsMax) {
    MarkAll('-', before, begin, before_end, marked);
    MarkAll('+', after, begin, after_end, marked);
    return;
  }
  // common[i][j]: of the lines from i and from j on.
  std::vector<std::vector<uint32_t>> common(rows + 1, std::vector<uint32_t>(columns + 1));
  for (size_t i = rows; i-- > 0;) {
    for (size_t j = columns; j-- > 0;) {
      common[i][j] = before[begin + i] == after[begin + j] ? common[i + 1][j + 1] + 1
                                                           : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  size_t i = 0;
  size_t j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && before[begin + i] == after[begin + j]) {
      marked.emplace_back(' ', before[begin + i]);
      ++i, ++j;
    } else if (i < rows && (j == columns || common[i + 1][j] >= common[i][j + 1])) {
      marked.emplace_back('-', before[begin + i++]);
    } else {
      marked.emplace_back('+', after[begin + j++]);
    }
  }
}

std::string Print(const Marked& marked) {
  std::vector<bool> shown(marked.size());
  for (size_t i = 0; i < marked.size(); ++i) {
    if (marked[i].first == ' ') continue;
    const size_t end = std::min(marked.size(), i + kContextLines + 1);
    for (size_t k = i - std::min(i, kContextLines); k < end; ++k) shown[k] = true;
  }
  std::string text;
  for (size_t i = 0; i < marked.size(); ++i) {
    if (shown[i]) {
      absl::StrAppend(&text, std::string(1, marked[i].first), marked[i].second, "\n");
    } else if (i == 0 || shown[i - 1]) {
      text += "...\n";
    }
  }
  return text;
}

}  // namespace

std::string LineDiff(absl::string_view before_text, absl::string_view after_text) {
  if (before_text == after_text) return "";
  Lines before = absl::StrSplit(before_text, '\n');
  Lines after = absl::StrSplit(after_text, '\n');
  // What stands behind the last line feed is no line; where only one text ends in one, it shows that.
  if (before.back().empty() && after.back().empty()) {
    before.pop_back();
    after.pop_back();
  }
  const size_t shorter = std::min(before.size(), after.size());
  size_t same_begin = 0;
  while (same_begin < shorter && before[same_begin] == after[same_begin]) ++same_begin;
  size_t same_end = 0;
  while (same_end < shorter - same_begin &&
         before[before.size() - 1 - same_end] == after[after.size() - 1 - same_end]) {
    ++same_end;
  }
  Marked marked;
  MarkAll(' ', before, 0, same_begin, marked);
  MarkMiddle(before, after, same_begin, before.size() - same_end, after.size() - same_end, marked);
  MarkAll(' ', before, before.size() - same_end, before.size(), marked);
  return Print(marked);
}

}  // namespace eventlog

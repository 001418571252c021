#include "producers/cli/text_table.h"

#include <algorithm>
#include <utility>

#include "producers/cli/harmless_text.h"

namespace eventlog {
namespace {

// Every byte of a character of UTF-8 but its first is 10xxxxxx.
size_t Width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

TextTable::TextTable(const std::vector<std::string>& titles) {
  std::vector<std::string> first;
  for (const std::string& title : titles) {
    right_.push_back(!title.empty() && title.back() == '>');
    first.push_back(right_.back() ? title.substr(0, title.size() - 1) : title);
  }
  rows_.push_back(std::move(first));
}

void TextTable::Add(const std::vector<std::string>& cells) {
  std::vector<std::string> row;
  for (const std::string& cell : cells) row.push_back(Harmless(cell));
  row.resize(right_.size());
  rows_.push_back(std::move(row));
}

std::string TextTable::Text() const {
  std::vector<size_t> widths(right_.size());
  for (const std::vector<std::string>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string out;
  for (const std::vector<std::string>& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - Width(row[i]), ' ');
      if (i > 0) line += "  ";
      line += right_[i] ? padding + row[i] : row[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace eventlog

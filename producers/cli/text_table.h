// Rows of a table for people: columns as wide as they must be.

#ifndef PRODUCERS_CLI_TEXT_TABLE_H_
#define PRODUCERS_CLI_TEXT_TABLE_H_

#include <string>
#include <vector>

namespace eventlog {

// Not thread safe.
class TextTable {
 public:
  // A title that ends with ">" has a column of numbers, which stand at its right side; the ">" is not printed.
  explicit TextTable(const std::vector<std::string>& titles);

  // As many cells as there are titles. What a terminal would obey is written out: a name must not move the cursor.
  void Add(const std::vector<std::string>& cells);

  // The titles and all rows, a line each. Widths are counted in characters of UTF-8, each one column wide.
  std::string Text() const;

 private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_TEXT_TABLE_H_

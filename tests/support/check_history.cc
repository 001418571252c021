// Says whether the history in a file (log_history.h has the form) is linearizable: exit code 0, or 1 with the reason on
// standard output, or 2 when the file is no history.

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/support/linearizability.h"
#include "tests/support/log_history.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: check_history FILE\n";
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const absl::StatusOr<eventlog::LogHistory> history = eventlog::ParseHistory(text);
  if (!history.ok() || history->empty()) {
    std::cerr << "no history: " << history.status() << "\n";
    return 2;
  }
  const absl::Status status = eventlog::CheckLinearizable(*history);
  if (status.ok()) return 0;
  std::cout << status.message() << "\n";
  return 1;
}

#include "producers/session/close_all_but.h"

#include <unistd.h>

#include <algorithm>

namespace eventlog {

void CloseAllBut(absl::Span<int> kept) {
  std::sort(kept.begin(), kept.end());
  int next = 0;
  for (const int file : kept) {
    if (file > next) close_range(static_cast<unsigned>(next), static_cast<unsigned>(file - 1), 0);
    next = std::max(next, file + 1);
  }
  close_range(static_cast<unsigned>(next), ~0U, 0);
}

}  // namespace eventlog

#include "eventlog-svc/storage/append_time.h"

namespace eventlog {
namespace {

constexpr int kGapsMax = 8;

}  // namespace

std::optional<absl::Time> AppendTimeFrom(const std::function<absl::StatusOr<RecordPage>(const ReadOptions&)>& read,
                                         int64_t offset) {
  for (int gaps = 0; gaps < kGapsMax; ++gaps) {
    const absl::StatusOr<RecordPage> page = read({offset, Direction::kForward, /*records_max=*/1, /*bytes_max=*/1});
    if (!page.ok()) return std::nullopt;
    if (!page->empty()) return page->runs.front().append_time;
    if (!page->gap.has_value()) return std::nullopt;
    offset = page->next_offset;
  }
  return std::nullopt;
}

}  // namespace eventlog

#include "producers/load/run_ledger.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace eventlog {

RunLedger::RunLedger(std::string run, int producers) : run_(std::move(run)) {
  for (int i = 0; i < producers; ++i) books_.push_back(std::make_unique<Book>());
}

void RunLedger::Sent(int producer, uint64_t hash) {
  Book& book = *books_[static_cast<size_t>(producer)];
  absl::MutexLock lock(&book.mutex);
  book.entries.push_back({hash, kNotAcknowledged});
}

void RunLedger::Unsend(int producer) {
  Book& book = *books_[static_cast<size_t>(producer)];
  absl::MutexLock lock(&book.mutex);
  book.entries.pop_back();
}

void RunLedger::Acknowledged(int producer, int64_t sequence, int64_t offset) {
  Book& book = *books_[static_cast<size_t>(producer)];
  absl::MutexLock lock(&book.mutex);
  book.entries[static_cast<size_t>(sequence)].offset = offset;
  ++book.acknowledged;
}

std::vector<RunLedger::Entry> RunLedger::entries(int producer) const {
  const Book& book = *books_[static_cast<size_t>(producer)];
  absl::MutexLock lock(&book.mutex);
  return book.entries;
}

int64_t RunLedger::sent() const {
  int64_t sent = 0;
  for (const std::unique_ptr<Book>& book : books_) {
    absl::MutexLock lock(&book->mutex);
    sent += static_cast<int64_t>(book->entries.size());
  }
  return sent;
}

int64_t RunLedger::acknowledged() const {
  int64_t acknowledged = 0;
  for (const std::unique_ptr<Book>& book : books_) {
    absl::MutexLock lock(&book->mutex);
    acknowledged += book->acknowledged;
  }
  return acknowledged;
}

std::string AcknowledgedRanges(const std::vector<RunLedger::Entry>& entries) {
  std::string text;
  const int64_t size = static_cast<int64_t>(entries.size());
  const auto acknowledged = [&](int64_t at) {
    return at < size && entries[static_cast<size_t>(at)].offset != RunLedger::kNotAcknowledged;
  };
  for (int64_t first = 0; first < size; ++first) {
    if (!acknowledged(first)) continue;
    int64_t last = first;
    while (acknowledged(last + 1)) ++last;
    absl::StrAppend(&text, text.empty() ? "" : ",", first, first == last ? "" : absl::StrCat("-", last));
    first = last;
  }
  return text;
}

absl::StatusOr<std::vector<std::pair<int64_t, int64_t>>> ParseRanges(absl::string_view text) {
  std::vector<std::pair<int64_t, int64_t>> ranges;
  for (const absl::string_view range : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::vector<absl::string_view> ends = absl::StrSplit(range, '-');
    std::pair<int64_t, int64_t> parsed;
    if (ends.size() > 2 || !absl::SimpleAtoi(ends.front(), &parsed.first) ||
        !absl::SimpleAtoi(ends.back(), &parsed.second) || parsed.first > parsed.second) {
      return absl::InvalidArgumentError(absl::StrCat("no range: \"", range, "\""));
    }
    ranges.push_back(parsed);
  }
  return ranges;
}

}  // namespace eventlog

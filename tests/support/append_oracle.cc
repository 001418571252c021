#include "tests/support/append_oracle.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {
namespace {

absl::Status Broken(int number, absl::string_view what) {
  return absl::InternalError(absl::StrCat("batch ", number, ": ", what));
}

// The gap that covers [begin, end) as a whole.
bool InAGap(const LogContents& contents, int64_t begin, int64_t end) {
  return std::any_of(contents.gaps.begin(), contents.gaps.end(),
                     [&](const Gap& gap) { return gap.start_offset <= begin && end <= gap.next_offset; });
}

}  // namespace

absl::StatusOr<LogContents> ReadContents(const Log& log, size_t bytes_max) {
  LogContents contents;
  contents.bounds = log.bounds();
  ReadOptions options;
  options.bytes_max = bytes_max;
  options.from = contents.bounds.start_offset;
  while (options.from < contents.bounds.head_offset) {
    const absl::StatusOr<RecordPage> page = log.Read(options);
    if (!page.ok()) return page.status();
    if (page->next_offset <= options.from) {
      return absl::InternalError(absl::StrCat("the scan does not go on at ", options.from));
    }
    if (page->gap.has_value()) contents.gaps.push_back(*page->gap);
    for (StoredEvent& event : Parse(*page)) contents.events.push_back(std::move(event));
    options.from = page->next_offset;
  }
  return contents;
}

std::string AppendOracle::Text(int number, size_t index, size_t count, size_t size) {
  std::string text = absl::StrCat(number, "/", index, "/", count, "/");
  uint32_t filling = static_cast<uint32_t>(number) * 2'654'435'761u + static_cast<uint32_t>(index);
  while (text.size() < size) {
    filling = filling * 1'664'525u + 1'013'904'223u;
    text.push_back(static_cast<char>('a' + (filling >> 24) % 26));
  }
  return text;
}

AppendBatch AppendOracle::Send(const std::string& producer, const std::vector<size_t>& sizes) {
  Batch batch;
  batch.sizes = sizes;
  if (!producer.empty()) {
    int64_t& next = next_sequence_[producer];
    batch.producer = ProducerSequence{producer, 1, next};
    next += static_cast<int64_t>(sizes.size());
  }
  batches_.push_back(std::move(batch));
  return Again(last());
}

AppendBatch AppendOracle::Again(int number) const {
  const Batch& batch = batches_.at(static_cast<size_t>(number));
  std::vector<std::string> texts;
  for (size_t i = 0; i < batch.sizes.size(); ++i) texts.push_back(Text(number, i, batch.sizes.size(), batch.sizes[i]));
  return batch.producer.has_value() ? MakeBatch(texts, *batch.producer) : MakeBatch(texts);
}

void AppendOracle::Answered(int number, const absl::StatusOr<AppendResult>& answer) {
  Batch& batch = batches_.at(static_cast<size_t>(number));
  if (answer.ok()) {
    batch.fate = Fate::kAcknowledged;
    batch.result = *answer;
    if (answer->append_time < newest_time_ && !answer->duplicate) fallen_time_ = number;
    newest_time_ = std::max(newest_time_, answer->append_time);
  } else if (absl::IsResourceExhausted(answer.status()) || absl::IsAborted(answer.status()) ||
             absl::IsFailedPrecondition(answer.status())) {
    batch.fate = Fate::kRefused;
    if (batch.producer.has_value()) {
      int64_t& next = next_sequence_[batch.producer->id];
      next = std::min(next, batch.producer->first_sequence);
    }
  }
}

void AppendOracle::Shown(const LogContents& contents) {
  for (const StoredEvent& event : contents.events) {
    int number = 0, index = 0;
    if (std::sscanf(event.text.c_str(), "%d/%d/", &number, &index) == 2) shown_[event.offset - index] = number;
  }
}

absl::Status AppendOracle::CheckBatchAt(const LogContents& contents, size_t at, int& number, size_t& cut) const {
  const StoredEvent& first = contents.events[at];
  int index = 0;
  if (std::sscanf(first.text.c_str(), "%d/%d/", &number, &index) != 2 || number < 0 || number > last()) {
    return absl::InternalError(absl::StrCat("an event that nobody sent at offset ", first.offset));
  }
  const Batch& batch = batches_[static_cast<size_t>(number)];
  const size_t count = batch.sizes.size();
  cut = first.offset == contents.bounds.start_offset ? std::min(static_cast<size_t>(index), count - 1) : 0;
  const int64_t base = first.offset - static_cast<int64_t>(cut);
  for (size_t i = cut; i < count; ++i) {
    if (at + i - cut >= contents.events.size()) return Broken(number, "half of it is at the end");
    const StoredEvent& event = contents.events[at + i - cut];
    if (event.offset != base + static_cast<int64_t>(i)) return Broken(number, "half of it is there");
    if (event.text != Text(number, i, count, batch.sizes[i])) {
      return Broken(number, absl::StrCat("not its bytes at offset ", event.offset));
    }
    if (event.append_time != first.append_time) return Broken(number, "two append times");
  }
  if (batch.fate == Fate::kRefused) return Broken(number, absl::StrCat("was refused, and is at ", base));
  if (batch.fate == Fate::kAcknowledged &&
      (batch.result.first_offset != base || batch.result.append_time != first.append_time)) {
    return Broken(number, absl::StrCat("acknowledged at ", batch.result.first_offset, ", stored at ", base));
  }
  return absl::OkStatus();
}

absl::Status AppendOracle::CheckEvents(const LogContents& contents, Places& places) const {
  int64_t next = contents.bounds.start_offset;
  absl::Time time = absl::InfinitePast();
  size_t gap = 0;
  for (size_t at = 0; at < contents.events.size();) {
    const StoredEvent& event = contents.events[at];
    for (; gap < contents.gaps.size() && contents.gaps[gap].start_offset == next; ++gap) {
      next = contents.gaps[gap].next_offset;
    }
    if (event.offset != next) return absl::InternalError(absl::StrCat("offset ", next, " is not there"));
    int number = 0;
    size_t cut = 0;
    const absl::Status sound = CheckBatchAt(contents, at, number, cut);
    if (!sound.ok()) return sound;
    if (!places.emplace(number, event.offset - static_cast<int64_t>(cut)).second)
      return Broken(number, "is there twice");
    if (event.append_time < time) return Broken(number, "its append time is before that of the one before");
    time = event.append_time;
    const size_t count = batches_[static_cast<size_t>(number)].sizes.size() - cut;
    next += static_cast<int64_t>(count);
    at += count;
  }
  for (; gap < contents.gaps.size() && contents.gaps[gap].start_offset == next; ++gap) {
    next = contents.gaps[gap].next_offset;
  }
  if (gap < contents.gaps.size()) return absl::InternalError("a gap where there are records");
  if (next != contents.bounds.head_offset) {
    return absl::InternalError(absl::StrCat("the log ends at ", next, ", its head is ", contents.bounds.head_offset));
  }
  return absl::OkStatus();
}

absl::Status AppendOracle::Compare(const LogContents& contents) const {
  Places places;
  const absl::Status sound = CheckEvents(contents, places);
  if (!sound.ok()) return sound;
  if (fallen_time_ >= 0) return Broken(fallen_time_, "its append time is before that of an earlier answer");
  for (int number = 0; number <= last(); ++number) {
    const Batch& batch = batches_[static_cast<size_t>(number)];
    if (batch.fate != Fate::kAcknowledged || places.count(number) > 0) continue;
    if (batch.result.next_offset <= contents.bounds.start_offset) continue;
    if (InAGap(contents, batch.result.first_offset, batch.result.next_offset)) continue;
    return Broken(number, absl::StrCat("acknowledged at ", batch.result.first_offset, " and gone"));
  }
  for (const auto& [offset, number] : shown_) {
    const int64_t end = offset + static_cast<int64_t>(batches_[static_cast<size_t>(number)].sizes.size());
    const auto place = places.find(number);
    if (end <= contents.bounds.start_offset || InAGap(contents, offset, end)) continue;
    if (place == places.end() || place->second != offset) {
      return Broken(number, absl::StrCat("was shown to readers at ", offset, " and is not there"));
    }
  }
  return absl::OkStatus();
}

absl::Status AppendOracle::Repeat(Log& log, const LogContents& contents) {
  Places places;
  const absl::Status sound = CheckEvents(contents, places);
  if (!sound.ok()) return sound;
  int64_t head = contents.bounds.head_offset;
  for (int number = 0; number <= last(); ++number) {
    const Batch& batch = batches_[static_cast<size_t>(number)];
    if (batch.fate != Fate::kOpen || !batch.producer.has_value()) continue;
    const int64_t count = static_cast<int64_t>(batch.sizes.size());
    const absl::StatusOr<AppendResult> answer = Append(log, Again(number));
    if (absl::IsUnavailable(answer.status()) || absl::IsResourceExhausted(answer.status())) return answer.status();
    if (!answer.ok()) return Broken(number, absl::StrCat("its repeat was refused: ", answer.status().ToString()));
    const auto place = places.find(number);
    const bool stored = place != places.end();
    if (answer->duplicate != stored) return Broken(number, stored ? "stored a second time" : "taken for a repeat");
    if (answer->first_offset != (stored ? place->second : head) ||
        answer->next_offset != answer->first_offset + count) {
      return Broken(number, absl::StrCat("its repeat is at ", answer->first_offset));
    }
    if (!stored) head += count;
    Answered(number, answer);
  }
  return absl::OkStatus();
}

int64_t AppendOracle::acknowledged() const {
  return std::count_if(batches_.begin(), batches_.end(),
                       [](const Batch& batch) { return batch.fate == Fate::kAcknowledged; });
}

}  // namespace eventlog

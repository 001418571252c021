#include "tests/faults/damage_model.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/storage/batch_scanner.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/segment_name.h"
#include "proto/eventlog/storage/v1/log_state.pb.h"

namespace eventlog {
namespace {

template <typename Message>
int64_t CursorOffset(const std::string& bytes, const std::string& cursor, int64_t otherwise) {
  Message message;
  if (!message.ParseFromString(bytes)) return otherwise;
  for (const storage::v1::Cursor& stored : message.cursors()) {
    if (stored.cursor() == cursor) otherwise = stored.next_offset();
  }
  return otherwise;
}

}  // namespace

absl::StatusOr<DamageModel> DamageModel::Learn(FakeFileSystem& files, const std::string& directory,
                                               const std::string& cursor) {
  DamageModel model;
  const absl::StatusOr<std::vector<std::string>> names = files.List(directory);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    const std::string path = absl::StrCat(directory, "/", name);
    model.files_[path] = files.Content(path);
    if (!ParseSegmentFileName(name, kSegmentSuffix).has_value()) continue;
    absl::StatusOr<SegmentPlaces> segment = LearnSegment(files, directory, name, cursor);
    if (!segment.ok()) return segment.status();
    model.segments_.push_back(*std::move(segment));
  }
  const bool is_asked_for =
      model.segments_.size() == 2 && !model.segments_[0].batches.empty() && !model.segments_[1].batches.empty();
  return is_asked_for ? absl::StatusOr<DamageModel>(std::move(model))
                      : absl::InternalError(absl::StrCat(model.segments_.size(), " segments, or an empty one"));
}

absl::StatusOr<DamageModel::SegmentPlaces> DamageModel::LearnSegment(FakeFileSystem& files,
                                                                     const std::string& directory,
                                                                     const std::string& name,
                                                                     const std::string& cursor) {
  SegmentPlaces places;
  places.path = absl::StrCat(directory, "/", name);
  const absl::StatusOr<std::unique_ptr<File>> file = files.Open(places.path, OpenMode::kRead);
  if (!file.ok()) return file.status();
  const absl::StatusOr<SegmentHeader> header = ReadSegmentHeader(**file, name);
  if (!header.ok()) return header.status();
  places.base_offset = header->base_offset;
  places.index_path = absl::StrCat(directory, "/", SegmentFileName(header->base_offset, kIndexSuffix));
  places.mark_path = absl::StrCat(directory, "/", SegmentFileName(header->base_offset, kSyncedSuffix));
  places.first_position = header->size();
  places.cursor_offset = CursorOffset<storage::v1::LogState>(header->state, cursor, -1);
  const int64_t size = static_cast<int64_t>(files.Content(places.path).size());
  BatchScanner scanner(**file, {header->salt, header->base_offset}, {places.first_position, places.base_offset, size});
  while (true) {
    const absl::StatusOr<BatchScanner::Step> step = scanner.Next();
    if (!step.ok()) return step.status();
    if (*step == BatchScanner::Step::kEnd) return places;
    if (*step == BatchScanner::Step::kBad) return absl::InternalError("the log is not sound");
    const BatchHeader& batch = scanner.header();
    places.batches.push_back(
        {scanner.batch_position(), scanner.position(), batch.base_offset, batch.next_offset(), batch.synced_offset});
    if (batch.count > 0) continue;
    places.batches.back().cursor_offset =
        CursorOffset<storage::v1::StateChange>(std::string(scanner.records()), cursor, -1);
  }
}

bool DamageModel::IsWhole(const StoredFiles& damaged, const std::string& path, int64_t begin, int64_t end) const {
  const auto found = damaged.find(path);
  if (found == damaged.end()) return true;
  const std::string& sound = files_.at(path);
  const size_t at = static_cast<size_t>(begin), count = static_cast<size_t>(end - begin);
  return found->second.size() >= at + count && found->second.compare(at, count, sound, at, count) == 0;
}

DamageModel::Mark DamageModel::MarkOf(const StoredFiles& damaged) const {
  const SegmentPlaces& active = segments_.back();
  const auto changed = damaged.find(active.mark_path);
  const auto sound = files_.find(active.mark_path);
  const std::string& content = changed != damaged.end() ? changed->second : sound != files_.end() ? sound->second : "";
  const auto mark = marks_.find(content);
  return mark == marks_.end() ? Mark{} : Mark{mark->second.first, mark->second.second};
}

bool DamageModel::EndsBeforeState(const StoredFiles& damaged, const SegmentPlaces& segment, size_t next) const {
  const auto found = damaged.find(segment.path);
  return found != damaged.end() && static_cast<int64_t>(found->second.size()) == segment.batches[next].position &&
         std::all_of(segment.batches.begin() + static_cast<std::ptrdiff_t>(next), segment.batches.end(),
                     [](const Batch& batch) { return batch.base_offset == batch.next_offset; });
}

DamageOutcome DamageModel::Predict(const StoredFiles& damaged) const {
  DamageOutcome outcome;
  for (const SegmentPlaces& segment : segments_) {
    std::vector<bool> whole;
    whole.reserve(segment.batches.size());
    for (const Batch& batch : segment.batches)
      whole.push_back(IsWhole(damaged, segment.path, batch.position, batch.end));
    const bool has_header = IsWhole(damaged, segment.path, 0, segment.first_position);
    if (&segment == &segments_.back()) {
      outcome.opens = has_header;
      FollowActive(whole, MarkOf(damaged), outcome);
    } else {
      for (size_t i = 0; i < whole.size(); ++i) {
        if (whole[i]) continue;
        if (EndsBeforeState(damaged, segment, i)) break;
        AddLost(segment.batches[i].base_offset, segment.batches[i].next_offset, outcome);
        outcome.damaged_segments.insert(segment.base_offset);
      }
    }
    if (!has_header) outcome.damaged_segments.insert(segment.base_offset);
  }
  return outcome;
}

void DamageModel::FollowActive(const std::vector<bool>& whole, const Mark& mark, DamageOutcome& outcome) const {
  const SegmentPlaces& active = segments_.back();
  const std::vector<Batch>& batches = active.batches;
  int64_t due = active.base_offset;
  outcome.cursor_offset = active.cursor_offset;
  outcome.cut_position = active.first_position;
  for (size_t i = 0; i < batches.size();) {
    if (whole[i]) {
      due = batches[i].next_offset;
      outcome.cut_position = batches[i].end;
      if (batches[i].cursor_offset >= 0) outcome.cursor_offset = batches[i].cursor_offset;
      ++i;
      continue;
    }
    size_t next = i;
    while (next < batches.size() && !whole[next]) ++next;
    int64_t from = batches[i].base_offset;
    if (batches[i].position < mark.position) {
      // What the mark does not cover is looked at for itself.
      const auto behind = std::find_if(batches.begin(), batches.end(),
                                       [&](const Batch& batch) { return batch.position >= mark.position; });
      next = std::min(next, static_cast<size_t>(behind - batches.begin()));
    } else if (!IsProved(whole, next, due)) {
      break;
    }
    due = batches[next - 1].next_offset;
    outcome.cut_position = batches[next - 1].end;
    outcome.damaged_segments.insert(active.base_offset);
    AddLost(from, due, outcome);
    i = next;
  }
  outcome.head_offset = due;
}

bool DamageModel::IsProved(const std::vector<bool>& whole, size_t next, int64_t due) const {
  const std::vector<Batch>& batches = segments_.back().batches;
  for (; next < batches.size(); ++next) {
    if (whole[next] && (batches[next].synced_offset > due || batches[next].base_offset == due)) return true;
  }
  return false;
}

void DamageModel::AddLost(int64_t begin, int64_t end, DamageOutcome& outcome) {
  if (begin == end) return;
  if (!outcome.lost.empty() && outcome.lost.back().second == begin) {
    outcome.lost.back().second = end;
  } else {
    outcome.lost.emplace_back(begin, end);
  }
}

}  // namespace eventlog

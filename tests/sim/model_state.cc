#include "tests/sim/model_state.h"

#include <algorithm>
#include <variant>

namespace eventlog {
namespace {

ModelState::Verdict Refused(const char* reason) { return {reason, {}, false}; }

bool IsOutside(int64_t next_offset, const LogBounds& published) {
  return next_offset < 0 || next_offset > published.head_offset;
}

bool SameRetention(const LogSettings& a, const LogSettings& b) {
  return a.age_max == b.age_max && a.bytes_max == b.bytes_max && a.records_max == b.records_max &&
         a.keep_for_cursors == b.keep_for_cursors;
}

}  // namespace

bool SameCursor(const Cursor& a, const Cursor& b) {
  return a.name == b.name && a.next_offset == b.next_offset && a.generation == b.generation &&
         a.commit_time == b.commit_time;
}

bool SameSettings(const LogSettings& a, const LogSettings& b) {
  return SameRetention(a, b) && a.event_bytes_max == b.event_bytes_max && a.batch_bytes_max == b.batch_bytes_max &&
         a.default_durability == b.default_durability && a.create_time == b.create_time;
}

bool ModelState::operator==(const ModelState& other) const {
  return start_offset == other.start_offset && last_generation == other.last_generation &&
         SameSettings(settings, other.settings) &&
         std::equal(cursors.begin(), cursors.end(), other.cursors.begin(), other.cursors.end(),
                    [](const auto& a, const auto& b) { return a.first == b.first && SameCursor(a.second, b.second); });
}

ModelState::Verdict ModelState::Commit(const CommitCursor& change, const LogBounds& published, absl::Time now) {
  if (IsOutside(change.next_offset, published)) return Refused("OFFSET_OUT_OF_RANGE");
  const int64_t next_offset = std::max(change.next_offset, published.start_offset);
  const auto known = cursors.find(change.name);
  if (known == cursors.end()) {
    if (change.generation != 0) return Refused("CURSOR_NOT_FOUND");
    return {"", cursors[change.name] = {change.name, next_offset, 0, now}, true};
  }
  Cursor& cursor = known->second;
  if (cursor.generation != change.generation) return Refused("CURSOR_FENCED");
  const bool moves = next_offset > cursor.next_offset;
  if (moves) cursor = {change.name, next_offset, change.generation, now};
  return {"", cursor, moves};
}

ModelState::Verdict ModelState::Trim(const TrimLog& change, const LogBounds& published) {
  if (IsOutside(change.next_offset, published)) return Refused("OFFSET_OUT_OF_RANGE");
  int64_t start = change.next_offset;
  if (change.retention.has_value()) {
    if (!SameRetention(settings, *change.retention)) return {};
    if (settings.keep_for_cursors) {
      for (const auto& [name, cursor] : cursors) start = std::min(start, cursor.next_offset);
    }
  }
  const bool trims = start > start_offset;
  start_offset = std::max(start_offset, start);
  return {"", {}, trims};
}

ModelState::Verdict ModelState::Apply(const LogChange& change, const LogBounds& published, absl::Time now) {
  if (const auto* commit = std::get_if<CommitCursor>(&change)) return Commit(*commit, published, now);
  if (const auto* trim = std::get_if<TrimLog>(&change)) return Trim(*trim, published);
  if (const auto* wanted = std::get_if<ChangeSettings>(&change)) {
    const absl::Time create_time = settings.create_time;
    settings = wanted->settings;
    settings.create_time = create_time;
    return {"", {}, true};
  }
  if (const auto* reset = std::get_if<ResetCursor>(&change)) {
    if (IsOutside(reset->next_offset, published)) return Refused("OFFSET_OUT_OF_RANGE");
    const int64_t next_offset = std::max(reset->next_offset, published.start_offset);
    return {"", cursors[reset->name] = {reset->name, next_offset, 0, now}, true};
  }
  const auto* take = std::get_if<TakeCursor>(&change);
  const auto known = cursors.find(take != nullptr ? take->name : std::get<DeleteCursor>(change).name);
  if (known == cursors.end()) return Refused("CURSOR_NOT_FOUND");
  if (take != nullptr) {
    known->second.generation = ++last_generation;
    return {"", known->second, true};
  }
  const Cursor gone = known->second;
  cursors.erase(known);
  return {"", gone, true};
}

}  // namespace eventlog

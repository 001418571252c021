#include "tests/support/linearizability.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

using Kind = LogOperation::Kind;
using Outcome = LogOperation::Outcome;

constexpr size_t kBlockedShown = 4;
constexpr int64_t kExplanationStepsMax = 100'000;

absl::Status Refused(absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat("not linearizable: ", why));
}

// Which event stands at which offset, as far as anybody saw it.
class Sightings {
 public:
  // An offset with two events, or an event at two offsets, is refused.
  absl::Status Add(const LogOperation& operation) {
    if (operation.kind == Kind::kStats || operation.outcome != Outcome::kOk) return absl::OkStatus();
    if (operation.next_offset - operation.offset != static_cast<int64_t>(operation.values.size())) {
      return Refused(absl::StrCat("other offsets than events: ", Describe(operation)));
    }
    for (size_t i = 0; i < operation.values.size(); ++i) {
      const int64_t offset = operation.offset + static_cast<int64_t>(i);
      const auto [event, first] = events_.try_emplace(offset, operation.values[i], &operation);
      if (!first && event->second.first != operation.values[i]) {
        return Refused(absl::StrCat("offset ", offset, " holds two events:\n  ", Describe(*event->second.second),
                                    "\n  ", Describe(operation)));
      }
      const auto [place, only] = offsets_.try_emplace(operation.values[i], offset, &operation);
      if (!only && place->second.first != offset) {
        return Refused(absl::StrCat("event ", operation.values[i], " is at two offsets:\n  ",
                                    Describe(*place->second.second), "\n  ", Describe(operation)));
      }
    }
    return absl::OkStatus();
  }

  // Whether nobody saw another event at `offset`, nor this one elsewhere.
  bool MayStandAt(const std::string& value, int64_t offset) const {
    const auto event = events_.find(offset);
    const auto place = offsets_.find(value);
    return (event == events_.end() || event->second.first == value) &&
           (place == offsets_.end() || place->second.first == offset);
  }

 private:
  absl::flat_hash_map<int64_t, std::pair<std::string, const LogOperation*>> events_;
  absl::flat_hash_map<std::string, std::pair<int64_t, const LogOperation*>> offsets_;
};

// The log of the model.
class ModelLog {
 public:
  explicit ModelLog(const Sightings& sightings) : sightings_(sightings) {}

  int64_t head() const { return static_cast<int64_t>(events_.size()); }
  // Why the operation cannot take effect now; empty when it can.
  std::string Objection(const LogOperation& operation) const {
    if (operation.kind == Kind::kRead) return ObjectionToRead(operation);
    if (operation.kind == Kind::kStats || operation.outcome == Outcome::kMismatch) {
      if (operation.expected_next_offset == head()) return "the head is what it expected";
      return operation.next_offset == head() ? "" : "the head is another";
    }
    if (operation.expected_next_offset.has_value() && *operation.expected_next_offset != head()) {
      return "the head is another than it expected";
    }
    if (operation.outcome == Outcome::kOk) return operation.offset == head() ? "" : "the head is another";
    int64_t offset = head();
    for (const std::string& value : operation.values) {
      if (!sightings_.MayStandAt(value, offset++)) return "another event was seen there, or this one elsewhere";
    }
    return "";
  }
  // Takes effect; Undo takes it back.
  void Apply(const LogOperation& operation) {
    if (!Grows(operation)) return;
    events_.insert(events_.end(), operation.values.begin(), operation.values.end());
    state_ = states_.try_emplace({state_, &operation}, states_.size() + 1).first->second;
  }
  void Undo(const LogOperation& operation, size_t state_before) {
    if (Grows(operation)) events_.resize(events_.size() - operation.values.size());
    state_ = state_before;
  }
  // Names the list: the same number for the same appends in the same order, and for no other.
  size_t state() const { return state_; }

 private:
  static bool Grows(const LogOperation& operation) {
    return operation.kind == Kind::kAppend && operation.outcome != Outcome::kMismatch;
  }
  std::string ObjectionToRead(const LogOperation& operation) const {
    if (operation.next_offset > head()) return "it read what is not there yet";
    if (operation.end_of_log && operation.next_offset != head()) return "the end of the log is elsewhere";
    for (size_t i = 0; i < operation.values.size(); ++i) {
      const std::string& event = events_[static_cast<size_t>(operation.offset) + i];
      if (event != operation.values[i]) return absl::StrCat("event ", event, " stands there");
    }
    return "";
  }

  const Sightings& sightings_;
  std::vector<std::string> events_;
  size_t state_ = 0;
  absl::flat_hash_map<std::pair<size_t, const LogOperation*>, size_t> states_;
};

// The calls and returns in their order, as a list from which operations are taken out and put back.
class Timeline {
 public:
  static constexpr size_t kEnd = 0;  // and the begin

  explicit Timeline(const LogHistory& history) : entries_(1), calls_(history.size()), returns_(history.size(), kEnd) {
    struct Moment {
      int64_t time;
      bool is_return;
      size_t operation;
    };
    std::vector<Moment> moments;
    for (size_t i = 0; i < history.size(); ++i) {
      moments.push_back({history[i].called, false, i});
      if (history[i].outcome != Outcome::kUnknown) moments.push_back({history[i].returned, true, i});
    }
    // At one moment calls come first: what may have been at the same time is taken for concurrent.
    std::stable_sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
      return a.time != b.time ? a.time < b.time : a.is_return < b.is_return;
    });
    for (const Moment& moment : moments) {
      (moment.is_return ? returns_ : calls_)[moment.operation] = entries_.size();
      entries_.push_back({entries_.size() - 1, kEnd, moment.operation, moment.is_return});
      entries_[entries_.size() - 2].next = entries_.size() - 1;
    }
    entries_[kEnd].previous = entries_.size() - 1;
  }

  size_t Next(size_t entry) const { return entries_[entry].next; }
  size_t operation(size_t entry) const { return entries_[entry].operation; }
  bool is_return(size_t entry) const { return entries_[entry].is_return; }
  void TakeOut(size_t operation) {
    Unlink(calls_[operation]);
    if (returns_[operation] != kEnd) Unlink(returns_[operation]);
  }
  // In the reverse order of TakeOut.
  void PutBack(size_t operation) {
    if (returns_[operation] != kEnd) Link(returns_[operation]);
    Link(calls_[operation]);
  }

 private:
  struct Entry {
    size_t previous = kEnd, next = kEnd;
    size_t operation = 0;
    bool is_return = false;
  };
  void Unlink(size_t entry) {
    entries_[entries_[entry].previous].next = entries_[entry].next;
    entries_[entries_[entry].next].previous = entries_[entry].previous;
  }
  void Link(size_t entry) {
    entries_[entries_[entry].previous].next = entry;
    entries_[entries_[entry].next].previous = entry;
  }

  std::vector<Entry> entries_;
  std::vector<size_t> calls_, returns_;  // of each operation
};

// The heads at which operations that returned must still take effect: the log cannot grow beyond the lowest.
class HeadsDue {
 public:
  explicit HeadsDue(const LogHistory& history) {
    for (const LogOperation& operation : history) PutBack(operation);
  }
  void TakeOut(const LogOperation& operation) {
    if (const std::optional<int64_t> head = HeadOf(operation)) heads_.erase(heads_.find(*head));
  }
  void PutBack(const LogOperation& operation) {
    if (const std::optional<int64_t> head = HeadOf(operation)) heads_.insert(*head);
  }
  int64_t lowest() const { return heads_.empty() ? INT64_MAX : *heads_.begin(); }

 private:
  static std::optional<int64_t> HeadOf(const LogOperation& operation) {
    if (operation.outcome == Outcome::kUnknown) return std::nullopt;
    if (operation.kind == Kind::kAppend && operation.outcome == Outcome::kOk) return operation.offset;
    if (operation.kind == Kind::kRead && !operation.end_of_log) return std::nullopt;
    return operation.next_offset;
  }
  std::multiset<int64_t> heads_;
};

class Search {
 public:
  // With `look_ahead` it leaves out ways that must fail later. Without it ends where a person would see the failure.
  Search(const LogHistory& history, const Sightings& sightings, bool look_ahead)
      : history_(history),
        look_ahead_(look_ahead),
        log_(sightings),
        heads_due_(history),
        timeline_(history),
        taken_(history.size() / 64 + 1) {}

  absl::Status Run(int64_t steps_max) {
    size_t entry = timeline_.Next(Timeline::kEnd);
    for (int64_t steps = 0; entry != Timeline::kEnd; ++steps) {
      if (steps >= steps_max) return absl::ResourceExhaustedError("the search is too long to tell");
      if (!timeline_.is_return(entry)) {
        entry = Take(entry) ? timeline_.Next(Timeline::kEnd) : timeline_.Next(entry);
        continue;
      }
      // An operation that returned has no place up to here.
      if (blocked_.empty() || path_.size() > blocked_at_) NoteBlocked(entry);
      if (path_.empty()) return Refused(blocked_);
      entry = timeline_.Next(Leave());
    }
    return absl::OkStatus();  // whatever is left has no return: it may never happen
  }

 private:
  struct Step {
    size_t entry, state_before;
  };

  // Lets the operation that is called at `entry` take effect; false when it cannot, or this was tried.
  bool Take(size_t entry) {
    const size_t index = timeline_.operation(entry);
    const LogOperation& operation = history_[index];
    if (!log_.Objection(operation).empty()) return false;
    const size_t state_before = log_.state();
    log_.Apply(operation);
    heads_due_.TakeOut(operation);
    taken_[index / 64] ^= uint64_t{1} << index % 64;
    const bool hopeless = look_ahead_ && log_.head() > heads_due_.lowest();
    if (hopeless || !seen_.emplace(taken_, log_.state()).second) {
      taken_[index / 64] ^= uint64_t{1} << index % 64;
      heads_due_.PutBack(operation);
      log_.Undo(operation, state_before);
      return false;
    }
    path_.push_back({entry, state_before});
    timeline_.TakeOut(index);
    return true;
  }

  // Takes back the last step; returns its entry.
  size_t Leave() {
    const Step step = path_.back();
    path_.pop_back();
    const size_t index = timeline_.operation(step.entry);
    timeline_.PutBack(index);
    taken_[index / 64] ^= uint64_t{1} << index % 64;
    heads_due_.PutBack(history_[index]);
    log_.Undo(history_[index], step.state_before);
    return step.entry;
  }

  // The longest way that the search went, and what stood at its end.
  void NoteBlocked(size_t entry) {
    blocked_at_ = path_.size();
    const LogOperation& returned = history_[timeline_.operation(entry)];
    blocked_ = absl::StrCat("after ", path_.size(), " of ", history_.size(), " operations the log has ", log_.head(),
                            " events, and an operation that returned then has no place:\n  ", Describe(returned), ": ",
                            Reason(returned));
    size_t shown = 0;
    for (size_t at = timeline_.Next(Timeline::kEnd); at != entry && shown < kBlockedShown; at = timeline_.Next(at)) {
      const LogOperation& other = history_[timeline_.operation(at)];
      if (&other == &returned) continue;
      absl::StrAppend(&blocked_, shown++ == 0 ? "\nneither have those beside it:" : "", "\n  ", Describe(other), ": ",
                      Reason(other));
    }
    if (path_.empty()) return;
    absl::StrAppend(&blocked_, "\nbefore it:");
    for (size_t i = path_.size() - std::min(path_.size(), kBlockedShown); i < path_.size(); ++i) {
      absl::StrAppend(&blocked_, "\n  ", Describe(history_[timeline_.operation(path_[i].entry)]));
    }
  }
  std::string Reason(const LogOperation& operation) const {
    const std::string objection = log_.Objection(operation);
    return objection.empty() ? "taken now, another finds no place" : objection;
  }

  const LogHistory& history_;
  const bool look_ahead_;
  ModelLog log_;
  HeadsDue heads_due_;
  Timeline timeline_;
  std::vector<uint64_t> taken_;  // a bit for each operation that took effect
  std::vector<Step> path_;
  absl::flat_hash_set<std::pair<std::vector<uint64_t>, size_t>> seen_;
  std::string blocked_;
  size_t blocked_at_ = 0;
};

}  // namespace

absl::Status CheckLinearizable(const LogHistory& history, const LinearizabilityOptions& options) {
  Sightings sightings;
  for (const LogOperation& operation : history) {
    const absl::Status consistent = sightings.Add(operation);
    if (!consistent.ok()) return consistent;
  }
  absl::Status status = Search(history, sightings, /*look_ahead=*/true).Run(options.steps_max);
  if (!absl::IsFailedPrecondition(status)) return status;
  const absl::Status explained = Search(history, sightings, /*look_ahead=*/false).Run(kExplanationStepsMax);
  return absl::IsFailedPrecondition(explained) ? explained : status;
}

}  // namespace eventlog

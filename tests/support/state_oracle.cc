#include "tests/support/state_oracle.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

std::string Describe(const StateContents& contents) {
  std::string text = absl::StrCat("start ", contents.start_offset);
  for (const auto& [name, place] : contents.cursors) {
    absl::StrAppend(&text, ", ", name, " at ", place.next_offset, " generation ", place.generation);
  }
  return text;
}

bool InLog(int64_t next_offset, const LogBounds& bounds) {
  return next_offset >= 0 && next_offset <= bounds.head_offset;
}

}  // namespace

StateContents ReadState(const Log& log) {
  StateContents contents;
  for (const Cursor& cursor : log.cursors()) contents.cursors[cursor.name] = {cursor.next_offset, cursor.generation};
  contents.start_offset = log.bounds().start_offset;
  return contents;
}

StateOracle::Sent StateOracle::Apply(const CommitCursor& change, const LogBounds& bounds, State& state) {
  if (!InLog(change.next_offset, bounds)) return {absl::StatusCode::kOutOfRange, {}, ""};
  const int64_t next_offset = std::max(change.next_offset, bounds.start_offset);
  const auto found = state.contents.cursors.find(change.name);
  if (found == state.contents.cursors.end()) {
    if (change.generation != 0) return {absl::StatusCode::kNotFound, {}, ""};
    state.contents.cursors[change.name] = {next_offset, 0};
    return {absl::StatusCode::kOk, {next_offset, 0}, change.name};
  }
  if (found->second.generation != change.generation) return {absl::StatusCode::kFailedPrecondition, {}, ""};
  found->second.next_offset = std::max(found->second.next_offset, next_offset);
  return {absl::StatusCode::kOk, found->second, change.name};
}

StateOracle::Sent StateOracle::Apply(const TakeCursor& change, const LogBounds& bounds, State& state) {
  const auto found = state.contents.cursors.find(change.name);
  if (found == state.contents.cursors.end()) return {absl::StatusCode::kNotFound, {}, ""};
  found->second.generation = ++state.last_generation;
  const int64_t generation_max = std::max(state.last_generation, state.last_generation_max + 1);
  state.last_generation_max = state.last_generation;
  return {absl::StatusCode::kOk, found->second, change.name, generation_max};
}

StateOracle::Sent StateOracle::Apply(const ResetCursor& change, const LogBounds& bounds, State& state) {
  if (!InLog(change.next_offset, bounds)) return {absl::StatusCode::kOutOfRange, {}, ""};
  const StateContents::Place place{std::max(change.next_offset, bounds.start_offset), 0};
  state.contents.cursors[change.name] = place;
  return {absl::StatusCode::kOk, place, change.name};
}

StateOracle::Sent StateOracle::Apply(const DeleteCursor& change, const LogBounds& bounds, State& state) {
  const auto found = state.contents.cursors.find(change.name);
  if (found == state.contents.cursors.end()) return {absl::StatusCode::kNotFound, {}, ""};
  const Sent sent{absl::StatusCode::kOk, found->second, change.name};
  state.contents.cursors.erase(found);
  return sent;
}

StateOracle::Sent StateOracle::Apply(const TrimLog& change, const LogBounds& bounds, State& state) {
  if (!InLog(change.next_offset, bounds)) return {absl::StatusCode::kOutOfRange, {}, ""};
  state.contents.start_offset = std::max(state.contents.start_offset, change.next_offset);
  return {};
}

int StateOracle::Send(const LogChange& change, const LogBounds& bounds) {
  sent_.push_back(std::visit([&](const auto& any) { return Apply(any, bounds, pending_); }, change));
  return static_cast<int>(sent_.size()) - 1;
}

absl::Status StateOracle::Answered(int number, const absl::StatusOr<Cursor>& answer) {
  Sent& sent = sent_.at(static_cast<size_t>(number));
  if (absl::IsUnavailable(answer.status())) return absl::OkStatus();
  if (absl::IsResourceExhausted(answer.status())) {
    pending_ = known_;
    return absl::OkStatus();
  }
  if (answer.ok() && sent.generation_max > sent.place.generation && answer->generation == sent.generation_max) {
    sent.place.generation = answer->generation;
    pending_.contents.cursors[sent.cursor].generation = answer->generation;
    pending_.last_generation = pending_.last_generation_max = answer->generation;
  }
  // A group is there as a whole.
  known_ = pending_;
  const bool expected = answer.status().code() == sent.code &&
                        (!answer.ok() || (answer->name == sent.cursor &&
                                          StateContents::Place{answer->next_offset, answer->generation} == sent.place));
  if (expected) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("change ", number, ": expected ", absl::StatusCodeToString(sent.code), " at ",
                                          sent.place.next_offset, " generation ", sent.place.generation, ", got ",
                                          answer.ok()
                                              ? absl::StrCat(answer->next_offset, " generation ", answer->generation)
                                              : answer.status().ToString()));
}

void StateOracle::Shown(const StateContents& contents) {
  // Any part of the open group says that it is there.
  if (!(contents == known_.contents)) known_ = pending_;
}

void StateOracle::Settle() {
  if (known_.contents == pending_.contents) {
    known_.last_generation_max = std::max(known_.last_generation_max, pending_.last_generation);
  }
  pending_ = known_;
}

absl::Status StateOracle::Compare(const StateContents& contents) const {
  if (contents == known_.contents || contents == pending_.contents) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("the state is [", Describe(contents), "], known is [",
                                          Describe(known_.contents), "], with what is open [",
                                          Describe(pending_.contents), "]"));
}

}  // namespace eventlog

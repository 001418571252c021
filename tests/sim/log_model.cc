#include "tests/sim/log_model.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {
namespace {

absl::Status Broken(absl::string_view what) { return absl::InternalError(what); }

absl::Status Unexpected(const SimRequest& request, absl::string_view expected) {
  return Broken(absl::StrCat(Describe(request), ": answered ", DescribeAnswer(request), ", not ", expected,
                             request.status.ok() ? "" : absl::StrCat(" (", request.status.ToString(), ")")));
}

}  // namespace

void LogModel::Advance(Point& point, const Step& step) const {
  point.last_time = step.time;
  if (step.state.has_value()) {
    point.state = *step.state;
    return;
  }
  const int64_t count = static_cast<int64_t>(step.records.size());
  if (step.producer.has_value()) {
    point.producers.Take(*step.producer, count, point.head, step.time);
    point.producers.Forget(limits_);
  }
  point.head += count;
}

void LogModel::Settle(size_t count) {
  for (; count > 0 && !open_.empty(); --count) {
    Advance(durable_, open_.front());
    open_.pop_front();
    if (open_published_ > 0) --open_published_;
  }
}

Durability LogModel::Resolve(Durability asked) const {
  if (asked != Durability::kDefault) return asked;
  const Durability settings = published_.state.settings.default_durability;
  return settings == Durability::kDefault ? Durability::kFsync : settings;
}

absl::Status LogModel::Committed(const std::vector<std::shared_ptr<SimRequest>>& group, const Commit& commit) {
  Group looked{commit, std::max(commit.now, last_append_time_), published_, {}, 0, false, false, {}};
  for (const std::shared_ptr<SimRequest>& request : group) {
    if (request->answers != 1) return Broken(absl::StrCat(Describe(*request), ": ", request->answers, " answers"));
    const bool is_append = std::holds_alternative<SimAppend>(request->what);
    absl::Status checked;
    if (!stopped_) {
      checked = is_append ? CheckAppend(*request, looked) : CheckChange(*request, looked);
    } else if (ErrorReason(request->status) != "STORAGE_FAILED" &&
               !(is_append && std::get<SimAppend>(request->what).stream != nullptr &&
                 ErrorReason(request->status) == "PRIOR_APPEND_FAILED")) {
      checked = Unexpected(*request, "STORAGE_FAILED: the log is stopped");
    }
    if (!checked.ok()) return checked;
  }
  if (looked.changes) {
    looked.steps.push_back({{}, std::nullopt, looked.point.state, looked.time});
    if (looked.change_answered) looked.durable = open_.size() + looked.steps.size();
  }
  if (commit.stopped && !stopped_ && !commit.disk_broke) return Broken("the log stopped, and no operation had failed");
  if (!looked.steps.empty() && !commit.published && !commit.stopped) return Broken("acknowledged, and not published");
  for (const std::shared_ptr<SimRequest>& request : group) {
    const auto* append = std::get_if<SimAppend>(&request->what);
    if (append != nullptr && append->stream != nullptr && !request->status.ok()) broken_streams_.insert(append->stream);
  }
  const bool is_synced_log = Resolve(Durability::kDefault) > Durability::kMemory;
  if (!looked.steps.empty()) last_append_time_ = looked.time;
  for (Step& step : looked.steps) {
    if (commit.published) {
      Advance(published_, step);
      records_.insert(records_.end(), step.records.begin(), step.records.end());
      ++open_published_;
    }
    open_.push_back(std::move(step));
  }
  // Whoever may see it must not lose it.
  if (commit.published && is_synced_log) looked.durable = open_.size();
  stopped_ = commit.stopped;
  Settle(looked.durable);
  return absl::OkStatus();
}

absl::Status LogModel::CheckFailure(const SimRequest& request, const Group& group) const {
  const std::string reason = ErrorReason(request.status);
  const auto* append = std::get_if<SimAppend>(&request.what);
  if (append != nullptr && group.fallen.count(append->stream.get()) > 0) {
    return reason == "PRIOR_APPEND_FAILED" ? absl::OkStatus() : Unexpected(request, "PRIOR_APPEND_FAILED");
  }
  if (reason == "DISK_FULL" && group.commit.disk_was_full) {
    const bool has_delay = request.status.GetPayload(kRetryInfoUrl).has_value();
    return has_delay ? absl::OkStatus() : Broken(absl::StrCat(Describe(request), ": DISK_FULL without RetryInfo"));
  }
  if (reason == "STORAGE_FAILED" && group.commit.stopped) return absl::OkStatus();
  return Unexpected(request, "what was to come, and nothing explains it");
}

absl::Status LogModel::CheckAppend(const SimRequest& request, Group& group) {
  const SimAppend& append = std::get<SimAppend>(request.what);
  ModelProducers::Verdict verdict;
  if (append.stream != nullptr && broken_streams_.count(append.stream) > 0) {
    const std::string reason = ErrorReason(request.status);
    const bool right = reason == "PRIOR_APPEND_FAILED" || (reason == "STORAGE_FAILED" && group.commit.stopped);
    return right ? absl::OkStatus() : Unexpected(request, "PRIOR_APPEND_FAILED");
  }
  if (append.producer.has_value()) {
    verdict = group.point.producers.Judge(*append.producer, static_cast<int64_t>(append.texts.size()));
  }
  if (!verdict.is_repeat && verdict.refusal.empty() && append.expected_next_offset.has_value() &&
      *append.expected_next_offset != group.point.head) {
    verdict.refusal = "OFFSET_MISMATCH";
  }
  return CheckInOrder(request, verdict, group);
}

absl::Status LogModel::CheckInOrder(const SimRequest& request, const ModelProducers::Verdict& verdict, Group& group) {
  const std::shared_ptr<AppendOrder>& stream = std::get<SimAppend>(request.what).stream;
  const Durability durability = Resolve(std::get<SimAppend>(request.what).durability);
  const bool has_fallen = stream != nullptr && group.fallen.count(stream.get()) > 0;
  if (has_fallen && request.status.ok()) return Unexpected(request, "PRIOR_APPEND_FAILED");
  absl::Status checked;
  if (verdict.is_repeat) {
    checked = CheckRepeat(request, verdict, durability, group);
  } else if (verdict.refusal.empty()) {
    checked = CheckNew(request, durability, group);
  } else if (request.status.ok()) {
    checked = Unexpected(request, verdict.refusal);
  } else if (has_fallen || ErrorReason(request.status) != verdict.refusal) {
    checked = CheckFailure(request, group);
  }
  if (stream == nullptr || request.status.ok()) return checked;
  group.fallen.emplace(stream.get(), ErrorReason(request.status) == "DISK_FULL");
  // What comes behind a refusal is not even looked at.
  if (!verdict.refusal.empty()) broken_streams_.insert(stream);
  return checked;
}

absl::Status LogModel::CheckNew(const SimRequest& request, Durability durability, Group& group) {
  if (!request.status.ok()) {
    const absl::Status explained = CheckFailure(request, group);
    // Of what failed in a group that stopped the log some may be there.
    const auto fallen = group.fallen.find(std::get<SimAppend>(request.what).stream.get());
    const bool was_full = fallen != group.fallen.end() && fallen->second;
    const bool may_be_there = group.commit.stopped && ErrorReason(request.status) != "DISK_FULL" && !was_full;
    if (!explained.ok() || !may_be_there) return explained;
  } else {
    const AppendResult& result = request.appended;
    const int64_t next_offset = group.point.head + static_cast<int64_t>(std::get<SimAppend>(request.what).texts.size());
    if (result.duplicate || result.first_offset != group.point.head || result.next_offset != next_offset) {
      return Unexpected(request, absl::StrCat("new at ", group.point.head));
    }
    if (result.durability != durability) return Unexpected(request, "that durability");
    if (durability >= Resolve(Durability::kDefault) && request.head_offset < next_offset) {
      return Unexpected(request, "an answer after readers can see it");
    }
    if (result.append_time != group.time) {
      return Unexpected(request, absl::StrCat("append time ", absl::FormatTime(group.time), " but ",
                                              absl::FormatTime(result.append_time)));
    }
  }
  const SimAppend& append = std::get<SimAppend>(request.what);
  Step step;
  for (const std::string& text : append.texts) step.records.push_back({text, group.time});
  step.producer = append.producer;
  step.time = group.time;
  const int64_t count = static_cast<int64_t>(append.texts.size());
  // Nothing is forgotten while the group is put together.
  if (append.producer.has_value()) {
    group.point.producers.Take(*append.producer, count, group.point.head, group.time);
  }
  group.point.head += count;
  group.steps.push_back(std::move(step));
  if (request.status.ok() && durability > Durability::kMemory) group.durable = open_.size() + group.steps.size();
  return absl::OkStatus();
}

absl::Status LogModel::CheckRepeat(const SimRequest& request, const ModelProducers::Verdict& verdict,
                                   Durability durability, Group& group) const {
  if (!request.status.ok()) return CheckFailure(request, group);
  const AppendResult& result = request.appended;
  const int64_t count = static_cast<int64_t>(std::get<SimAppend>(request.what).texts.size());
  if (!result.duplicate || result.first_offset != verdict.first_offset || result.append_time != verdict.append_time ||
      result.next_offset != verdict.first_offset + count || result.durability != durability) {
    return Unexpected(request, absl::StrCat("a repeat of ", verdict.first_offset));
  }
  if (durability == Durability::kMemory) return absl::OkStatus();
  // It and all before it is durable now.
  int64_t head = durable_.head;
  size_t steps = 0;
  for (; head <= verdict.first_offset && steps < open_.size() + group.steps.size(); ++steps) {
    const Step& step = steps < open_.size() ? open_[steps] : group.steps[steps - open_.size()];
    head += static_cast<int64_t>(step.records.size());
  }
  group.durable = std::max(group.durable, steps);
  return absl::OkStatus();
}

absl::Status LogModel::CheckChange(const SimRequest& request, Group& group) {
  const LogBounds published{published_.state.start_offset, published_.head};
  ModelState state = group.point.state;
  const ModelState::Verdict verdict = state.Apply(std::get<LogChange>(request.what), published, group.time);
  if (!request.status.ok()) {
    if (!verdict.refusal.empty() && ErrorReason(request.status) == verdict.refusal) return absl::OkStatus();
    const absl::Status explained = CheckFailure(request, group);
    if (!explained.ok() || ErrorReason(request.status) == "DISK_FULL") return explained;
  } else {
    if (!verdict.refusal.empty()) return Unexpected(request, verdict.refusal);
    if (!SameCursor(request.cursor, verdict.cursor)) {
      return Unexpected(
          request, absl::StrCat("cursor at ", verdict.cursor.next_offset, " generation ", verdict.cursor.generation));
    }
    if (std::holds_alternative<TakeCursor>(std::get<LogChange>(request.what))) {
      if (request.cursor.generation <= generation_answered_) return Unexpected(request, "a generation never given");
      generation_answered_ = request.cursor.generation;
    }
    group.change_answered = true;
  }
  group.point.state = std::move(state);
  group.changes = group.changes || verdict.changes;
  return absl::OkStatus();
}

absl::Status LogModel::Synced(const absl::Status& synced, bool disk_broke) {
  if (synced.ok()) {
    if (stopped_) return Broken("a stopped log synced");
    Settle(open_.size());
    return absl::OkStatus();
  }
  if (!disk_broke && !stopped_) return Broken(absl::StrCat("a sync failed for nothing: ", synced.ToString()));
  stopped_ = true;
  return absl::OkStatus();
}

absl::Status LogModel::CheckState(const SimulatedLog& log) const {
  const LogSize size = log.size();
  if (size.bounds.start_offset != start_offset() || size.bounds.head_offset != head_offset()) {
    return Broken(absl::StrCat("the log is [", size.bounds.start_offset, ", ", size.bounds.head_offset, "), not [",
                               start_offset(), ", ", head_offset(), ")"));
  }
  if (size.record_count != head_offset() - start_offset()) {
    return Broken(
        absl::StrCat("the log [", start_offset(), ", ", head_offset(), ") tells of ", size.record_count, " records"));
  }
  if (log.stopped() != stopped_) return Broken(log.stopped() ? "the log stopped" : "the log is not stopped");
  if (!SameSettings(log.settings(), published_.state.settings)) {
    return Broken(
        absl::StrCat("the settings are ", Describe(log.settings()), ", not ", Describe(published_.state.settings)));
  }
  const std::vector<Cursor> cursors = log.cursors();
  const auto& expected = published_.state.cursors;
  if (!std::equal(cursors.begin(), cursors.end(), expected.begin(), expected.end(),
                  [](const Cursor& a, const auto& b) { return SameCursor(a, b.second); })) {
    return Broken("the cursors are not as they were committed");
  }
  return absl::OkStatus();
}

absl::Status LogModel::Opened(const SimulatedLog& log, End end, absl::Time latest) {
  if (!is_known_) {
    is_known_ = true;
    epoch_ = log.epoch();
    durable_.state.settings = log.settings();
    durable_.last_time = absl::UnixEpoch();
    published_ = durable_;
  }
  if (log.epoch() != epoch_) return Broken("another log came back");
  const LogBounds bounds = log.bounds();
  ModelState seen;
  seen.start_offset = bounds.start_offset;
  for (const Cursor& cursor : log.cursors()) seen.cursors[cursor.name] = cursor;
  seen.last_generation = log.last_generation();
  seen.settings = log.settings();
  const size_t least = end == End::kPowerCut ? 0 : open_published_;
  // The shortest prefix that it may be: the longer ones that look the same are no different.
  Point point = durable_;
  std::optional<size_t> found;
  std::string prefixes;
  for (size_t count = 0; count <= open_.size(); ++count) {
    if (count > 0) Advance(point, open_[count - 1]);
    if (count < least) continue;
    absl::StrAppend(&prefixes, " ", point.head);
    const bool matches = point.head == bounds.head_offset && point.state == seen;
    if (matches && !found.has_value()) found = count;
  }
  if (!found.has_value()) {
    return Broken(absl::StrCat("after the restart the log is [", bounds.start_offset, ", ", bounds.head_offset, "), ",
                               seen.cursors.size(), " cursors, generation ", seen.last_generation, ", ",
                               Describe(seen.settings), ": no prefix of what was written; their heads are", prefixes));
  }
  records_.resize(static_cast<size_t>(durable_.head));
  for (size_t i = 0; i < *found; ++i) {
    records_.insert(records_.end(), open_[i].records.begin(), open_[i].records.end());
  }
  lost_ = open_.size() - *found;
  Settle(*found);
  open_.clear();
  open_published_ = 0;
  published_ = durable_;
  stopped_ = false;
  last_append_time_ = log.last_append_time();
  const bool is_in_order = last_append_time_ >= durable_.last_time && last_append_time_ <= latest;
  return is_in_order ? absl::OkStatus() : Broken("the append time falls, or comes from nowhere");
}

}  // namespace eventlog

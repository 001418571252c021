#include "tests/crash/killed_log_oracle.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

constexpr char kNumbered[] = "numbered";
constexpr char kPlain[] = "plain";
constexpr int64_t kEventsMax = 5;
constexpr int64_t kTextBytesMax = 400;
// Records that were looked at before, and are again at each restart.
constexpr int64_t kLookBack = 20;
// The log remembers 64 batches of a producer; some may be on their way beside the one that is repeated.
constexpr size_t kAnsweredToRepeat = 40;
constexpr int kCursors = 3;

// Every byte of an event follows from where it belongs.
std::string Text(int64_t number, int64_t index, int64_t count) {
  std::string text = absl::StrCat(number, ".", index, ".", count, ":");
  text.append(static_cast<size_t>((number * 31 + index * 7) % kTextBytesMax), static_cast<char>('a' + number % 26));
  return text;
}

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

size_t DigestOf(const v1::Record& record) { return absl::HashOf(record.SerializeAsString()); }

absl::Status Broken(const KilledLogOracle& oracle, const std::string& what) {
  return absl::InternalError(absl::StrCat(oracle.log(), ": ", what));
}

// "NUMBER.…" of an event.
int64_t NumberOf(const v1::Event& event) { return std::strtoll(event.text().c_str(), nullptr, 10); }

}  // namespace

KilledLogOracle::KilledLogOracle(std::string log, uint32_t seed) : log_(std::move(log)), random_(seed + 1) {
  for (int i = 0; i < kCursors; ++i) cursors_[absl::StrCat("cursor", i)];
  cursors_[kHeld];
}

v1::AppendRequest KilledLogOracle::Request(bool numbered, int64_t number, int64_t count) const {
  v1::AppendRequest request;
  request.set_log(log_);
  for (int64_t index = 0; index < count; ++index) {
    v1::Event& event = *request.add_events();
    event.set_type("kill.test");
    event.set_subject(numbered ? kNumbered : kPlain);
    event.set_text(Text(number, index, count));
  }
  return request;
}

std::vector<int64_t> KilledLogOracle::NumberedToRepeat() {
  const absl::MutexLock lock(&mutex_);
  std::vector<int64_t> numbers;
  if (numbered_answered_ > 0 && random_() % 2 == 0) {
    const size_t back = 1 + random_() % std::min(kAnsweredToRepeat, numbered_answered_);
    numbers.push_back(static_cast<int64_t>(numbered_answered_ - back));
  }
  for (size_t open = numbered_answered_; open < numbered_.size(); ++open) numbers.push_back(static_cast<int64_t>(open));
  counts_.repeated += static_cast<int64_t>(numbered_.size() - numbered_answered_);
  return numbers;
}

int64_t KilledLogOracle::NextNumbered() {
  const absl::MutexLock lock(&mutex_);
  const int64_t sequence = numbered_.empty() ? 0 : numbered_.back().first_sequence + numbered_.back().count;
  numbered_.push_back({sequence, 1 + static_cast<int64_t>(random_() % kEventsMax), -1});
  return static_cast<int64_t>(numbered_.size()) - 1;
}

v1::AppendRequest KilledLogOracle::Numbered(int64_t number) {
  const absl::MutexLock lock(&mutex_);
  const NumberedBatch& batch = numbered_[static_cast<size_t>(number)];
  v1::AppendRequest request = Request(true, number, batch.count);
  request.mutable_producer()->set_id(kNumbered);
  request.mutable_producer()->set_first_sequence(batch.first_sequence);
  return request;
}

void KilledLogOracle::NumberedAnswered(int64_t number, const v1::AppendResponse& response) {
  const absl::MutexLock lock(&mutex_);
  const size_t at = static_cast<size_t>(number);
  NumberedBatch& batch = numbered_[at];
  const bool was_answered = at < numbered_answered_;
  const bool was_stored = at < numbered_stored_ || was_answered;
  const std::string named = absl::StrCat("batch ", number, " was answered with ", response.ShortDebugString());
  if (response.duplicate() != was_stored) return FailLocked(absl::StrCat(named, "; stored: ", was_stored));
  if (was_stored && response.first_offset() != batch.first_offset) {
    return FailLocked(absl::StrCat(named, "; it is at ", batch.first_offset));
  }
  if (!was_stored && response.first_offset() < checked_) return FailLocked(absl::StrCat(named, "; head ", checked_));
  if (response.next_offset() != response.first_offset() + batch.count) return FailLocked(named);
  if (was_answered) return;
  if (at != numbered_answered_) return FailLocked(absl::StrCat(named, "; due is ", numbered_answered_));
  ++numbered_answered_;
  ++counts_.acknowledged;
  if (was_stored) ++counts_.known_again;
  batch.first_offset = response.first_offset();
  acknowledged_head_ = std::max(acknowledged_head_, response.next_offset());
  if (!was_stored) acknowledged_[batch.first_offset] = {true, number, batch.count, TimeOf(response.append_time())};
}

v1::AppendRequest KilledLogOracle::NextPlain() {
  const absl::MutexLock lock(&mutex_);
  plain_.push_back(1 + static_cast<int64_t>(random_() % kEventsMax));
  v1::AppendRequest request = Request(false, static_cast<int64_t>(plain_.size()) - 1, plain_.back());
  if (random_() % 4 == 0) request.set_expected_next_offset(acknowledged_head_);
  return request;
}

void KilledLogOracle::PlainAnswered(const v1::AppendRequest& request, const v1::AppendResponse& response) {
  const absl::MutexLock lock(&mutex_);
  const std::string named =
      absl::StrCat("plain batch ", NumberOf(request.events(0)), " was answered with ", response.ShortDebugString());
  if (request.has_expected_next_offset() && request.expected_next_offset() != response.first_offset()) {
    return FailLocked(absl::StrCat(named, "; it expected ", request.expected_next_offset()));
  }
  if (response.duplicate() || response.first_offset() < checked_ ||
      response.next_offset() != response.first_offset() + request.events_size()) {
    return FailLocked(named);
  }
  ++counts_.acknowledged;
  acknowledged_head_ = std::max(acknowledged_head_, response.next_offset());
  acknowledged_[response.first_offset()] = {false, NumberOf(request.events(0)), request.events_size(),
                                            TimeOf(response.append_time())};
}

void KilledLogOracle::PlainRefused(const v1::AppendRequest& request) {
  const absl::MutexLock lock(&mutex_);
  plain_refused_.insert(NumberOf(request.events(0)));
}

v1::CommitCursorRequest KilledLogOracle::NextCommit() {
  const absl::MutexLock lock(&mutex_);
  const auto cursor = std::next(cursors_.begin(), random_() % kCursors);
  const int64_t low = std::max(cursor->second.known, checked_), high = std::max(low, acknowledged_head_);
  cursor->second.open = low + static_cast<int64_t>(random_() % static_cast<uint64_t>(high - low + 1));
  v1::CommitCursorRequest request;
  request.set_log(log_);
  request.set_cursor(cursor->first);
  request.set_next_offset(*cursor->second.open);
  return request;
}

void KilledLogOracle::Committed(const v1::CommitCursorRequest& request, const v1::Cursor& answer) {
  const absl::MutexLock lock(&mutex_);
  if (answer.next_offset() != request.next_offset()) {
    return FailLocked(absl::StrCat("a commit of ", request.next_offset(), " gave ", answer.ShortDebugString()));
  }
  cursors_[request.cursor()] = {request.next_offset(), std::nullopt};
  ++counts_.commits;
}

std::optional<v1::TrimLogRequest> KilledLogOracle::NextTrim() {
  const absl::MutexLock lock(&mutex_);
  // What nobody has looked at since the last restart stays.
  const int64_t room = checked_ - start_.known;
  if (room <= 0) return std::nullopt;
  start_.open = start_.known + 1 + static_cast<int64_t>(random_() % static_cast<uint64_t>((room + 2) / 3));
  v1::TrimLogRequest request;
  request.set_log(log_);
  request.set_next_offset(*start_.open);
  return request;
}

void KilledLogOracle::Trimmed(const v1::TrimLogRequest& request, const v1::TrimLogResponse& answer) {
  const absl::MutexLock lock(&mutex_);
  if (answer.start_offset() != request.next_offset()) {
    return FailLocked(absl::StrCat("a trim to ", request.next_offset(), " gave ", answer.start_offset()));
  }
  start_ = {request.next_offset(), std::nullopt};
  ++counts_.trims;
}

void KilledLogOracle::Shown(const v1::Record& record) {
  const absl::MutexLock lock(&mutex_);
  const size_t digest = DigestOf(record);
  if (record.offset() < checked_) {
    const bool is_kept = record.offset() >= checked_ - static_cast<int64_t>(digests_.size());
    if (is_kept && digest != DigestAt(record.offset()))
      FailLocked(absl::StrCat("changed: ", record.ShortDebugString()));
    return;
  }
  shown_[record.offset()] = digest;
}

void KilledLogOracle::Taken(const v1::SubscribeResponse::Started& started) {
  const absl::MutexLock lock(&mutex_);
  const std::string said = started.ShortDebugString();
  if (started.generation() <= last_generation_) FailLocked(absl::StrCat(last_generation_, " was given, then ", said));
  last_generation_ = started.generation();
  const int64_t place = cursors_[kHeld].known;
  if (started.next_offset() != place)
    FailLocked(absl::StrCat("the cursor is at ", place, ", a reader begins at ", said));
}

std::optional<v1::CommitCursorRequest> KilledLogOracle::NextHeldCommit(int64_t next_offset) {
  const absl::MutexLock lock(&mutex_);
  if (next_offset < checked_) return std::nullopt;
  cursors_[kHeld].open = next_offset;
  v1::CommitCursorRequest request;
  request.set_log(log_);
  request.set_cursor(kHeld);
  request.set_next_offset(next_offset);
  request.set_generation(last_generation_);
  return request;
}

void KilledLogOracle::Fail(const std::string& what) {
  const absl::MutexLock lock(&mutex_);
  FailLocked(what);
}

void KilledLogOracle::FailLocked(const std::string& what) {
  if (failure_.ok()) failure_ = Broken(*this, what);
}

size_t KilledLogOracle::DigestAt(int64_t offset) const {
  return digests_[digests_.size() - static_cast<size_t>(checked_ - offset)];
}

KilledLogOracle::Counts KilledLogOracle::counts() const {
  const absl::MutexLock lock(&mutex_);
  return counts_;
}

int64_t KilledLogOracle::CheckFrom(const v1::LogStats& stats, bool all) {
  const absl::MutexLock lock(&mutex_);
  return std::max(stats.start_offset(), all ? 0 : checked_ - kLookBack);
}

absl::Status KilledLogOracle::Check(const Found& found) {
  const absl::MutexLock lock(&mutex_);
  if (!failure_.ok()) return failure_;
  const absl::Status state = CheckState(found.stats);
  return state.ok() ? CheckRecords(found) : state;
}

absl::Status KilledLogOracle::Settle(const char* what, int64_t found, Place& place) {
  if (found != place.known && found != place.open) {
    return Broken(*this, absl::StrCat(what, " is ", found, "; known is ", place.known, ", on its way was ",
                                      place.open.value_or(place.known)));
  }
  place = {found, std::nullopt};
  return absl::OkStatus();
}

absl::Status KilledLogOracle::CheckState(const v1::LogStats& stats) {
  absl::Status status = Settle("the start", stats.start_offset(), start_);
  std::map<std::string, int64_t> places;
  for (const v1::CursorLag& lag : stats.cursors()) places[lag.cursor()] = lag.next_offset();
  for (auto& [name, place] : cursors_) {
    const auto found = places.find(name);
    if (status.ok()) status = Settle(name.c_str(), found == places.end() ? 0 : found->second, place);
    places.erase(name);
  }
  if (status.ok() && !places.empty()) return Broken(*this, absl::StrCat("nobody made ", places.begin()->first));
  return status;
}

absl::Status KilledLogOracle::CheckRecords(const Found& found) {
  const int64_t head = found.stats.head_offset();
  if (head < checked_ || head < acknowledged_head_) {
    return Broken(*this, absl::StrCat("the head is ", head, "; seen was ", std::max(checked_, acknowledged_head_)));
  }
  int64_t due = found.records.empty() ? head : found.records.front().offset();
  size_t at = 0;
  for (; at < found.records.size() && due < checked_; ++at, ++due) {
    const v1::Record& record = found.records[at];
    if (record.offset() != due) return Broken(*this, absl::StrCat("offset ", due, " is ", record.offset()));
    if (DigestOf(record) != DigestAt(due)) return Broken(*this, absl::StrCat("changed: ", record.ShortDebugString()));
  }
  counts_.checked_records += static_cast<int64_t>(at);
  if (due != std::min(checked_, head)) return Broken(*this, absl::StrCat("no record at ", due, " before ", checked_));
  while (at < found.records.size()) {
    Batch batch;
    const int64_t first = checked_;
    const absl::Status status = CheckBatch(found.records, at, batch);
    if (!status.ok()) return status;
    at += static_cast<size_t>(batch.count);
    const auto promised = acknowledged_.find(first);
    if (promised == acknowledged_.end()) continue;
    if (promised->second.numbered != batch.numbered || promised->second.number != batch.number ||
        promised->second.append_time != batch.append_time) {
      return Broken(*this, absl::StrCat("at ", first, " another batch was acknowledged: ", promised->second.number,
                                        ", not ", batch.number));
    }
    acknowledged_.erase(promised);
  }
  if (checked_ != head) return Broken(*this, absl::StrCat("the records end at ", checked_, ", the head is ", head));
  for (const auto& [first, batch] : acknowledged_) {
    return Broken(*this, absl::StrCat("batch ", batch.number, " was acknowledged at ", first, " and is not there"));
  }
  for (const auto& [offset, digest] : shown_) {
    if (offset >= checked_ || DigestAt(offset) != digest) {
      return Broken(*this, absl::StrCat("what was shown at ", offset, " is gone or another; the head is ", head));
    }
  }
  shown_.clear();
  while (checked_ - static_cast<int64_t>(digests_.size()) < start_.known) digests_.pop_front();
  return absl::OkStatus();
}

absl::Status KilledLogOracle::CheckBatch(const std::vector<v1::Record>& records, size_t at, Batch& batch) {
  const v1::Record& first = records[at];
  batch = {first.event().subject() == kNumbered, NumberOf(first.event()), 0, TimeOf(first.append_time())};
  const size_t number = static_cast<size_t>(batch.number);
  const std::string found = absl::StrCat(first.ShortDebugString(), " at ", checked_);
  if (batch.numbered) {
    if (number != numbered_stored_ || number >= numbered_.size()) {
      return Broken(*this, absl::StrCat("due is batch ", numbered_stored_, ", not ", found));
    }
    batch.count = numbered_[number].count;
    numbered_[number].first_offset = first.offset();
    ++numbered_stored_;
  } else {
    if (batch.number <= plain_stored_ || number >= plain_.size() || plain_refused_.count(batch.number) > 0) {
      return Broken(*this, absl::StrCat("plain batch behind ", plain_stored_, ", refused or not sent: ", found));
    }
    batch.count = plain_[number];
    plain_stored_ = batch.number;
  }
  if (batch.append_time < newest_time_) return Broken(*this, absl::StrCat("the time fell: ", found));
  newest_time_ = batch.append_time;
  for (int64_t index = 0; index < batch.count; ++index, ++at, ++checked_) {
    if (at >= records.size()) return Broken(*this, absl::StrCat("half a batch: ", found));
    const v1::Record& record = records[at];
    if (record.offset() != checked_ || record.event().subject() != first.event().subject() ||
        record.event().text() != Text(batch.number, index, batch.count) ||
        TimeOf(record.append_time()) != batch.append_time) {
      return Broken(*this, absl::StrCat("event ", index, " of ", found, " is ", record.ShortDebugString()));
    }
    digests_.push_back(DigestOf(record));
  }
  counts_.checked_records += batch.count;
  return absl::OkStatus();
}

}  // namespace eventlog

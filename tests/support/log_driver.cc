#include "tests/support/log_driver.h"

#include <algorithm>
#include <utility>

#include "eventlog-svc/storage/record_spans.h"
#include "glog/logging.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {
namespace {

// A safety net: what is not answered by then never will be.
constexpr absl::Duration kAnswerDeadline = absl::Seconds(20);

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

}  // namespace

std::string MakeEvent(const std::string& text) {
  v1::Event event;
  event.set_id("id");
  event.set_type("test.event");
  event.set_text(text);
  return event.SerializeAsString();
}

AppendBatch MakeBatch(const std::vector<std::string>& texts) {
  AppendBatch batch;
  for (const std::string& text : texts) batch.events.Add(MakeEvent(text), /*lacks_time=*/true);
  return batch;
}

AppendBatch MakeBatch(const std::vector<std::string>& texts, const ProducerSequence& producer) {
  AppendBatch batch = MakeBatch(texts);
  batch.producer = producer;
  return batch;
}

AppendCallback PendingAppend::callback() const {
  return [answer = answer_](absl::StatusOr<AppendResult> result) {
    absl::MutexLock lock(&answer->mutex);
    CHECK(answer->result == nullptr) << "an append was answered twice";
    answer->result = std::make_unique<absl::StatusOr<AppendResult>>(std::move(result));
  };
}

absl::StatusOr<AppendResult> PendingAppend::Wait() const {
  absl::MutexLock lock(&answer_->mutex);
  const absl::Condition answered(answer_.get(), &Answer::HasResult);
  if (!answer_->mutex.AwaitWithTimeout(answered, kAnswerDeadline)) {
    return absl::DeadlineExceededError("the append was not answered");
  }
  return *answer_->result;
}

bool PendingAppend::answered() const {
  absl::MutexLock lock(&answer_->mutex);
  return answer_->HasResult();
}

PendingAppend BeginAppend(Log& log, AppendBatch batch) {
  PendingAppend pending;
  log.Append(std::move(batch), pending.callback());
  return pending;
}

absl::StatusOr<AppendResult> Append(Log& log, AppendBatch batch) { return BeginAppend(log, std::move(batch)).Wait(); }

std::vector<StoredEvent> Parse(const RecordPage& page) {
  v1::ReadResponse response;
  EXPECT_TRUE(response.ParseFromString(page.wire));
  const std::vector<RecordSpan> spans = SpansOf(page);
  EXPECT_EQ(response.records_size(), static_cast<int>(spans.size()));
  EXPECT_EQ(page.record_count(), static_cast<int64_t>(spans.size()));
  std::vector<StoredEvent> events;
  size_t position = 0;
  for (int i = 0; i < response.records_size(); ++i) {
    const v1::Record& record = response.records(i);
    const absl::Time append_time = ToTime(record.append_time());
    events.push_back({record.offset(), record.event().text(), append_time, ToTime(record.event().time())});
    if (i >= static_cast<int>(spans.size())) continue;
    const RecordSpan& span = spans[static_cast<size_t>(i)];
    EXPECT_EQ(span.offset, record.offset());
    EXPECT_EQ(span.append_time, append_time);
    EXPECT_EQ(span.position, position);
    position += span.size;
  }
  EXPECT_EQ(position, page.wire.size());
  return events;
}

std::vector<StoredEvent> ReadAll(const Log& log, Direction direction) {
  const LogBounds bounds = log.bounds();
  const bool forward = direction == Direction::kForward;
  std::vector<StoredEvent> events;
  ReadOptions options;
  options.direction = direction;
  options.from = forward ? bounds.start_offset : bounds.head_offset;
  while (forward ? options.from < bounds.head_offset : options.from > bounds.start_offset) {
    const absl::StatusOr<RecordPage> page = log.Read(options);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return events;
    EXPECT_FALSE(page->gap.has_value()) << "at " << options.from;
    EXPECT_NE(page->next_offset, options.from) << "the scan does not go on";
    if (page->next_offset == options.from) return events;
    const std::vector<StoredEvent> more = Parse(*page);
    events.insert(forward ? events.end() : events.begin(), more.begin(), more.end());
    options.from = page->next_offset;
  }
  return events;
}

std::vector<std::string> ReadTexts(const Log& log) {
  std::vector<std::string> texts;
  for (const StoredEvent& event : ReadAll(log)) texts.push_back(event.text);
  return texts;
}

absl::Time GatedClock::Now() {
  absl::MutexLock lock(&mutex_);
  waiting_ = true;
  mutex_.Await(absl::Condition(this, &GatedClock::IsOpen));
  waiting_ = false;
  return now_;
}

void GatedClock::Set(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  now_ = now;
}

void GatedClock::Shut() {
  absl::MutexLock lock(&mutex_);
  shut_ = true;
}

void GatedClock::AwaitWaiting() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &GatedClock::IsWaiting));
}

void GatedClock::Open() {
  absl::MutexLock lock(&mutex_);
  shut_ = false;
}

HeldGroup::HeldGroup(Log& log, GatedClock& clock) : clock_(clock) {
  clock_.Shut();
  // Refused, so that nothing of it stays; but the committing thread takes it and waits.
  AppendBatch plug = MakeBatch({"plug"});
  plug.expected_next_offset = -1;
  log.Append(std::move(plug), [](absl::StatusOr<AppendResult> result) { CHECK(!result.ok()); });
  clock_.AwaitWaiting();
}

}  // namespace eventlog

#include "eventlog-svc/rpc/request_validator.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/engine/wire_reader.h"
#include "eventlog-svc/rpc/cursor_name.h"
#include "eventlog-svc/rpc/event_validator.h"
#include "eventlog-svc/rpc/refusals.h"

namespace eventlog {
namespace {

constexpr int32_t kRecordsDefault = 1000;
constexpr int32_t kRecordsMax = 10'000;
constexpr int32_t kSubscribeBytesDefault = 256 * 1024;
constexpr int32_t kReadBytesDefault = 1024 * 1024;
constexpr int32_t kBytesMax = 4 * 1024 * 1024;
constexpr size_t kProducerIdBytesMax = 1024;
constexpr absl::Duration kHeartbeatMin = absl::Milliseconds(100);
constexpr absl::Duration kHeartbeatMax = absl::Hours(1);
constexpr absl::Duration kHeartbeatDefault = absl::Seconds(15);

// An id as it stands in an event's wire form: Event.id = 1, of 36 bytes.
class IdField {
 public:
  explicit IdField(const UuidText& id) { std::copy(id.begin(), id.end(), bytes_.begin() + 2); }
  absl::string_view view() const { return {bytes_.data(), bytes_.size()}; }
  static constexpr size_t kBytes = 2 + std::tuple_size_v<UuidText>;

 private:
  std::array<char, kBytes> bytes_{'\x0A', '\x24'};
};

absl::StatusOr<absl::Time> ToTime(const std::string& field, const google::protobuf::Timestamp& time) {
  const absl::Status valid = ValidateTime(time);
  if (!valid.ok()) return InvalidField("REQUEST_INVALID", field, valid.message());
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

absl::StatusOr<EventFilter> ToFilter(const v1::EventFilter& filter) {
  EventFilterSpec spec;
  spec.types = {filter.types().begin(), filter.types().end()};
  spec.subjects = {filter.subjects().begin(), filter.subjects().end()};
  spec.sources = {filter.sources().begin(), filter.sources().end()};
  spec.attributes = {filter.attributes().begin(), filter.attributes().end()};
  return EventFilter::Create(spec);
}

// SubscribeRequest and ReadRequest have the same starts.
template <typename Request>
absl::StatusOr<SubscriptionStart> ToStart(const Request& request, SubscriptionStart otherwise) {
  if (request.has_offset()) {
    if (request.offset() < 0) {
      return InvalidField("OFFSET_INVALID", "offset", absl::StrCat(request.offset(), "; right is 0 or more"));
    }
    return StartAtOffset{request.offset()};
  }
  if (request.has_time()) {
    const absl::StatusOr<absl::Time> time = ToTime("time", request.time());
    if (!time.ok()) return time.status();
    return StartAtTime{*time};
  }
  if (request.has_earliest()) return StartEarliest{};
  if (request.has_latest()) return StartLatest{};
  if (request.has_tail()) {
    if (request.tail() < 0) {
      return InvalidField("OFFSET_INVALID", "tail", absl::StrCat(request.tail(), "; right is 0 or more"));
    }
    return StartAtTail{request.tail()};
  }
  return otherwise;
}

absl::StatusOr<int64_t> ToLimit(const std::string& field, int32_t value, int32_t otherwise, int32_t max) {
  if (value == 0) return otherwise;
  if (value < 0 || value > max) {
    return InvalidField("REQUEST_INVALID", field,
                        absl::StrCat(value, "; right is 1 to ", max, ", or 0 for ", otherwise));
  }
  return value;
}

absl::StatusOr<bool> ToFailOnGap(v1::GapPolicy policy) {
  if (!v1::GapPolicy_IsValid(policy)) {
    return InvalidField("REQUEST_INVALID", "gap_policy", absl::StrCat(static_cast<int>(policy), " is not known"));
  }
  return policy == v1::GAP_POLICY_FAIL;
}

absl::StatusOr<ProducerSequence> ToProducer(const v1::ProducerSequence& producer) {
  if (producer.id().empty() || producer.id().size() > kProducerIdBytesMax) {
    return InvalidField("REQUEST_INVALID", "producer.id",
                        absl::StrCat(producer.id().size(), " bytes; right is 1 to ", kProducerIdBytesMax));
  }
  const absl::Status name = ValidateName(producer.id());
  if (!name.ok()) return InvalidField("REQUEST_INVALID", "producer.id", name.message());
  if (producer.epoch() < 0) return InvalidField("REQUEST_INVALID", "producer.epoch", "negative");
  if (producer.first_sequence() < 0) return InvalidField("REQUEST_INVALID", "producer.first_sequence", "negative");
  return ProducerSequence{producer.id(), producer.epoch(), producer.first_sequence()};
}

RequestLimits Narrowed(RequestLimits limits, const LogSettings& log) {
  if (log.event_bytes_max > 0) limits.event_bytes_max = std::min(limits.event_bytes_max, log.event_bytes_max);
  if (log.batch_bytes_max > 0) limits.batch_bytes_max = std::min(limits.batch_bytes_max, log.batch_bytes_max);
  return limits;
}

absl::Status CheckBatchSize(size_t bytes, const RequestLimits& limits) {
  if (static_cast<int64_t>(bytes) <= limits.batch_bytes_max) return absl::OkStatus();
  return InvalidField("BATCH_TOO_LARGE", "events",
                      absl::StrCat(bytes, " bytes together; at most ", limits.batch_bytes_max, " in a batch"));
}

std::string EventName(size_t i) { return absl::StrCat("events[", i, "]"); }

}  // namespace

absl::StatusOr<AppendBatch> RequestValidator::BeginAppend(const v1::AppendRequest& request, int64_t count) const {
  absl::Status known = RefuseUnknown(request);
  if (!known.ok()) return known;
  if (count == 0) return InvalidField("EMPTY_APPEND", "events", "no events; right is 1 or more");
  if (count > limits_.batch_events_max) {
    return InvalidField("BATCH_TOO_LARGE", "events",
                        absl::StrCat(count, " events; at most ", limits_.batch_events_max, " in a batch"));
  }
  if (request.durability() < 0 || request.durability() > v1::DURABILITY_REPLICATED) {
    return Error(absl::StatusCode::kFailedPrecondition, "DURABILITY_UNSUPPORTED",
                 absl::StrCat("durability: ", static_cast<int>(request.durability()), " is not known to this version"),
                 {{"field", "durability"}});
  }
  AppendBatch batch;
  batch.durability = static_cast<Durability>(request.durability());
  if (request.has_expected_next_offset()) {
    if (request.expected_next_offset() < 0) return InvalidField("OFFSET_INVALID", "expected_next_offset", "negative");
    batch.expected_next_offset = request.expected_next_offset();
  }
  if (request.has_producer()) {
    absl::StatusOr<ProducerSequence> producer = ToProducer(request.producer());
    if (!producer.ok()) return producer.status();
    batch.producer = *std::move(producer);
  }
  return batch;
}

absl::Status RequestValidator::AppendSizes(absl::string_view request) const {
  size_t events = 0;
  size_t bytes = 0;
  WireReader fields(request);
  while (fields.Next()) {
    if (fields.field() != v1::AppendRequest::kEventsFieldNumber || !fields.is_bytes()) continue;
    const size_t size = fields.bytes().size();
    if (events == events_max()) {
      return InvalidField("BATCH_TOO_LARGE", "events",
                          absl::StrCat("more than ", events, "; at most ", events, " in a batch"));
    }
    if (static_cast<int64_t>(size) > limits_.event_bytes_max) {
      return CheckEventSize(size, EventName(events), limits_.event_bytes_max);
    }
    ++events;
    bytes += size;
  }
  return CheckBatchSize(bytes, limits_);
}

absl::StatusOr<AppendBatch> RequestValidator::Append(v1::AppendRequest& request, absl::Time now,
                                                     const LogSettings& log) {
  const RequestLimits limits = Narrowed(limits_, log);
  absl::StatusOr<AppendBatch> batch = BeginAppend(request, request.events_size());
  if (!batch.ok()) return batch;
  size_t bytes = 0;
  for (int i = 0; i < request.events_size(); ++i) {
    const v1::Event& event = request.events(i);
    const absl::Status valid = ValidateEvent(event, EventName(static_cast<size_t>(i)), limits.event_bytes_max);
    if (!valid.ok()) return valid;
    bytes += static_cast<size_t>(event.GetCachedSize());  // as it came: what the log adds is not the client's
  }
  const absl::Status size = CheckBatchSize(bytes, limits);
  if (!size.ok()) return size;
  batch->events.Reserve(static_cast<size_t>(request.events_size()), bytes);
  for (v1::Event& event : *request.mutable_events()) {
    if (event.id().empty()) event.set_id(std::string(UuidView(ids_.Next(now))));
    batch->events.Add(event.SerializeAsString(), !event.has_time());
  }
  return batch;
}

absl::StatusOr<AppendBatch> RequestValidator::Append(const PlainAppend& request, absl::Time now,
                                                     const LogSettings& log) {
  const RequestLimits limits = Narrowed(limits_, log);
  absl::StatusOr<AppendBatch> batch = BeginAppend(request.rest, static_cast<int64_t>(request.events.size()));
  if (!batch.ok()) return batch;
  size_t added_bytes = 0;
  for (size_t i = 0; i < request.events.size(); ++i) {
    const PlainEvent& event = request.events[i];
    if (!event.has_id) added_bytes += IdField::kBytes;
    if (static_cast<int64_t>(event.wire.size()) > limits.event_bytes_max) {
      return CheckEventSize(event.wire.size(), EventName(i), limits.event_bytes_max);
    }
  }
  const absl::Status size = CheckBatchSize(request.event_bytes, limits);
  if (!size.ok()) return size;
  batch->events.Reserve(request.events.size(), request.event_bytes + added_bytes);
  for (const PlainEvent& event : request.events) {
    if (event.has_id) {
      batch->events.Add(event.wire, !event.has_time);
    } else {
      batch->events.Add(IdField(ids_.Next(now)).view(), event.wire, !event.has_time);
    }
  }
  return batch;
}

absl::StatusOr<SubscriptionOptions> RequestValidator::Subscribe(const v1::SubscribeRequest& request) const {
  absl::Status known = RefuseUnknown(request);
  if (!known.ok()) return known;
  SubscriptionOptions options;
  absl::StatusOr<SubscriptionStart> start = ToStart(request, StartLatest{});
  if (!start.ok()) return start.status();
  options.start = *start;
  if (request.has_cursor()) {
    const absl::Status cursor = CheckCursorName(request.cursor());
    if (!cursor.ok()) return cursor;
  }
  absl::StatusOr<EventFilter> filter = ToFilter(request.filter());
  if (!filter.ok()) return filter.status();
  options.filter = *std::move(filter);
  if (request.has_until_offset()) {
    if (request.until_offset() < 0) return InvalidField("OFFSET_INVALID", "until_offset", "negative");
    options.until_offset = request.until_offset();
  }
  if (request.has_until_time()) {
    const absl::StatusOr<absl::Time> time = ToTime("until_time", request.until_time());
    if (!time.ok()) return time.status();
    options.until_time = *time;
  }
  options.until_caught_up = request.has_until_caught_up();
  const auto records = ToLimit("max_batch_records", request.max_batch_records(), kRecordsDefault, kRecordsMax);
  if (!records.ok()) return records.status();
  options.records_max = *records;
  const auto bytes = ToLimit("max_batch_bytes", request.max_batch_bytes(), kSubscribeBytesDefault, kBytesMax);
  if (!bytes.ok()) return bytes.status();
  options.bytes_max = static_cast<size_t>(*bytes);
  options.heartbeat_interval = kHeartbeatDefault;
  if (request.has_heartbeat_interval()) {
    options.heartbeat_interval =
        absl::Seconds(request.heartbeat_interval().seconds()) + absl::Nanoseconds(request.heartbeat_interval().nanos());
    if (options.heartbeat_interval < kHeartbeatMin || options.heartbeat_interval > kHeartbeatMax) {
      return InvalidField("REQUEST_INVALID", "heartbeat_interval",
                          absl::StrCat(absl::FormatDuration(options.heartbeat_interval), "; right is 0.1 s to 1 h"));
    }
  }
  const absl::StatusOr<bool> fail_on_gap = ToFailOnGap(request.gap_policy());
  if (!fail_on_gap.ok()) return fail_on_gap.status();
  options.fail_on_gap = *fail_on_gap;
  return options;
}

absl::StatusOr<ReadPlan> RequestValidator::Read(const v1::ReadRequest& request) const {
  absl::Status known = RefuseUnknown(request);
  if (!known.ok()) return known;
  ReadPlan plan;
  plan.direction = request.backward() ? Direction::kBackward : Direction::kForward;
  const SubscriptionStart otherwise =
      request.backward() ? SubscriptionStart(StartLatest{}) : SubscriptionStart(StartEarliest{});
  absl::StatusOr<SubscriptionStart> start = ToStart(request, otherwise);
  if (!start.ok()) return start.status();
  plan.start = *start;
  absl::StatusOr<EventFilter> filter = ToFilter(request.filter());
  if (!filter.ok()) return filter.status();
  plan.filter = *std::move(filter);
  const auto records = ToLimit("max_records", request.max_records(), kRecordsDefault, kRecordsMax);
  if (!records.ok()) return records.status();
  plan.records_max = *records;
  const auto bytes = ToLimit("max_bytes", request.max_bytes(), kReadBytesDefault, kBytesMax);
  if (!bytes.ok()) return bytes.status();
  plan.bytes_max = *bytes;
  const absl::StatusOr<bool> fail_on_gap = ToFailOnGap(request.gap_policy());
  if (!fail_on_gap.ok()) return fail_on_gap.status();
  plan.fail_on_gap = *fail_on_gap;
  return plan;
}

absl::Status RequestValidator::GetLogStats(const v1::GetLogStatsRequest& request) const {
  return RefuseUnknown(request);
}

}  // namespace eventlog

// Requests from the wire, held against a second, independent reading of the API's limits (protobuf's own parser, and
// the limits written out once more below):
// - what is accepted parses as a protobuf message with protobuf's default recursion limit of 100, in the request and in
//   the message that carries it to its readers, and obeys every limit of the API;
// - a request that obeys them, without unknown fields and as protobuf itself writes it, is accepted;
// - what is stored is the event that came, with an id;
// - the way of plain events gives what the general one gives, and takes what protobuf writes.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/rpc/plain_append.h"
#include "eventlog-svc/rpc/request_parser.h"
#include "eventlog-svc/rpc/request_validator.h"
#include "eventlog-svc/storage/record_codec.h"
#include "glog/logging.h"
#include "google/protobuf/util/message_differencer.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "proto/eventlog/v1/event_log.pb.h"
#include "tests/fuzz/input_reader.h"

namespace eventlog {
namespace {

constexpr RequestLimits kLimits{4096, 16384, 50};  // small, so that inputs reach them
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
constexpr size_t kIdFieldBytes = 2 + 36;
constexpr int kPlainAttributesMax = 16;
constexpr int64_t kSecondsMin = -62'135'596'800;
constexpr int64_t kSecondsMax = 253'402'300'799;

// The one place that knows how the service takes its requests.
struct Service {
  static grpc::ByteBuffer Buffer(absl::string_view bytes) {
    const grpc::Slice slice(bytes.data(), bytes.size());
    return {&slice, 1};
  }
  // Which of the ways a request takes is rpc/append_intake's to say.
  absl::StatusOr<AppendBatch> AppendPlain(const PlainAppend& request) { return validator.Append(request, kNow); }
  absl::StatusOr<AppendBatch> AppendParsed(absl::string_view bytes) {
    absl::StatusOr<v1::AppendRequest> request = ParseAppendRequest(Buffer(bytes));
    if (!request.ok()) return request.status();
    return validator.Append(*request, kNow);
  }
  absl::StatusOr<SubscriptionOptions> Subscribe(absl::string_view bytes) {
    const absl::StatusOr<v1::SubscribeRequest> request = ParseSubscribeRequest(Buffer(bytes));
    if (!request.ok()) return request.status();
    return validator.Subscribe(*request);
  }
  absl::StatusOr<ReadPlan> Read(absl::string_view bytes) {
    const absl::StatusOr<v1::ReadRequest> request = ParseReadRequest(Buffer(bytes));
    if (!request.ok()) return request.status();
    return validator.Read(*request);
  }
  RequestValidator validator{kLimits};
};

bool IsName(const std::string& name, size_t bytes_max) {
  if (name.size() > bytes_max) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<uint8_t>(name[i]);
    if (byte < 0x20 || byte == 0x7F) return false;
    // C1 in UTF-8.
    if (byte == 0xC2 && i + 1 < name.size() && static_cast<uint8_t>(name[i + 1]) < 0xA0) return false;
  }
  return true;
}

bool IsTime(const google::protobuf::Timestamp& time) {
  return time.seconds() >= kSecondsMin && time.seconds() <= kSecondsMax && time.nanos() >= 0 &&
         time.nanos() < 1'000'000'000;
}

bool IsEvent(const v1::Event& event) {
  if (event.type().empty() || !IsName(event.type(), 255) || !IsName(event.id(), 1024) ||
      !IsName(event.source(), 1024) || !IsName(event.subject(), 1024) || !IsName(event.data_content_type(), 1024) ||
      (event.has_time() && !IsTime(event.time())) || event.attributes_size() > 64) {
    return false;
  }
  for (const auto& [key, value] : event.attributes()) {
    if (key.empty() || key.size() > 64 || value.size() > 1024) return false;
    if (key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.-") != std::string::npos) return false;
  }
  return static_cast<int64_t>(event.ByteSizeLong()) <= kLimits.event_bytes_max;
}

bool ObeysLimits(const v1::AppendRequest& request) {
  int64_t bytes = 0;
  for (const v1::Event& event : request.events()) {
    if (!IsEvent(event)) return false;
    bytes += static_cast<int64_t>(event.ByteSizeLong());
  }
  if (request.has_producer()) {
    const v1::ProducerSequence& producer = request.producer();
    if (producer.id().empty() || !IsName(producer.id(), 1024)) return false;
    if (producer.epoch() < 0 || producer.first_sequence() < 0) return false;
  }
  return request.events_size() >= 1 && request.events_size() <= kLimits.batch_events_max &&
         bytes <= kLimits.batch_bytes_max && v1::Durability_IsValid(request.durability()) &&
         (!request.has_expected_next_offset() || request.expected_next_offset() >= 0);
}

// As protobuf writes it, and without anything that this version does not know.
template <typename Request>
bool IsPlain(const Request& request, absl::string_view bytes) {
  Request known = request;
  known.DiscardUnknownFields();
  return request.SerializeAsString() == bytes && known.SerializeAsString() == bytes;
}

// A reader gets the record in a message with protobuf's own limits.
void CheckReadable(const EventView& stored, const v1::Event& sent) {
  v1::SubscribeResponse response;
  std::string run;
  AppendRecords({stored}, INT64_MAX - 1, kNow, run);
  CHECK(response.mutable_batch()->ParseFromString(run)) << "a reader cannot parse what was accepted";
  const std::string wire = response.SerializeAsString();
  CHECK(response.ParseFromString(wire)) << "a reader cannot parse the response";
  CHECK_EQ(response.batch().records_size(), 1);
  v1::Event read = response.batch().records(0).event();
  CHECK(!read.id().empty() && read.has_time());
  CHECK_EQ(stored.lacks_time, !sent.has_time());
  if (sent.id().empty()) read.clear_id();
  if (!sent.has_time()) read.clear_time();
  CHECK(google::protobuf::util::MessageDifferencer::Equals(read, sent)) << "another event was stored than was sent";
}

// The same events, but for the ids that they got and the order of their attributes.
bool AreSame(const EventList& plain, const EventList& parsed, const v1::AppendRequest& request) {
  if (plain.size() != parsed.size()) return false;
  EventList::Iterator a = plain.begin(), b = parsed.begin();
  for (const v1::Event& sent : request.events()) {
    const size_t skipped = sent.id().empty() ? kIdFieldBytes : 0;
    const EventView one = *a, other = *b;
    if (one.wire.size() != other.wire.size() || one.lacks_time != other.lacks_time) return false;
    if (sent.attributes_size() < 2 && one.wire.substr(skipped) != other.wire.substr(skipped)) return false;
    ++a;
    ++b;
  }
  return true;
}

bool HasManyAttributes(const v1::AppendRequest& request) {
  return std::any_of(request.events().begin(), request.events().end(),
                     [](const v1::Event& event) { return event.attributes_size() > kPlainAttributesMax; });
}

void CheckAppend(absl::string_view bytes) {
  v1::AppendRequest request;
  const bool parses = request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  Service service;
  const absl::StatusOr<AppendBatch> parsed = service.AppendParsed(bytes);
  PlainAppend plain;
  const bool is_plain = ReadPlainAppend(bytes, bytes.size(), plain);
  const absl::StatusOr<AppendBatch> batch = is_plain ? service.AppendPlain(plain) : parsed;
  const bool must_be_taken = parses && IsPlain(request, bytes) && ObeysLimits(request);
  if (is_plain) {
    CHECK_EQ(batch.status(), parsed.status()) << "the two ways differ";
    CHECK(!batch.ok() || AreSame(batch->events, parsed->events, request)) << "the two ways store different events";
  } else {
    CHECK(!must_be_taken || HasManyAttributes(request)) << "not plain: " << request.ShortDebugString();
  }
  if (!batch.ok()) {
    CHECK(!must_be_taken) << "refused: " << batch.status();
    return;
  }
  CHECK(parses) << "what was accepted does not parse";
  CHECK(ObeysLimits(request)) << "what was accepted breaks a limit: " << request.ShortDebugString();
  CHECK_EQ(static_cast<int>(batch->events.size()), request.events_size());
  int i = 0;
  for (const EventView event : batch->events) CheckReadable(event, request.events(i++));
  CHECK_EQ(batch->producer.has_value(), request.has_producer());
  CHECK_EQ(batch->expected_next_offset.has_value(), request.has_expected_next_offset());
  CHECK_EQ(batch->expected_next_offset.value_or(0), request.expected_next_offset());
  CHECK_EQ(static_cast<int>(batch->durability), static_cast<int>(request.durability()));
}

bool IsLimit(int32_t value) { return value >= 0 && value <= 10'000; }
bool IsByteLimit(int32_t value) { return value >= 0 && value <= 4 * 1024 * 1024; }

// The starts that both requests have.
template <typename Request>
bool IsStart(const Request& request) {
  return (!request.has_offset() || request.offset() >= 0) && (!request.has_tail() || request.tail() >= 0) &&
         (!request.has_time() || IsTime(request.time())) && v1::GapPolicy_IsValid(request.gap_policy());
}

bool HasFilter(const v1::EventFilter& filter) { return filter.ByteSizeLong() > 0; }

void CheckSubscribe(absl::string_view bytes) {
  v1::SubscribeRequest request;
  const bool parses = request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  const absl::StatusOr<SubscriptionOptions> options = Service().Subscribe(bytes);
  const bool obeys = parses && IsStart(request) && IsLimit(request.max_batch_records()) &&
                     IsByteLimit(request.max_batch_bytes()) &&
                     (!request.has_until_offset() || request.until_offset() >= 0) &&
                     (!request.has_until_time() || IsTime(request.until_time()));
  if (options.ok()) {
    CHECK(obeys) << "what was accepted breaks a limit: " << request.ShortDebugString();
    CHECK(options->records_max >= 1 && options->bytes_max >= 1);
    CHECK(options->heartbeat_interval >= absl::Milliseconds(100) && options->heartbeat_interval <= absl::Hours(1));
  } else {
    // The names of cursors and the patterns of filters have rules of their own.
    CHECK(!(obeys && IsPlain(request, bytes) && !HasFilter(request.filter()) && !request.has_cursor() &&
            !request.has_heartbeat_interval()))
        << "refused: " << options.status();
  }
}

void CheckRead(absl::string_view bytes) {
  v1::ReadRequest request;
  const bool parses = request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  const absl::StatusOr<ReadPlan> plan = Service().Read(bytes);
  const bool obeys = parses && IsStart(request) && IsLimit(request.max_records()) && IsByteLimit(request.max_bytes());
  if (plan.ok()) {
    CHECK(obeys) << "what was accepted breaks a limit: " << request.ShortDebugString();
    CHECK(plan->records_max >= 1 && plan->bytes_max >= 1);
  } else {
    CHECK(!(obeys && IsPlain(request, bytes) && !HasFilter(request.filter()))) << "refused: " << plan.status();
  }
}

}  // namespace
}  // namespace eventlog

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  eventlog::InputReader input(data, size);
  switch (input.U8() % 3) {
    case 0:
      eventlog::CheckAppend(input.rest());
      break;
    case 1:
      eventlog::CheckSubscribe(input.rest());
      break;
    default:
      eventlog::CheckRead(input.rest());
      break;
  }
  return 0;
}

#include "eventlog-svc/rpc/request_parser.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/engine/wire_reader.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/slice.h"

namespace eventlog {
namespace {

constexpr uint32_t kAppendRequestEvents = 2;  // field number
// An event lies deeper in a SubscribeResponse than in an AppendRequest, and readers parse with protobuf's default limit
// of 100 levels: what is accepted here must leave them room, or one event would stop every reader behind it.
constexpr int kNestingMax = 90;
// Enough to tell an event that is too deep from one that is broken, on any thread's stack.
constexpr int kNestingToldMax = 1000;
// Of what is not an append: a filter at all its limits has less than half of it. More is not parsed, since millions of
// empty values fit into what gRPC takes, and the thread that parses them is that of all calls.
constexpr size_t kQueryBytesMax = 1024 * 1024;

bool ParseNested(google::protobuf::io::ZeroCopyInputStream& bytes, int nesting_max,
                 google::protobuf::MessageLite& message) {
  google::protobuf::io::CodedInputStream input(&bytes);
  input.SetRecursionLimit(nesting_max);
  return message.ParseFromCodedStream(&input) && input.ConsumedEntireMessage();
}

bool IsEvent(absl::string_view bytes, int nesting_max) {
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  v1::Event event;
  return ParseNested(stream, nesting_max, event);
}

absl::Status Parse(const grpc::ByteBuffer& buffer, google::protobuf::Message& message) {
  grpc::ByteBuffer copy = buffer;  // shares the slices
  grpc::ProtoBufferReader reader(&copy);
  if (ParseNested(reader, kNestingMax, message) && reader.status().ok()) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, "REQUEST_INVALID",
               absl::StrCat("the request is not a well formed ", message.GetTypeName(), " of at most ", kNestingMax,
                            " nested levels, or has text that is not UTF-8"));
}

template <typename Message>
absl::StatusOr<Message> Query(const grpc::ByteBuffer& buffer) {
  Message message;
  const absl::Status parsed = ParseQuery(buffer, message);
  if (!parsed.ok()) return parsed;
  return message;
}

struct MalformedEvent {
  int index = 0;
  bool too_deep = false;
};

// The first event that cannot be read.
std::optional<MalformedEvent> FindMalformedEvent(absl::string_view request) {
  int index = 0;
  WireReader fields(request);
  while (fields.Next()) {
    if (fields.field() != kAppendRequestEvents || !fields.is_bytes()) continue;
    // The event itself is one of the levels.
    if (!IsEvent(fields.bytes(), kNestingMax - 1)) {
      return MalformedEvent{index, IsEvent(fields.bytes(), kNestingToldMax)};
    }
    ++index;
  }
  return std::nullopt;
}

}  // namespace

absl::Status ParseQuery(const grpc::ByteBuffer& buffer, google::protobuf::Message& message) {
  if (buffer.Length() <= kQueryBytesMax) return Parse(buffer, message);
  return Error(absl::StatusCode::kInvalidArgument, "REQUEST_INVALID",
               absl::StrCat("the request has ", buffer.Length(), " bytes; at most ", kQueryBytesMax));
}

absl::StatusOr<v1::SubscribeRequest> ParseSubscribeRequest(const grpc::ByteBuffer& buffer) {
  return Query<v1::SubscribeRequest>(buffer);
}

absl::StatusOr<v1::ReadRequest> ParseReadRequest(const grpc::ByteBuffer& buffer) {
  return Query<v1::ReadRequest>(buffer);
}

absl::StatusOr<v1::GetLogStatsRequest> ParseGetLogStatsRequest(const grpc::ByteBuffer& buffer) {
  return Query<v1::GetLogStatsRequest>(buffer);
}

absl::StatusOr<v1::AppendRequest> ParseAppendRequest(const grpc::ByteBuffer& buffer) {
  v1::AppendRequest request;
  const absl::Status parsed = Parse(buffer, request);
  if (parsed.ok()) return request;
  grpc::Slice bytes;
  if (!buffer.DumpToSingleSlice(&bytes).ok()) return parsed;
  const std::optional<MalformedEvent> malformed =
      FindMalformedEvent({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
  if (!malformed.has_value()) return parsed;
  const std::string where = absl::StrCat("events[", malformed->index, "]");
  const std::string what = malformed->too_deep
                               ? absl::StrCat("nested too deeply; at most ", kNestingMax - 1, " levels of its own")
                               : "not a well formed event, or a text that is not UTF-8; bytes go into `binary`";
  return Error(absl::StatusCode::kInvalidArgument, "EVENT_INVALID", absl::StrCat(where, ": ", what),
               {{"field", where}});
}

}  // namespace eventlog

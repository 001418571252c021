#include "eventlog-svc/rpc/request_parser.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/engine/wire_reader.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/slice.h"

namespace eventlog {
namespace {

constexpr uint32_t kAppendRequestEvents = 2;  // field number

template <typename Message>
absl::StatusOr<Message> Parse(const grpc::ByteBuffer& buffer) {
  Message message;
  grpc::ByteBuffer copy = buffer;  // shares the slices
  if (grpc::SerializationTraits<Message>::Deserialize(&copy, &message).ok()) return message;
  return Error(
      absl::StatusCode::kInvalidArgument, "REQUEST_INVALID",
      absl::StrCat("the request is not a well formed ", message.GetTypeName(), ", or has text that is not UTF-8"));
}

// The first event that cannot be read, or -1.
int FindMalformedEvent(absl::string_view request) {
  int index = 0;
  WireReader fields(request);
  while (fields.Next()) {
    if (fields.field() != kAppendRequestEvents || !fields.is_bytes()) continue;
    v1::Event event;
    const absl::string_view bytes = fields.bytes();
    if (!event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return index;
    ++index;
  }
  return -1;
}

}  // namespace

absl::StatusOr<v1::SubscribeRequest> ParseSubscribeRequest(const grpc::ByteBuffer& buffer) {
  return Parse<v1::SubscribeRequest>(buffer);
}

absl::StatusOr<v1::ReadRequest> ParseReadRequest(const grpc::ByteBuffer& buffer) {
  return Parse<v1::ReadRequest>(buffer);
}

absl::StatusOr<v1::GetLogStatsRequest> ParseGetLogStatsRequest(const grpc::ByteBuffer& buffer) {
  return Parse<v1::GetLogStatsRequest>(buffer);
}

absl::StatusOr<v1::AppendRequest> ParseAppendRequest(const grpc::ByteBuffer& buffer) {
  absl::StatusOr<v1::AppendRequest> request = Parse<v1::AppendRequest>(buffer);
  if (request.ok()) return request;
  grpc::Slice bytes;
  if (!buffer.DumpToSingleSlice(&bytes).ok()) return request;
  const int index = FindMalformedEvent({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
  if (index < 0) return request;
  const std::string where = absl::StrCat("events[", index, "]");
  return Error(absl::StatusCode::kInvalidArgument, "EVENT_INVALID",
               absl::StrCat(where, ": not a well formed event, or a text that is not UTF-8; bytes go into `binary`"),
               {{"field", where}});
}

}  // namespace eventlog

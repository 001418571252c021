#include "eventlog-svc/rpc/wire_messages.h"

#include <array>
#include <utility>

#include "eventlog-svc/engine/record_bytes.h"
#include "eventlog-svc/rpc/grpc_order.h"
#include "eventlog-svc/rpc/grpc_status.h"
#include "eventlog-svc/storage/record_codec.h"
#include "eventlog-svc/storage/wire_writer.h"
#include "grpcpp/support/slice.h"

namespace eventlog {
namespace {

constexpr char kBatchTag = 0x12;       // SubscribeResponse.batch = 2
constexpr char kNextOffsetTag = 0x10;  // Batch.next_offset = 2

// A serialized v1::AppendResponse: the one message that is made for each append.
constexpr size_t kAppendResponseBytesMax = 64;
constexpr char kAppendedTag = 0x0A;  // AppendStreamResponse.appended = 1

class AppendResponseBytes {
 public:
  explicit AppendResponseBytes(const AppendResult& result) {
    PutNumber(kFirstOffsetTag, static_cast<uint64_t>(result.first_offset));
    PutNumber(kAppendNextOffsetTag, static_cast<uint64_t>(result.next_offset));
    *end_++ = kAppendTimeTag;
    end_ = PutBytes(end_, TimestampField(result.append_time).view());
    PutNumber(kDurabilityTag, static_cast<uint64_t>(result.durability));
    PutNumber(kDuplicateTag, result.duplicate ? 1 : 0);
  }
  absl::string_view view() const { return {bytes_.data(), static_cast<size_t>(end_ - bytes_.data())}; }

 private:
  // The field numbers of v1::AppendResponse.
  static constexpr char kFirstOffsetTag = 0x08;
  static constexpr char kAppendNextOffsetTag = 0x10;
  static constexpr char kAppendTimeTag = 0x1A;
  static constexpr char kDurabilityTag = 0x20;
  static constexpr char kDuplicateTag = 0x28;

  void PutNumber(char tag, uint64_t value) {
    if (value == 0) return;  // as protobuf does
    *end_++ = tag;
    end_ = PutVarint(end_, value);
  }

  std::array<char, kAppendResponseBytesMax> bytes_;
  char* end_ = bytes_.data();
};

absl::string_view ViewOf(const std::string& bytes) { return bytes; }
absl::string_view ViewOf(const RecordBytes& records) { return records.view(); }

// A slice that owns the bytes, or its part of them.
template <typename Bytes>
grpc::Slice ToSlice(Bytes bytes) {
  struct Owned {
    const Bytes bytes;
    GrpcOrder order;
  };
  auto* const owned = new Owned{std::move(bytes), {}};
  owned->order.Before();
  const auto free = [](void* slice) {
    auto* const freed = static_cast<Owned*>(slice);
    freed->order.After();
    delete freed;
  };
  const absl::string_view view = ViewOf(owned->bytes);
  return grpc::Slice(const_cast<char*>(view.data()), view.size(), free, owned);
}

v1::EndingReason ToEndingReason(EndReason reason) {
  switch (reason) {
    case EndReason::kUntilReached:
      return v1::ENDING_REASON_UNTIL_REACHED;
    case EndReason::kCursorTaken:
      return v1::ENDING_REASON_CURSOR_TAKEN;
    case EndReason::kLogDeleted:
      return v1::ENDING_REASON_LOG_DELETED;
  }
  return v1::ENDING_REASON_UNSPECIFIED;
}

// The records stay where they are: what stands before and behind them is a slice of its own.
grpc::ByteBuffer ToBatch(BatchMessage batch) {
  std::string tail;
  if (batch.next_offset != 0) {
    tail.push_back(kNextOffsetTag);
    AppendVarint(static_cast<uint64_t>(batch.next_offset), tail);
  }
  std::string head(1, kBatchTag);
  AppendVarint(batch.records.size() + tail.size(), head);
  const grpc::Slice slices[] = {grpc::Slice(head), ToSlice(std::move(batch.records)), grpc::Slice(tail)};
  return grpc::ByteBuffer(slices, tail.empty() ? 2 : 3);
}

}  // namespace

grpc::ByteBuffer ToAppendResponse(const AppendResult& result) {
  const AppendResponseBytes bytes(result);
  const grpc::Slice slice(bytes.view().data(), bytes.view().size());
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer ToAppendStreamResponse(const absl::StatusOr<AppendResult>& result) {
  if (!result.ok()) {
    v1::AppendStreamResponse response;
    *response.mutable_error() = ToRpcStatus(result.status());
    return ToBuffer(response);
  }
  const AppendResponseBytes appended(*result);
  std::array<char, 2 + kAppendResponseBytesMax> bytes{kAppendedTag, static_cast<char>(appended.view().size())};
  const char* const end = PutBytes(bytes.data() + 2, appended.view());
  const grpc::Slice slice(bytes.data(), static_cast<size_t>(end - bytes.data()));
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer ToBuffer(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice = ToSlice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

google::protobuf::Timestamp ToProtoTime(absl::Time time) {
  google::protobuf::Timestamp out;
  const int64_t seconds = absl::ToUnixSeconds(time);
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return out;
}

google::protobuf::Duration ToProtoDuration(absl::Duration duration) {
  google::protobuf::Duration out;
  const int64_t seconds = absl::ToInt64Seconds(duration);
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration - absl::Seconds(seconds))));
  return out;
}

grpc::ByteBuffer ToSubscribeResponse(SubscriptionMessage message, const std::string& epoch, absl::Time now) {
  if (auto* batch = std::get_if<BatchMessage>(&message)) return ToBatch(std::move(*batch));
  v1::SubscribeResponse response;
  if (const auto* started = std::get_if<StartedMessage>(&message)) {
    response.mutable_started()->set_next_offset(started->next_offset);
    response.mutable_started()->set_start_offset(started->bounds.start_offset);
    response.mutable_started()->set_head_offset(started->bounds.head_offset);
    response.mutable_started()->set_epoch(epoch);
    response.mutable_started()->set_generation(started->generation);
  } else if (const auto* caught_up = std::get_if<CaughtUpMessage>(&message)) {
    response.mutable_caught_up()->set_next_offset(caught_up->next_offset);
  } else if (const auto* heartbeat = std::get_if<HeartbeatMessage>(&message)) {
    response.mutable_heartbeat()->set_next_offset(heartbeat->next_offset);
    *response.mutable_heartbeat()->mutable_time() = ToProtoTime(now);
  } else if (const auto* gap = std::get_if<GapMessage>(&message)) {
    response.mutable_gap()->set_start_offset(gap->gap.start_offset);
    response.mutable_gap()->set_next_offset(gap->gap.next_offset);
    response.mutable_gap()->set_reason(static_cast<v1::GapReason>(gap->gap.reason));
  } else if (const auto* ended = std::get_if<EndedMessage>(&message)) {
    return ToEnding(ToEndingReason(ended->reason), ended->next_offset, absl::ZeroDuration());
  }
  return ToBuffer(response);
}

grpc::ByteBuffer ToEnding(v1::EndingReason reason, int64_t next_offset, absl::Duration retry_delay) {
  v1::SubscribeResponse response;
  response.mutable_ending()->set_reason(reason);
  response.mutable_ending()->set_next_offset(next_offset);
  if (retry_delay > absl::ZeroDuration()) {
    *response.mutable_ending()->mutable_retry_delay() = ToProtoDuration(retry_delay);
  }
  return ToBuffer(response);
}

grpc::ByteBuffer ToReadResponse(std::string records, const v1::ReadResponse& rest) {
  const grpc::Slice slices[] = {ToSlice(std::move(records)), ToSlice(rest.SerializeAsString())};
  return grpc::ByteBuffer(slices, 2);
}

}  // namespace eventlog

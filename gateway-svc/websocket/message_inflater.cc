#include "gateway-svc/websocket/message_inflater.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "gateway-svc/websocket/deflate_extension.h"
#include "glog/logging.h"

namespace gateway {
namespace {

constexpr size_t kChunkBytes = 16 * 1024;
// In z_stream::data_type after inflate: it stands between two blocks. The low bits count those of the last byte that
// are not used yet.
constexpr int kBetweenBlocks = 128;
constexpr int kUnusedBits = 63;

}  // namespace

MessageInflater::MessageInflater(const InflateLimits& limits)
    : limits_(limits), stream_(std::make_unique<z_stream_s>()), chunk_(std::make_unique<char[]>(kChunkBytes)) {
  CHECK_EQ(inflateInit2(stream_.get(), -kWindowBitsMax), Z_OK);
}

MessageInflater::~MessageInflater() { inflateEnd(stream_.get()); }

MessageInflater::Result MessageInflater::Inflate(absl::string_view payload, size_t bytes_max, std::string& message) {
  message.clear();
  // No sender of the RFC's writes that, but some do, and nothing is what it inflates to.
  if (payload.empty()) return Result::kOk;
  CHECK_EQ(inflateReset(stream_.get()), Z_OK);
  CHECK_LE(payload.size(), std::numeric_limits<uInt>::max() / 2);
  stream_ended_ = false;
  size_t bound = bytes_max;
  if (limits_.ratio_max > 0 && payload.size() < bytes_max / limits_.ratio_max) {
    bound = std::min(bytes_max, std::max(limits_.ratio_free_bytes, payload.size() * limits_.ratio_max));
  }
  Result result = Feed(payload, bound, message);
  // A message whose last block says that it is the last needs no tail; one that goes on with an empty block does.
  if (result == Result::kOk && !stream_ended_) {
    const size_t size = message.size();
    result = Feed(kDeflateTail, bound, message);
    const int state = stream_->data_type;
    const bool whole = (state & kBetweenBlocks) != 0 && (state & kUnusedBits) == 0 && message.size() == size;
    // The tail was to complete an empty block: something that is cut short takes it for something else.
    if (result == Result::kTooBig || !whole) result = Result::kDamaged;
  }
  return result == Result::kTooBig && bound < bytes_max ? Result::kRatio : result;
}

MessageInflater::Result MessageInflater::Feed(absl::string_view input, size_t bytes_max, std::string& message) {
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream_->avail_in = static_cast<uInt>(input.size());
  do {
    if (stream_ended_) {
      CHECK_EQ(inflateReset(stream_.get()), Z_OK);
      stream_ended_ = false;
    }
    // One byte more than may come tells too much from just enough.
    const size_t room = std::min(kChunkBytes - 1, bytes_max - message.size()) + 1;
    stream_->next_out = reinterpret_cast<Bytef*>(chunk_.get());
    stream_->avail_out = static_cast<uInt>(room);
    const int result = inflate(stream_.get(), Z_SYNC_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return Result::kDamaged;
    const size_t size = room - stream_->avail_out;
    if (size > bytes_max - message.size()) return Result::kTooBig;
    message.append(chunk_.get(), size);
    stream_ended_ = result == Z_STREAM_END;
    // No progress is possible: all the input is taken, or what is missing has not come.
    if (result == Z_BUF_ERROR) break;
  } while (stream_->avail_in > 0 || (stream_->avail_out == 0 && !stream_ended_));
  return Result::kOk;
}

}  // namespace gateway

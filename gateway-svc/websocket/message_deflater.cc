#include "gateway-svc/websocket/message_deflater.h"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <limits>

#include "glog/logging.h"

namespace gateway {
namespace {

// zlib's bound is for one that finishes; a flush adds at most an empty block.
constexpr size_t kFlushBytesMax = 16;
// A message that was large once does not keep its buffer.
constexpr size_t kKeptBytesMax = size_t{1} << 20;

}  // namespace

MessageDeflater::MessageDeflater(const DeflateOptions& options) : stream_(std::make_unique<z_stream_s>()) {
  CHECK(options.window_bits >= kWindowBitsMin && options.window_bits <= kWindowBitsMax) << options.window_bits;
  // A negative size of the window is zlib's way to say: raw deflate, without a header.
  const int result = deflateInit2(stream_.get(), options.level, Z_DEFLATED, -options.window_bits, options.memory_level,
                                  Z_DEFAULT_STRATEGY);
  CHECK_EQ(result, Z_OK) << "zlib refuses level " << options.level << ", memory level " << options.memory_level;
}

MessageDeflater::~MessageDeflater() { deflateEnd(stream_.get()); }

absl::string_view MessageDeflater::Deflate(absl::string_view message) {
  CHECK_EQ(deflateReset(stream_.get()), Z_OK);
  CHECK_LE(message.size(), std::numeric_limits<uInt>::max() / 2);
  const size_t bound = deflateBound(stream_.get(), message.size()) + kFlushBytesMax;
  if (output_.size() < bound || output_.size() > std::max(bound, kKeptBytesMax)) std::string(bound, '\0').swap(output_);
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(message.data()));
  stream_->avail_in = static_cast<uInt>(message.size());
  size_t size = 0;
  do {
    if (size == output_.size()) output_.resize(2 * size);
    stream_->next_out = reinterpret_cast<Bytef*>(&output_[size]);
    stream_->avail_out = static_cast<uInt>(output_.size() - size);
    CHECK_EQ(deflate(stream_.get(), Z_SYNC_FLUSH), Z_OK);
    size = output_.size() - stream_->avail_out;
    // Room that is left says that the flush is whole.
  } while (stream_->avail_out == 0);
  const absl::string_view flushed(output_.data(), size);
  CHECK(flushed.size() > kDeflateTail.size() && flushed.substr(flushed.size() - kDeflateTail.size()) == kDeflateTail);
  return flushed.substr(0, flushed.size() - kDeflateTail.size());
}

std::string EncodeDeflated(MessageDeflater& deflater, Opcode opcode, absl::string_view message) {
  const absl::string_view deflated = deflater.Deflate(message);
  if (deflated.size() >= message.size()) return EncodeFrame(opcode, message);
  return EncodeFrame(opcode, deflated, PayloadForm::kDeflated);
}

}  // namespace gateway

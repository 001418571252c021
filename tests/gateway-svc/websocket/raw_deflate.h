// Raw deflate data of every kind that a sender may choose, straight from zlib, for tests.

#ifndef TESTS_GATEWAY_SVC_WEBSOCKET_RAW_DEFLATE_H_
#define TESTS_GATEWAY_SVC_WEBSOCKET_RAW_DEFLATE_H_

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace gateway {

struct RawDeflateOptions {
  int level = 6;
  int window_bits = 15;
  int memory_level = 8;
  int strategy = Z_DEFAULT_STRATEGY;
  // A new block begins after so many bytes.
  size_t block_bytes = static_cast<size_t>(-1);
  // The data ends with a block that says that it is the last (BFINAL), and an empty one, as in RFC 7692, 7.2.3.4.
  bool final_block = false;
};

// The payload of a compressed message (RFC 7692, section 7.2.1).
inline std::string RawDeflate(absl::string_view text, const RawDeflateOptions& options = RawDeflateOptions()) {
  z_stream stream = {};
  deflateInit2(&stream, options.level, Z_DEFLATED, -options.window_bits, options.memory_level, options.strategy);
  // Blocks end with at most six bytes each.
  std::string out(deflateBound(&stream, text.size()) + 16 + 6 * (text.size() / options.block_bytes), '\0');
  stream.next_out = reinterpret_cast<Bytef*>(&out[0]);
  stream.avail_out = static_cast<uInt>(out.size());
  size_t at = 0;
  do {
    const size_t size = std::min(options.block_bytes, text.size() - at);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data() + at));
    stream.avail_in = static_cast<uInt>(size);
    at += size;
    const bool last = at == text.size();
    deflate(&stream, !last ? Z_PARTIAL_FLUSH : options.final_block ? Z_FINISH : Z_SYNC_FLUSH);
  } while (at < text.size());
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (options.final_block) return out + std::string(1, '\0');
  return out.substr(0, out.size() - 4);
}

// Inflates with a window of so many bits, and not many more bytes than it has; "?" and why where that fails.
inline std::string RawInflate(absl::string_view payload, int window_bits = 15) {
  z_stream stream = {};
  inflateInit2(&stream, -window_bits);
  // zlib reaches back over all that it wrote in one call: the output is given to it in small pieces.
  std::string in(payload), out, chunk(64, '\0');
  in.append("\x00\x00\xFF\xFF", 4);
  stream.next_in = reinterpret_cast<Bytef*>(&in[0]);
  stream.avail_in = static_cast<uInt>(in.size());
  int result = Z_OK;
  do {
    stream.next_out = reinterpret_cast<Bytef*>(&chunk[0]);
    stream.avail_out = static_cast<uInt>(chunk.size());
    result = inflate(&stream, Z_SYNC_FLUSH);
    out.append(chunk, 0, chunk.size() - stream.avail_out);
  } while (result == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0));
  if (result != Z_OK && result != Z_BUF_ERROR) out = std::string("?") + (stream.msg == nullptr ? "" : stream.msg);
  inflateEnd(&stream);
  return out;
}

}  // namespace gateway

#endif  // TESTS_GATEWAY_SVC_WEBSOCKET_RAW_DEFLATE_H_

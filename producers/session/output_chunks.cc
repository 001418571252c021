#include "producers/session/output_chunks.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "eventlog-svc/client/utf8_text.h"

namespace eventlog {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";

}  // namespace

OutputChunksOptions OutputAtRate(int64_t bytes_per_second_max) {
  OutputChunksOptions options;
  options.bytes_per_second_max = bytes_per_second_max;
  options.burst_bytes_max = 4 * std::min(bytes_per_second_max, std::numeric_limits<int64_t>::max() / 4);
  return options;
}

std::string ToUtf8(absl::string_view bytes, size_t& used) {
  std::string text;
  text.reserve(bytes.size());
  for (used = 0; used < bytes.size();) {
    const Utf8Sequence next = FirstUtf8Sequence(bytes.substr(used));
    if (next.cut) break;
    if (next.valid) {
      text.append(bytes.data() + used, next.size);
    } else {
      text.append(kReplacement.data(), kReplacement.size());
    }
    used += next.size;
  }
  return text;
}

OutputChunks::OutputChunks(OutputChunksOptions options, absl::Time now)
    : options_(std::move(options)), tokens_(static_cast<double>(options_.burst_bytes_max)), filled_(now) {}

void OutputChunks::Add(absl::string_view bytes, absl::Time now, session::v1::OutputStream name) {
  Stream& stream = Find(name);
  const size_t taken = Take(bytes.size(), now);
  if (taken > 0 && (stream.pending.empty() || stream.since == absl::InfiniteFuture())) stream.since = now;
  stream.pending.append(bytes.data(), taken);
  const bool full = static_cast<int64_t>(stream.pending.size()) >= options_.chunk_bytes_max;
  if (full || taken < bytes.size()) EmitOlder(stream.since);
  while (static_cast<int64_t>(stream.pending.size()) >= options_.chunk_bytes_max) Emit(stream, false);
  if (taken < bytes.size()) LeaveOut(stream, static_cast<int64_t>(bytes.size() - taken));
}

void OutputChunks::Tick(absl::Time now) { EmitOlder(now - options_.linger + absl::Nanoseconds(1)); }

absl::Time OutputChunks::due() const {
  absl::Time first = absl::InfiniteFuture();
  for (const Stream& stream : streams_) first = std::min(first, stream.since);
  return first + options_.linger;
}

void OutputChunks::Finish() {
  std::stable_sort(streams_.begin(), streams_.end(),
                   [](const Stream& a, const Stream& b) { return a.since < b.since; });
  for (Stream& stream : streams_) {
    while (!stream.pending.empty() || stream.left_out > 0) {
      const int64_t before = stream.first_byte;
      Emit(stream, true);
      if (stream.first_byte == before) break;
    }
  }
}

OutputChunks::Stream& OutputChunks::Find(session::v1::OutputStream name) {
  const auto found =
      std::find_if(streams_.begin(), streams_.end(), [name](const Stream& stream) { return stream.name == name; });
  if (found != streams_.end()) return *found;
  streams_.push_back({name, "", 0, 0, absl::InfiniteFuture()});
  return streams_.back();
}

size_t OutputChunks::Take(size_t bytes, absl::Time now) {
  tokens_ =
      std::min(static_cast<double>(options_.burst_bytes_max),
               tokens_ + absl::ToDoubleSeconds(now - filled_) * static_cast<double>(options_.bytes_per_second_max));
  filled_ = now;
  const size_t taken = std::min(bytes, static_cast<size_t>(std::max(0.0, tokens_)));
  tokens_ -= static_cast<double>(taken);
  return taken;
}

void OutputChunks::Emit(Stream& stream, bool all) {
  const absl::string_view bytes =
      absl::string_view(stream.pending).substr(0, static_cast<size_t>(options_.chunk_bytes_max));
  size_t used = 0;
  session::v1::SessionOutput output;
  output.set_text(ToUtf8(bytes, used));
  if (all && used < bytes.size() && bytes.size() == stream.pending.size()) {
    output.mutable_text()->append(kReplacement.data(), kReplacement.size());
    used = bytes.size();
  }
  if (used == 0 && stream.left_out == 0) return;
  output.set_first_byte(stream.first_byte);
  output.set_bytes_left_out(stream.left_out);
  output.set_stream(stream.name);
  const int64_t size = static_cast<int64_t>(used);
  // What there is no room for is left out like what is above the rate.
  stream.left_out = options_.emit(std::move(output)) ? 0 : stream.left_out + size;
  stream.first_byte += size;
  stream.pending.erase(0, used);
}

void OutputChunks::EmitOlder(absl::Time since) {
  while (true) {
    const auto oldest = std::min_element(streams_.begin(), streams_.end(),
                                         [](const Stream& a, const Stream& b) { return a.since < b.since; });
    if (oldest == streams_.end() || oldest->since >= since) return;
    Emit(*oldest, false);
    // What is left is nothing, or the beginning of a character, which waits for its rest and not for a time.
    oldest->since = absl::InfiniteFuture();
  }
}

void OutputChunks::LeaveOut(Stream& stream, int64_t bytes) {
  // What came before them is a chunk of its own.
  while (!stream.pending.empty()) Emit(stream, true);
  stream.since = absl::InfiniteFuture();
  stream.left_out += bytes;
  stream.first_byte += bytes;
}

}  // namespace eventlog

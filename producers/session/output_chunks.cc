#include "producers/session/output_chunks.h"

#include <algorithm>
#include <utility>

#include "eventlog-svc/client/utf8_text.h"

namespace eventlog {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";

}  // namespace

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

void OutputChunks::Add(absl::string_view bytes, absl::Time now) {
  tokens_ =
      std::min(static_cast<double>(options_.burst_bytes_max),
               tokens_ + absl::ToDoubleSeconds(now - filled_) * static_cast<double>(options_.bytes_per_second_max));
  filled_ = now;
  const size_t taken = std::min(bytes.size(), static_cast<size_t>(std::max(0.0, tokens_)));
  tokens_ -= static_cast<double>(taken);
  if (taken > 0 && pending_.empty()) since_ = now;
  pending_.append(bytes.data(), taken);
  while (static_cast<int64_t>(pending_.size()) >= options_.chunk_bytes_max) Emit(false);
  if (taken < bytes.size()) LeaveOut(static_cast<int64_t>(bytes.size() - taken));
}

void OutputChunks::Tick(absl::Time now) {
  if (now < due()) return;
  Emit(false);
  // What is left is the beginning of a character, or nothing.
  since_ = pending_.empty() ? absl::InfiniteFuture() : now;
}

absl::Time OutputChunks::due() const { return since_ + options_.linger; }

void OutputChunks::Finish() {
  while (!pending_.empty() || left_out_ > 0) {
    const int64_t before = first_byte_;
    Emit(true);
    if (first_byte_ == before) break;
  }
}

void OutputChunks::Emit(bool all) {
  const absl::string_view bytes = absl::string_view(pending_).substr(0, static_cast<size_t>(options_.chunk_bytes_max));
  size_t used = 0;
  session::v1::SessionOutput output;
  output.set_text(ToUtf8(bytes, used));
  if (all && used < bytes.size() && bytes.size() == pending_.size()) {
    output.mutable_text()->append(kReplacement.data(), kReplacement.size());
    used = bytes.size();
  }
  if (used == 0 && left_out_ == 0) return;
  output.set_first_byte(first_byte_);
  output.set_bytes_left_out(left_out_);
  const int64_t size = static_cast<int64_t>(used);
  // What there is no room for is left out like what is above the rate.
  left_out_ = options_.emit(std::move(output)) ? 0 : left_out_ + size;
  first_byte_ += size;
  pending_.erase(0, used);
}

void OutputChunks::LeaveOut(int64_t bytes) {
  // What came before them is a chunk of its own.
  while (!pending_.empty()) Emit(true);
  since_ = absl::InfiniteFuture();
  left_out_ += bytes;
  first_byte_ += bytes;
}

}  // namespace eventlog

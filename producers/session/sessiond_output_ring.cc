#include "producers/session/sessiond_output_ring.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

constexpr size_t kBytesMin = 1024;
// How far a line's end is looked for, behind what has to be dropped.
constexpr size_t kLineBytesMax = 512;

}  // namespace

OutputRing::OutputRing(size_t bytes_max) : bytes_max_(std::max(bytes_max, kBytesMin)) {}

void OutputRing::Append(absl::string_view bytes) {
  while (!bytes.empty()) {
    // In pieces, so that the memory has a bound, however much comes at once.
    const absl::string_view piece = bytes.substr(0, bytes_max_);
    bytes.remove_prefix(piece.size());
    bytes_.append(piece.data(), piece.size());
    if (size() > bytes_max_) DropFront(size() - bytes_max_);
  }
  if (begin_ > bytes_max_) {
    bytes_.erase(0, begin_);
    begin_ = 0;
  }
}

void OutputRing::OnResized() {
  TerminalModes now = modes_;
  now.Feed(absl::string_view(bytes_).substr(begin_));
  if (now.AtBoundary()) Append(now.UndoScrollRegion());
}

absl::string_view OutputRing::From(int64_t position, size_t bytes_max) const {
  return absl::string_view(bytes_).substr(begin_ + static_cast<size_t>(position - start_), bytes_max);
}

std::string OutputRing::Repaint() const {
  // A soft reset, the plain character set, the first screen; all cleared.
  return absl::StrCat("\x18\x1b[?1049l\x1b[!p\x1b(B\x1b[m\x1b[H\x1b[2J", modes_.Restore());
}

void OutputRing::DropFront(size_t at_least) {
  const absl::string_view bytes = absl::string_view(bytes_).substr(begin_);
  modes_.Feed(bytes.substr(0, at_least));
  size_t dropped = at_least;
  // To the end of the sequence and of the line, if that is near; what has no end is dropped as far as it goes.
  const size_t near = std::min(bytes.size(), dropped + kLineBytesMax);
  size_t boundary = modes_.AtBoundary() ? dropped : std::string::npos;
  TerminalModes at_boundary = modes_;
  for (size_t i = dropped; i < bytes.size() && (i < near || boundary == std::string::npos); ++i) {
    modes_.Feed(bytes.substr(i, 1));
    if (!modes_.AtBoundary()) continue;
    const bool line_ended = bytes[i] == '\n';
    if (line_ended || boundary == std::string::npos) {
      boundary = i + 1;
      at_boundary = modes_;
    }
    if (line_ended) break;
  }
  if (boundary != std::string::npos) {
    dropped = boundary;
    modes_ = at_boundary;
  } else {
    dropped = bytes.size();
  }
  begin_ += dropped;
  start_ += static_cast<int64_t>(dropped);
}

}  // namespace eventlog

#include "gateway-svc/http/send_window.h"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

constexpr char kPongFirstByte = '\x8A';

// A ping of ours must not give way: its answer is awaited.
bool IsPong(const std::string& frame) { return !frame.empty() && frame.front() == kPongFirstByte; }

}  // namespace

void SendWindow::PushFrame(SharedFramePtr frame) {
  bytes_ += frame->bytes.size();
  chunks_.push_back({std::move(frame), "", false});
}

void SendWindow::PushOwn(std::string frame) {
  bytes_ += frame.size();
  chunks_.push_back({nullptr, std::move(frame), false});
}

void SendWindow::PushControl(std::string frame) {
  bytes_ += frame.size();
  // Behind what is under way and behind the control frames that wait already.
  const size_t first = taken_ > 0 ? 1 : 0;
  size_t place = first;
  while (place < chunks_.size() && chunks_[place].control) ++place;
  if (controls_ >= kControlsMax && place > first && IsPong(frame) && IsPong(chunks_[place - 1].own)) {
    Chunk& newest = chunks_[place - 1];
    bytes_ -= newest.own.size();
    newest.own = std::move(frame);
    return;
  }
  ++controls_;
  chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(place), Chunk{nullptr, std::move(frame), true});
}

std::optional<int64_t> SendWindow::DropUnsent() {
  std::optional<int64_t> dropped;
  while (chunks_.size() > (taken_ > 0 ? 1u : 0u)) {
    const Chunk& last = chunks_.back();
    if (last.shared) dropped = last.shared->start_offset;
    if (last.control) --controls_;
    bytes_ -= last.bytes().size();
    chunks_.pop_back();
  }
  return dropped;
}

int SendWindow::Gather(struct iovec* vectors, int count) const {
  int used = 0;
  for (const Chunk& chunk : chunks_) {
    if (used == count) break;
    const size_t skip = used == 0 ? taken_ : 0;
    vectors[used].iov_base = const_cast<char*>(chunk.bytes().data()) + skip;
    vectors[used].iov_len = chunk.bytes().size() - skip;
    ++used;
  }
  return used;
}

SendWindow::Sent SendWindow::Consume(size_t bytes) {
  Sent sent;
  bytes_ -= bytes;
  taken_ += bytes;
  while (!chunks_.empty() && taken_ >= chunks_.front().bytes().size()) {
    const Chunk& first = chunks_.front();
    taken_ -= first.bytes().size();
    ++sent.frames;
    if (first.shared) sent.events += first.shared->event_count;
    if (first.control) --controls_;
    chunks_.pop_front();
  }
  return sent;
}

std::optional<int64_t> SendWindow::first_unsent_offset() const {
  for (const Chunk& chunk : chunks_) {
    if (chunk.shared) return chunk.shared->start_offset;
  }
  return std::nullopt;
}

}  // namespace gateway

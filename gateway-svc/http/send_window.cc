#include "gateway-svc/http/send_window.h"

#include <utility>

namespace gateway {
namespace {

constexpr char kPongFirstByte = '\x8A';

// A ping of ours must not give way: its answer is awaited.
bool IsPong(const std::string& frame) { return !frame.empty() && frame.front() == kPongFirstByte; }

}  // namespace

SendWindow::Chunk SendWindow::OwnChunk(std::string bytes, Kind kind) {
  auto frame = std::make_shared<SharedFrame>();
  frame->bytes = std::move(bytes);
  return {std::move(frame), kind};
}

void SendWindow::PushFrame(SharedFramePtr frame) {
  bytes_ += frame->bytes.size();
  chunks_.push_back({std::move(frame), Kind::kShared});
}

void SendWindow::PushOwn(std::string bytes) {
  bytes_ += bytes.size();
  chunks_.push_back(OwnChunk(std::move(bytes), Kind::kOwn));
}

void SendWindow::PushControl(std::string frame) {
  bytes_ += frame.size();
  // Behind what is under way and behind the control frames that wait already.
  const size_t first = taken_ > 0 ? 1 : 0;
  size_t place = first;
  while (place < chunks_.size() && chunks_[place].kind == Kind::kControl) ++place;
  if (controls_ >= kControlsMax && place > first && IsPong(frame) && IsPong(chunks_[place - 1].bytes())) {
    Chunk& newest = chunks_[place - 1];
    bytes_ -= newest.bytes().size();
    newest = OwnChunk(std::move(frame), Kind::kControl);
    return;
  }
  ++controls_;
  chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(place), OwnChunk(std::move(frame), Kind::kControl));
}

std::optional<int64_t> SendWindow::DropUnsent() {
  size_t kept = taken_ > 0 ? 1 : 0;
  while (kept < chunks_.size() && chunks_[kept].kind == Kind::kControl) ++kept;
  std::optional<int64_t> dropped;
  while (chunks_.size() > kept) {
    const Chunk& last = chunks_.back();
    if (last.kind == Kind::kShared) dropped = last.frame->start_offset;
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
  auto chunk = chunks_.begin();
  for (; chunk != chunks_.end() && taken_ >= chunk->bytes().size(); ++chunk) {
    taken_ -= chunk->bytes().size();
    ++sent.frames;
    sent.events += chunk->frame->event_count;
    if (chunk->kind == Kind::kControl) --controls_;
  }
  chunks_.erase(chunks_.begin(), chunk);
  // What was long once does not keep its memory.
  if (chunks_.empty()) chunks_.shrink_to_fit();
  return sent;
}

std::optional<int64_t> SendWindow::first_unsent_offset() const {
  for (const Chunk& chunk : chunks_) {
    if (chunk.kind == Kind::kShared) return chunk.frame->start_offset;
  }
  return std::nullopt;
}

}  // namespace gateway

// What a client has been given and its socket has not taken yet. Not a queue of events: it is filled up to a bound by
// pulling, and again when it is empty.
//
// Control frames overtake data that has not begun to leave: they go behind the frame that is under way.

#ifndef GATEWAY_SVC_HTTP_SEND_WINDOW_H_
#define GATEWAY_SVC_HTTP_SEND_WINDOW_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/inlined_vector.h"
#include "gateway-svc/hub/frame_format.h"

namespace gateway {

class SendWindow {
 public:
  // Control frames that may wait; beyond them a pong takes the place of the pong before it (RFC 6455, 5.5.3).
  static constexpr size_t kControlsMax = 16;

  // What a Consume finished.
  struct Sent {
    int64_t frames = 0;
    int64_t events = 0;
  };

  void PushFrame(SharedFramePtr frame);
  // Bytes of this client only, in their turn.
  void PushOwn(std::string bytes);
  // Ahead of all that has not begun to leave: a control frame, or a message that is of no use behind what waits.
  void PushControl(std::string frame);

  // Drops what has not begun to leave, but for control frames. Returns the start offset of the first shared frame that
  // was dropped, if any: from there on the client was given nothing.
  std::optional<int64_t> DropUnsent();

  // Fills `vectors` with what comes next; returns how many were used.
  int Gather(struct iovec* vectors, int count) const;
  // The socket took `bytes`.
  Sent Consume(size_t bytes);

  bool empty() const { return chunks_.empty(); }
  size_t bytes() const { return bytes_; }
  // The first shared frame that is not wholly taken, if any: its start offset.
  std::optional<int64_t> first_unsent_offset() const;

 private:
  enum class Kind : uint8_t { kShared, kOwn, kControl };
  struct Chunk {
    SharedFramePtr frame;
    Kind kind = Kind::kShared;
    const std::string& bytes() const { return frame->bytes; }
  };

  static Chunk OwnChunk(std::string bytes, Kind kind);

  // Mostly one frame, or none: an idle client has no memory of its own for it.
  absl::InlinedVector<Chunk, 1> chunks_;
  size_t taken_ = 0;  // of the first chunk
  size_t bytes_ = 0;  // of all, without taken_
  size_t controls_ = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_SEND_WINDOW_H_

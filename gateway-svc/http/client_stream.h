// What one client of the firehose gets, whatever the wire: hello, events from its cursor on, live, heartbeats, gaps,
// the answers to its messages, and the end that it asked for.
//
// It pulls: when the sink is empty the cursor is asked for frames, up to a bound of bytes. Nothing is pulled meanwhile,
// so a client's memory is bounded however far behind it is.

#ifndef GATEWAY_SVC_HTTP_CLIENT_STREAM_H_
#define GATEWAY_SVC_HTTP_CLIENT_STREAM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "gateway-svc/http/client_host.h"
#include "gateway-svc/http/client_message.h"
#include "gateway-svc/http/firehose_request.h"
#include "gateway-svc/http/start_position.h"
#include "gateway-svc/http/stream_sink.h"
#include "gateway-svc/hub/client_cursor.h"
#include "gateway-svc/hub/page_fetch.h"

namespace gateway {

// The shard's thread only.
class ClientStream {
 public:
  // Both outlive it.
  ClientStream(ClientHost& host, StreamSink& sink);
  ~ClientStream();

  // Says hello; delivery begins at `next_offset` in the life of the log that `state` is of. `request`'s end is one that
  // DecideEnd did not refuse.
  void Begin(const FirehoseRequest& request, const EndPosition& end, int64_t next_offset, const RingState& state,
             std::string connection);

  // The sink is empty: gives it what comes next.
  void Fill(Uptime now);
  // When Fill may have more to give, without anything happening first: now or later; infinite: not before something
  // happens.
  Uptime next_fill(Uptime now) const;
  void OnRingChanged() {
    ring_changed_ = true;
    if (cursor_->IsOfOther(host_.ring_state())) OnOtherLog();
  }
  // A page that was awaited was read, or could not be. A turn follows.
  void OnPage();
  // It asked for a turn, and Fill is called after it.
  void OnTurn();
  // Heartbeats, and what waits for its time. Says when it wants to be called again.
  void OnTimer(Uptime now);
  // A text message of the client.
  void OnClientMessage(absl::string_view text);

  bool begun() const { return cursor_.has_value(); }
  // There may be more events to give, whatever the ring does.
  bool more() const { return more_; }
  bool paused() const { return paused_; }
  const ClientCursor& cursor() const { return *cursor_; }
  // Offsets between what the socket was given and the head.
  int64_t behind_events() const;
  // Since when it has not had everything; nothing when it has.
  std::optional<Uptime> behind_since() const;

 private:
  struct Fetch;

  void OnPulled(const Pulled& pulled, Uptime now);
  void OnCaughtUp(Uptime now);
  void OnOtherLog();
  void Finish(Uptime now);
  bool EndTimePassed() const;

  void Apply(const ClientMessage& message, const std::optional<std::string>& id);
  void ApplyOptions(const ClientMessage& message);
  void BeginFetch(const ClientMessage& message, const std::optional<std::string>& id);
  void ContinueFetch();
  void Push(std::string json, Uptime now);
  void PushAtCursor(std::string json, Uptime now);

  ClientHost& host_;
  StreamSink& sink_;
  std::optional<ClientCursor> cursor_;
  bool ring_changed_ = false;  // since the last Fill
  bool more_ = true;           // there may be something to pull, whatever the ring does
  bool page_due_ = false;      // its page is being read: OnPage comes
  bool read_failed_ = false;   // it is tried again a little later
  bool live_ = false;          // the client was told that it is
  bool paused_ = false;
  bool ended_ = false;  // nothing more is to come
  DeliveryOptions delivery_;
  Uptime filled_until_;  // with a linger: no events before
  Uptime last_message_;  // something was pushed
  Uptime behind_since_;  // when it last had everything
  absl::Duration heartbeat_;
  std::unique_ptr<Fetch> fetch_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_CLIENT_STREAM_H_

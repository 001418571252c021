#include "gateway-svc/http/client_stream.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway-svc/http/server_message.h"
#include "gateway-svc/http/stream_hello.h"
#include "gateway-svc/hub/counter.h"

namespace gateway {
namespace {

constexpr absl::Duration kReadRetry = absl::Milliseconds(250);
constexpr absl::Duration kHeartbeatRetry = absl::Milliseconds(250);
// Without an event from then or later, the end time has passed this much later (as the log's own until_time).
constexpr absl::Duration kEndTimeGrace = absl::Seconds(1);

}  // namespace

struct ClientStream::Fetch {
  std::optional<std::string> id;
  PageFetch page;
};

ClientStream::ClientStream(ClientHost& host, StreamSink& sink) : host_(host), sink_(sink) {}

ClientStream::~ClientStream() = default;

void ClientStream::Begin(const FirehoseRequest& request, const EndPosition& end, int64_t next_offset,
                         const RingState& state, std::string connection) {
  FrameSpec spec;
  spec.filter = request.filter;
  spec.format = &sink_.frame_format();
  spec.mode = request.delivery.mode();
  spec.batch_max = request.delivery.batch_max();
  spec.until_offset = end.offset;
  spec.until_time = end.time;
  delivery_ = request.delivery;
  heartbeat_ = request.heartbeat;
  cursor_.emplace(host_.GroupFor(spec), state, next_offset);

  Hello hello = MakeHello(host_.options(), state, request, end, next_offset);
  hello.connection = std::move(connection);
  const Uptime now = UptimeNow();
  behind_since_ = now;
  filled_until_ = now;
  PushAtCursor(HelloMessage(hello), now);
  OnTimer(now);
}

void ClientStream::Push(std::string json, Uptime now) {
  sink_.PushMessage(json, "");
  last_message_ = now;
}

void ClientStream::PushAtCursor(std::string json, Uptime now) {
  sink_.PushMessage(json, FormatCursor(cursor_->epoch(), cursor_->next_offset()));
  last_message_ = now;
}

Uptime ClientStream::next_fill(Uptime now) const {
  const bool may = (more_ || ring_changed_) && begun() && !page_due_ && !read_failed_ && !paused_ && !ended_;
  if (!may) return absl::InfiniteDuration();
  return delivery_.linger().has_value() ? std::max(now, filled_until_) : now;
}

void ClientStream::Fill(Uptime now) {
  if (page_due_ || read_failed_ || paused_ || ended_) return;
  const std::optional<absl::Duration> linger = delivery_.linger();
  if (linger.has_value() && now < filled_until_) return;
  ring_changed_ = more_ = false;
  size_t raw_bytes = 0;
  do {
    const Pulled pulled = cursor_->Pull(host_.ring_state());
    OnPulled(pulled, now);
    if (pulled.state != Pulled::State::kFrame || ended_) return;
    raw_bytes += pulled.frame->raw_bytes;
    if (linger.has_value()) {
      filled_until_ = now + *linger;
      more_ = true;
      return;
    }
  } while (std::max(raw_bytes, sink_.pending_bytes()) < host_.options().write_bytes_max);
  more_ = true;
  live_ = false;
}

void ClientStream::OnPulled(const Pulled& pulled, Uptime now) {
  switch (pulled.state) {
    case Pulled::State::kFrame:
      sink_.PushFrame(pulled.frame);
      last_message_ = now;
      if (pulled.frame->is_gap) Count(host_.counters().gaps_sent);
      if (pulled.frame->is_gap && delivery_.fail_on_gap()) {
        ended_ = true;
        sink_.EndStream(kCloseGap, "GAP", "events are gone, and on_gap=fail was asked for");
      }
      return;
    case Pulled::State::kCaughtUp:
      return OnCaughtUp(now);
    case Pulled::State::kEnded:
      return Finish(now);
    case Pulled::State::kScanned:
      more_ = true;
      return;
    case Pulled::State::kStale:
      return;
    case Pulled::State::kWaiting:
      page_due_ = true;
      live_ = false;
      return sink_.AwaitPage(ColdReader::PageStart(cursor_->next_offset()));
    case Pulled::State::kFailed:
      read_failed_ = true;
      live_ = false;
      return sink_.WakeAt(now + kReadRetry);
    case Pulled::State::kOtherLog:
      return OnOtherLog();
  }
}

void ClientStream::OnOtherLog() {
  if (std::exchange(ended_, true)) return;
  sink_.EndStream(kCloseWrongEpoch, "LOG_REPLACED",
                  "the log was replaced by another: start again with cursor=earliest");
}

void ClientStream::OnCaughtUp(Uptime now) {
  behind_since_ = now;
  // While the gateway itself catches up with the log, nobody has everything.
  if (!live_ && cursor_->next_offset() >= host_.ring_state().log_head) {
    PushAtCursor(LiveMessage(cursor_->epoch(), cursor_->next_offset()), now);
    live_ = true;
  }
  if (EndTimePassed()) Finish(now);
}

bool ClientStream::EndTimePassed() const {
  const absl::Time until = cursor_->spec().until_time;
  const RingState& state = host_.ring_state();
  return until != absl::InfiniteFuture() && absl::Now() >= until + kEndTimeGrace && state.connected &&
         cursor_->next_offset() >= state.log_head;
}

void ClientStream::Finish(Uptime now) {
  ended_ = true;
  PushAtCursor(HeartbeatMessage(cursor_->epoch(), cursor_->next_offset(), host_.ring_state().log_head, absl::Now()),
               now);
  sink_.EndStream(kCloseNormal, "", "the end that was asked for is reached");
}

void ClientStream::OnPage() {
  if (std::exchange(page_due_, false)) more_ = true;
}

void ClientStream::OnTurn() {
  if (fetch_ != nullptr) ContinueFetch();
}

void ClientStream::OnTimer(Uptime now) {
  if (!begun() || ended_) return;
  if (std::exchange(read_failed_, false)) more_ = true;
  if (sink_.pending_bytes() == 0 && now - last_message_ >= heartbeat_) {
    Count(host_.counters().heartbeats_sent);
    PushAtCursor(HeartbeatMessage(cursor_->epoch(), cursor_->next_offset(), host_.ring_state().log_head, absl::Now()),
                 now);
  }
  if (const absl::Time until = cursor_->spec().until_time; until != absl::InfiniteFuture()) {
    const absl::Duration left = until + kEndTimeGrace - absl::Now();
    if (left > absl::ZeroDuration()) sink_.WakeAt(now + left);
    if (left <= absl::ZeroDuration()) more_ = true;  // Fill finds that it is over
  }
  // One that is due and could not be given is tried again a little later.
  const Uptime due = last_message_ + heartbeat_;
  sink_.WakeAt(due > now ? due : now + kHeartbeatRetry);
}

int64_t ClientStream::behind_events() const {
  if (!begun()) return 0;
  return std::max<int64_t>(0, host_.ring_state().head - sink_.first_unsent_offset().value_or(cursor_->next_offset()));
}

std::optional<Uptime> ClientStream::behind_since() const {
  if (!begun() || behind_events() == 0) return std::nullopt;
  return behind_since_;
}

void ClientStream::OnClientMessage(absl::string_view text) {
  const ParsedClientMessage parsed = ParseClientMessage(text);
  if (!parsed.status.ok()) {
    ErrorDetails details;
    details.id = parsed.id;
    return Push(
        ErrorMessage("MESSAGE_INVALID", {parsed.status.message().data(), parsed.status.message().size()}, details),
        UptimeNow());
  }
  Apply(parsed.message, parsed.id);
}

void ClientStream::Apply(const ClientMessage& message, const std::optional<std::string>& id) {
  switch (message.kind) {
    case ClientMessage::Kind::kFetch:
      return BeginFetch(message, id);
    case ClientMessage::Kind::kOptions:
      ApplyOptions(message);
      break;
    case ClientMessage::Kind::kPause:
      paused_ = true;
      break;
    case ClientMessage::Kind::kResume:
      paused_ = false;
      more_ = true;
      live_ = live_ && cursor_->next_offset() >= host_.ring_state().head;
      behind_since_ = UptimeNow();
      break;
    case ClientMessage::Kind::kPing:
      break;
  }
  PushAtCursor(AckMessage(id, cursor_->epoch(), cursor_->next_offset()), UptimeNow());
}

void ClientStream::ApplyOptions(const ClientMessage& message) {
  FrameSpec spec = cursor_->spec();
  if (message.filter.has_value()) spec.filter = *message.filter;
  if (message.delivery.has_value()) {
    delivery_ = *message.delivery;
    spec.mode = delivery_.mode();
    spec.batch_max = delivery_.batch_max();
  }
  if (message.heartbeat.has_value()) {
    heartbeat_ = *message.heartbeat;
    sink_.WakeAt(UptimeNow() + heartbeat_);
  }
  filled_until_ = UptimeNow();
  more_ = true;
  cursor_->Join(host_.GroupFor(spec));
}

void ClientStream::BeginFetch(const ClientMessage& message, const std::optional<std::string>& id) {
  ErrorDetails details;
  details.id = id;
  if (fetch_ != nullptr) {
    details.retry = true;
    return Push(ErrorMessage("FETCH_UNDER_WAY", "one fetch at a time: await the page before", details), UptimeNow());
  }
  if (message.cursor.epoch != cursor_->epoch()) {
    return Push(ErrorMessage("CURSOR_WRONG_EPOCH", "the cursor is of another life of the log", details), UptimeNow());
  }
  const bool before = message.direction == FetchDirection::kBefore;
  const int64_t offset = std::max<int64_t>(0, message.cursor.offset + (before ? 0 : 1));
  fetch_.reset(new Fetch{
      id, PageFetch(host_.ring(), host_.cold(), cursor_->spec().filter, message.direction, offset, message.limit)});
  // Not at once: a client may ask many times in one breath.
  sink_.AskTurn();
}

void ClientStream::ContinueFetch() {
  if (fetch_ == nullptr || ended_) return;
  const RingState& state = host_.ring_state();
  absl::StatusOr<PageFetch::Progress> done = absl::UnavailableError("the shard has not heard of this log yet");
  if (cursor_->IsOf(state)) done = fetch_->page.Advance(state, host_.page_waiter());
  if (done.ok() && *done == PageFetch::Progress::kMore) return sink_.AskTurn();
  if (done.ok() && *done == PageFetch::Progress::kWaiting) {
    return sink_.AwaitPage(ColdReader::PageStart(fetch_->page.wanted_offset()));
  }
  const std::unique_ptr<Fetch> fetch = std::move(fetch_);
  if (done.ok()) {
    Push(PageMessage(fetch->id, cursor_->epoch(), fetch->page), UptimeNow());
  } else {
    ErrorDetails details;
    details.retry = true;
    details.id = fetch->id;
    Push(ErrorMessage("UPSTREAM_UNAVAILABLE", "the log cannot be read now: try again later", details), UptimeNow());
  }
}

}  // namespace gateway

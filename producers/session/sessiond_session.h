// A session that sessiond keeps: a command on a PTY, what it printed last, and who looks at it.
//
// Says the session's events from session.created on, in order: client.connected, session.state_changed, session.output,
// ownership.transferred, client.disconnected, session.removed and then client.disconnected of those who saw the end.
// What is printed goes to the ring, whether anybody reads it or not: nobody can slow the command. What is typed waits
// in a queue until the PTY takes it; who types has a bound of its own there.
//
// The terminal has the size of the client that was active last: that came, typed or changed its size.
//
// One thread, that of the io_context. Held by shared_ptr: a client may read what an ended session printed last.

#ifndef PRODUCERS_SESSION_SESSIOND_SESSION_H_
#define PRODUCERS_SESSION_SESSIOND_SESSION_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "producers/session/event_sink.h"
#include "producers/session/output_chunks.h"
#include "producers/session/pty_process.h"
#include "producers/session/session_activity.h"
#include "producers/session/sessiond_output_ring.h"
#include "producers/session/sessiond_viewer.h"
#include "proto/session/v1/daemon.pb.h"

namespace eventlog {

struct HostedSessionOptions {
  size_t ring_bytes_max = 1024 * 1024;
  absl::Duration idle_after = absl::Seconds(60);    // without output
  absl::Duration kill_patience = absl::Seconds(5);  // from the signal that asks to SIGKILL
  std::optional<OutputChunksOptions> output;        // nothing: what it prints is no event
};

// A new client of a session, as client.connected says it; the session's id, the user of sessiond aside, is added.
struct SessionClient {
  std::string client_id;
  int64_t pid = 0;
  std::string user;
  winsize size{};  // no lines: it has no terminal
};

class HostedSession : public std::enable_shared_from_this<HostedSession> {
 public:
  // `info`: what SessionInfo says of a session that was just started. `sink` outlives it.
  HostedSession(boost::asio::io_context& context, HostedSessionOptions options, EventSink& sink,
                session::v1::SessionInfo info, std::unique_ptr<PtyProcess> process);
  ~HostedSession();
  HostedSession(const HostedSession&) = delete;
  HostedSession& operator=(const HostedSession&) = delete;

  // Once, at the begin.
  void Run();

  // Of a viewer that is not attached.
  void Attach(SessionViewer& viewer, SessionClient client);
  // Of one that is: it went, for this reason. Nothing of one that is not.
  void Detach(SessionViewer& viewer, session::v1::DisconnectReason reason);
  void Type(SessionViewer& viewer, absl::string_view input);
  void Resize(SessionViewer& viewer, const winsize& size);

  // Asks for its end; SIGKILL follows when it does not come. Nothing when it has ended.
  void Kill(int signal);
  // At once when it has ended.
  void WhenEnded(std::function<void()> then);

  bool ended() const { return info_.has_removed(); }
  const session::v1::SessionInfo& info() const { return info_; }
  const OutputRing& ring() const { return ring_; }

 private:
  struct Attached {
    SessionViewer* viewer;
    SessionClient client;
  };
  struct Typed {
    SessionViewer* viewer;  // nobody, when it has gone since
    std::string bytes;
  };

  std::vector<Attached>::iterator Find(const SessionViewer& viewer);
  void AwaitOutput();
  // Reads what is there, up to a bound. Whether there may be more.
  bool ReadOutput();
  void AwaitChange();
  void OnChange(const ProcessChange& change);
  void End(const ProcessChange& end);
  void WriteInput();
  void SetSize(const winsize& size);
  // For the activity's sake.
  void AwaitDue();
  void ShowState() { info_.set_state(activity_.state()); }
  void SayDisconnected(const std::string& client_id, session::v1::DisconnectReason reason);

  const HostedSessionOptions options_;
  EventSink& sink_;
  session::v1::SessionInfo info_;
  std::unique_ptr<PtyProcess> process_;  // nothing, once it has ended
  boost::asio::posix::stream_descriptor master_;
  boost::asio::posix::stream_descriptor changes_;
  boost::asio::steady_timer due_timer_;
  boost::asio::steady_timer kill_timer_;
  OutputRing ring_;
  SessionActivity activity_;
  std::vector<Attached> clients_;
  std::deque<Typed> input_;
  bool writing_ = false;
  bool killed_ = false;
  bool output_over_ = false;  // nothing can be read any more
  absl::Time due_awaited_ = absl::InfiniteFuture();
  std::string typist_;  // the client that typed last
  std::vector<std::function<void()>> when_ended_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_SESSION_H_

// One connection to sessiond: a request and its answer, and from then on, where it is attached, a client of a session.
//
// A client is a position in its session's ring, and has no queue: one message is on its way to its socket, and the next
// is made of what the ring has by then. Who falls below the ring loses what is gone and is repainted. Who takes nothing
// for a while, although there is something, is slow and is ended. What cannot be understood is answered with an error
// and ends the connection, and no other.
//
// One thread, that of the io_context. Held by shared_ptr: by its server and by what is under way.

#ifndef PRODUCERS_SESSION_SESSIOND_CONNECTION_H_
#define PRODUCERS_SESSION_SESSIOND_CONNECTION_H_

#include <sys/socket.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message_lite.h"
#include "producers/session/session_protocol.h"
#include "producers/session/sessiond_session.h"
#include "producers/session/sessiond_viewer.h"
#include "proto/session/v1/daemon.pb.h"

namespace eventlog {

struct SessiondConnectionOptions {
  absl::Duration request_deadline = absl::Seconds(10);      // for the first message
  absl::Duration slow_client_deadline = absl::Seconds(10);  // without a byte that the socket takes
  int64_t input_bytes_max = 64 * 1024;                      // that were typed and wait for the command
};

class SessiondConnection : public SessionViewer, public std::enable_shared_from_this<SessiondConnection> {
 public:
  // Who answers requests. Outlives the connection.
  class Handler {
   public:
    virtual ~Handler() = default;
    // Calls Reply or Attach, then or later.
    virtual void OnRequest(const session::v1::DaemonRequest& request, std::shared_ptr<SessiondConnection> from) = 0;
    virtual void OnClosed(const std::shared_ptr<SessiondConnection>& connection) = 0;
  };

  SessiondConnection(boost::asio::local::stream_protocol::socket socket, ucred peer, SessiondConnectionOptions options,
                     Handler& handler);

  void Run();
  // The answer; the connection ends when it is sent.
  void Reply(session::v1::DaemonReply reply);
  void ReplyError(session::v1::DaemonErrorCode code, absl::string_view message);
  void Attach(std::shared_ptr<HostedSession> session, const session::v1::WindowSize& size);

  const ucred& peer() const { return peer_; }

  void OnOutput() override { Send(); }
  void OnInputTaken(int64_t bytes) override;
  void OnEnded(const session::v1::SessionRemoved& removed) override;

 private:
  void Read();
  void OnRead(const boost::system::error_code& error, size_t bytes);
  // False when the connection is to end.
  bool Take(const std::string& message);
  bool TakeClientMessage(const std::string& message);
  // Makes a message of what there is, if none is on its way.
  void Send();
  // What is to be sent next; empty when nothing is.
  std::string NextFrame();
  void WriteSome();
  void Fail(session::v1::DaemonErrorCode code, absl::string_view message);
  // Sends what is left, the ring's too if it is attached to one, and ends.
  void EndAfter(const google::protobuf::MessageLite& last_message);
  void WatchProgress();
  // The session goes on without this client, to which what it has not read is nothing any more.
  void Leave();
  // Ends without a word.
  void Drop(session::v1::DisconnectReason reason);
  void Close();

  boost::asio::local::stream_protocol::socket socket_;
  const ucred peer_;
  const SessiondConnectionOptions options_;
  Handler& handler_;
  boost::asio::steady_timer timer_;
  char buffer_[16 * 1024];
  FrameReader reader_;
  bool requested_ = false;
  bool closed_ = false;

  std::shared_ptr<HostedSession> session_;
  int64_t position_ = 0;     // in its ring
  bool repaint_ = true;      // before what comes next
  int64_t input_bytes_ = 0;  // that wait
  int64_t input_taken_bytes_ = 0;

  std::string first_frame_;  // before all output
  std::string last_frame_;   // behind it
  std::string frame_;        // on its way, from sent_ on
  size_t sent_ = 0;
  bool watching_ = false;
  absl::Time last_progress_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_CONNECTION_H_

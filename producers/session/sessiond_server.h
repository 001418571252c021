// sessiond's end of its socket: who connects, and what is answered to requests.
//
// One thread, that of the io_context.

#ifndef PRODUCERS_SESSION_SESSIOND_SERVER_H_
#define PRODUCERS_SESSION_SESSIOND_SERVER_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <set>

#include "producers/session/sessiond_connection.h"
#include "producers/session/sessiond_sessions.h"
#include "producers/session/sessiond_socket.h"

namespace eventlog {

struct SessiondServerOptions {
  SessiondConnectionOptions connection;
  size_t connections_max = 1000;
};

class SessiondServer : public SessiondConnection::Handler {
 public:
  // The sessions outlive it.
  SessiondServer(boost::asio::io_context& context, SessiondServerOptions options,
                 std::unique_ptr<SessiondSocket> socket, SessiondSessions& sessions);

  void Run() { Accept(); }
  // Takes nobody any more, ends the sessions, and tells the clients; `then` when all of it is done.
  void End(std::function<void()> then);

  void OnRequest(const session::v1::DaemonRequest& request, std::shared_ptr<SessiondConnection> from) override;
  void OnClosed(const std::shared_ptr<SessiondConnection>& connection) override;

 private:
  void Accept();
  void OnAccepted(boost::asio::local::stream_protocol::socket socket);
  void Start(const session::v1::StartSession& request, SessiondConnection& from);
  void Kill(const session::v1::KillSession& request, const std::shared_ptr<SessiondConnection>& from);
  void TellWhenEnded();

  boost::asio::io_context& context_;
  const SessiondServerOptions options_;
  const std::unique_ptr<SessiondSocket> socket_;
  SessiondSessions& sessions_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  boost::asio::steady_timer accept_again_;
  std::set<std::shared_ptr<SessiondConnection>> connections_;
  bool sessions_ended_ = false;
  std::function<void()> when_ended_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_SERVER_H_

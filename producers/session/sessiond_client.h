// A connection to sessiond, as `session` uses it: blocking, for requests with one answer and for the begin of an
// attach.
//
// Thread compatible.

#ifndef PRODUCERS_SESSION_SESSIOND_CLIENT_H_
#define PRODUCERS_SESSION_SESSIOND_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "producers/session/session_protocol.h"
#include "proto/session/v1/daemon.pb.h"

namespace eventlog {

class SessiondClient {
 public:
  // kNotFound when no sessiond listens there.
  static absl::StatusOr<std::unique_ptr<SessiondClient>> Connect(const std::string& path);
  ~SessiondClient();
  SessiondClient(const SessiondClient&) = delete;
  SessiondClient& operator=(const SessiondClient&) = delete;

  // Sends a request, with the protocol's version, and waits for the answer. An error of sessiond's is a status:
  // kNotFound, kFailedPrecondition (ambiguous), kAlreadyExists (the name), kInvalidArgument, kResourceExhausted,
  // kAborted (the command could not be started); kUnavailable when sessiond is ending, is gone, or says nothing for
  // `patience`.
  absl::StatusOr<session::v1::DaemonReply> Ask(session::v1::DaemonRequest request, absl::Duration patience);

  int socket() const { return socket_; }
  // What has come behind the answer is in it.
  FrameReader& reader() { return reader_; }

 private:
  explicit SessiondClient(int socket) : socket_(socket) {}

  const int socket_;
  FrameReader reader_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_CLIENT_H_

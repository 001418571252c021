// A terminal that is attached to a session: what is typed goes there, what is printed there comes here.
//
// Sans signals and settings: the terminal is raw already and its owner restores it. Nothing blocks for long but by what
// is waited for; every buffer is bounded: a terminal that takes nothing makes sessiond's side slow, and input beyond
// what the session takes stays in the terminal. One thread.

#ifndef PRODUCERS_SESSION_ATTACH_LOOP_H_
#define PRODUCERS_SESSION_ATTACH_LOOP_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message_lite.h"
#include "producers/session/attach_detach_key.h"
#include "producers/session/attach_terminal_modes.h"
#include "producers/session/session_protocol.h"
#include "proto/session/v1/daemon.pb.h"

namespace eventlog {

struct AttachLoopOptions {
  int socket = -1;  // attached
  int input = -1;   // the terminal
  int output = -1;  // the terminal; may be non-blocking
  int events = -1;  // readable when OnEvent has something to do; may be -1
  DetachKey detach_key;
  int64_t input_bytes_max = 0;                        // as Attached says
  absl::Duration detach_patience = absl::Seconds(2);  // for the answer to a Detach
};

class AttachLoop {
 public:
  // `reader` has what came behind the answer.
  AttachLoop(AttachLoopOptions options, FrameReader reader)
      : options_(std::move(options)), reader_(std::move(reader)) {}

  // Until the end, which it returns. `on_event` is called when `events` is readable. kUnavailable when sessiond is
  // gone, kInvalidArgument when it does not keep to the protocol or says that we do not, kCancelled when the terminal
  // is gone.
  absl::StatusOr<session::v1::Ended> Run(const std::function<void()>& on_event);

  // Both may be called by on_event.
  void SayWindowSize(const session::v1::WindowSize& size);
  void Detach();

  // Gives the terminal what undoes the session's modes, without waiting.
  void UndoModes();

 private:
  void ReadTerminal();
  void SendInput();
  void ReadSocket();
  void Take(const session::v1::DaemonMessage& message);
  void WriteSocket();
  void WriteTerminal();
  void Queue(const google::protobuf::MessageLite& message);
  int WaitMs() const;
  bool Done() const { return !failure_.ok() || (ended_.has_value() && to_terminal_.empty()); }

  const AttachLoopOptions options_;
  FrameReader reader_;
  DetachKey key_ = options_.detach_key;
  TerminalModes modes_;
  std::string typed_;  // that the session does not take yet
  std::string to_socket_;
  std::string to_terminal_;
  int64_t input_bytes_ = 0;  // that are on their way
  absl::Time give_up_ = absl::InfiniteFuture();
  bool detaching_ = false;
  absl::Status failure_;
  std::optional<session::v1::Ended> ended_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_ATTACH_LOOP_H_

// Standard output and standard error of a command, as they pass: an OutputTap for each that can have one.
//
// Where both are one stream (2>&1) they stay one, so that what is printed keeps its order. A terminal stays the
// command's own: what is printed there is not seen.
//
// Thread compatible.

#ifndef PRODUCERS_SESSION_OUTPUT_TAPS_H_
#define PRODUCERS_SESSION_OUTPUT_TAPS_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "producers/session/output_tap.h"
#include "proto/session/v1/session.pb.h"

namespace eventlog {

class OutputTaps {
 public:
  using Seen = std::function<void(absl::string_view, session::v1::OutputStream)>;

  explicit OutputTaps(Seen seen) : seen_(std::move(seen)) {}
  OutputTaps(const OutputTaps&) = delete;
  OutputTaps& operator=(const OutputTaps&) = delete;

  // Of the two descriptors that a command has as its standard output and standard error, here and there. One for which
  // there is no pipe to be had is not tapped.
  void Open(int output, int error);
  // In the child, between fork and exec.
  void BecomeCommands() const;
  // In the parent, behind the fork.
  void CloseCommandEnds();

  // Waits until something can be read from `also`, or the time is over, or one of the streams can go on, which it then
  // does. Whether one did.
  bool WaitAndServe(int also, int timeout_ms);

  // The command has ended: what it has printed is to be brought to where it goes, until delivered(); and nothing else,
  // of which there could be no end.
  void CommandEnded();
  bool delivered() const;
  // What has not arrived, and what others who have been left in the background print from now on, is brought there by a
  // process of its own, which ends when that is done and they have ended, and which nobody sees print; there is none
  // where there is no such thing. The last call.
  void LeaveBehind();

  // Why bytes are lost; OK where none are, or their readers did not want them.
  absl::Status status() const;

 private:
  struct Stream {
    std::unique_ptr<OutputTap> tap;
    std::vector<int> targets;
    session::v1::OutputStream name;
    OutputTap::Seen seen;
  };

  void Add(std::vector<int> targets, session::v1::OutputStream name);
  bool Serve(int also, int timeout_ms, bool unseen);
  [[noreturn]] void RelayAndExit();

  const Seen seen_;
  std::vector<Stream> streams_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_OUTPUT_TAPS_H_

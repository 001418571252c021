// A stream of a command that passes through a pipe of ours on its way to where it goes, for who wants to see it.
//
// Every byte arrives as it was, in its order. A reader that is gone takes our end of the pipe with it at once, so that
// the command has the EPIPE or SIGPIPE that it would have had; a slow one slows the command, with 64 KiB more on their
// way than without us. What differs for the command: a file has become a pipe, which cannot be positioned, and a write
// that fails there (a full disk) is seen by us, not by it.
//
// Thread compatible. Once made it needs no memory: Serve may be called between fork and exec, without `seen`. Linux.

#ifndef PRODUCERS_SESSION_OUTPUT_TAP_H_
#define PRODUCERS_SESSION_OUTPUT_TAP_H_

#include <poll.h>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

class OutputTap {
 public:
  using Seen = std::function<void(absl::string_view)>;

  // Whether a command with a pipe in the place of this descriptor is the same command: not for a terminal, or for a
  // socket whose messages have ends.
  static bool CanTap(int target);
  // Whether what is written to both comes to one place, in the order in which it is written.
  static bool IsOneStream(int target, int other);

  // `target` outlives the object. kResourceExhausted: no pipe is to be had.
  static absl::StatusOr<std::unique_ptr<OutputTap>> Open(int target);
  ~OutputTap();
  OutputTap(const OutputTap&) = delete;
  OutputTap& operator=(const OutputTap&) = delete;

  // The command's end of the pipe, which closes on exec; -1 once it is closed here.
  int command_end() const { return command_end_; }
  void CloseCommandEnd();

  // What Serve waits for; its two entries are given back to it.
  std::array<pollfd, 2> Wanted() const;
  // Does what can be done without waiting. `seen` gets what was read; null: nobody does. Whether anything was done.
  bool Serve(const pollfd* ready, const Seen& seen);

  // From now on it reads no more than what is in the pipe now: all that a command that has ended had printed.
  void LimitToWritten();
  // Again without that limit.
  void Unlimit();
  // Nothing more will come, or may, and what came is where it goes.
  bool done() const { return begin_ == end_ && (source_ < 0 || left_ == 0); }
  // Of one that is done, in a process that has its descriptors for itself: the reader need not wait for this process.
  void CloseOutput();
  // Somebody can still write into the pipe, or has.
  bool HasWriters() const;

  // Why bytes are lost; OK where none are, or their reader did not want them.
  absl::Status status() const;
  // What is needed for Serve alone.
  std::array<int, 2> descriptors() const { return {source_, output_}; }

 private:
  OutputTap(int target, int source, int command_end);

  bool Read(const Seen& seen);
  bool Write();
  // As much as is taken without waiting; as write(2).
  long WriteSome();
  // Nothing goes there any more.
  void Break(int error);

  int source_;
  int command_end_;
  // A pipe, opened once more: what is set there (not to block) is not set for the others who have it.
  int own_output_ = -1;
  int output_;
  bool pipe_ = false;
  bool socket_ = false;
  int error_ = 0;
  size_t left_;  // that may still be read
  size_t begin_ = 0;
  size_t end_ = 0;
  std::array<char, 64 * 1024> bytes_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_OUTPUT_TAP_H_

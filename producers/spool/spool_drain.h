// Sends what is in a spool until nothing has come for a while, and goes without leaving anything behind.
//
// Who adds an event looks afterwards whether somebody holds the folder's lock, and starts a sender if not. Who has let
// go of the lock looks afterwards whether there is an event, and begins anew if so. One of the two sees the other.

#ifndef PRODUCERS_SPOOL_SPOOL_DRAIN_H_
#define PRODUCERS_SPOOL_SPOOL_DRAIN_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace eventlog {

struct SpoolDrainOptions {
  std::string folder;
  // How long the spool must have been empty.
  absl::Duration linger = absl::Seconds(10);
  // Waits for so long, or less; false: it is to end, whatever is left.
  std::function<bool(absl::Duration)> wait;
  // Called when all is sent, before the lock is let go; may be null.
  std::function<void()> before_release = nullptr;
};

enum class SpoolDrainEnd {
  kEmpty,         // everything is sent
  kSomebodyElse,  // holds the lock, and sends what there is
  kStopped,       // by `wait`
};

// Tries for as long as the log is away. An error is one of the spool.
absl::StatusOr<SpoolDrainEnd> DrainSpool(const SpoolDrainOptions& options);

}  // namespace eventlog

#endif  // PRODUCERS_SPOOL_SPOOL_DRAIN_H_

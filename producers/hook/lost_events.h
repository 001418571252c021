// How many events of hooks are lost because their spool could not be written, as on a disk that is full: counted in the
// spool's folder, and told by a later hook that can keep an event.
//
// A count is the length of a file without contents: a file that only becomes longer takes no room on the disk. One says
// what is lost, and a second one what of it was told.

#ifndef PRODUCERS_HOOK_LOST_EVENTS_H_
#define PRODUCERS_HOOK_LOST_EVENTS_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"

namespace eventlog {

// Any number of processes at once; an object is one thread's.
class LostEvents {
 public:
  static constexpr char kFileName[] = "hook-lost";
  static constexpr char kToldFileName[] = "hook-lost-told";

  // The folder of the spool.
  explicit LostEvents(std::string folder);

  // Waits for others that count, but not for long. False: not counted, as there is no folder or the disk cannot even do
  // this. For signal handlers, too: nothing but system calls.
  bool Add(int64_t events) const;
  // Since the folder was made.
  int64_t Total() const;
  // Calls `tell` with what nobody was told of and with the total, if there is any and nobody else is telling. True from
  // it: that was told. Who is ended between the two tells it again, with the same total.
  void Tell(absl::FunctionRef<bool(int64_t lost, int64_t total)> tell);

 private:
  const std::string path_;
  const std::string told_path_;
};

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_LOST_EVENTS_H_

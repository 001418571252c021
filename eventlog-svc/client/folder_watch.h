// Tells when files of a folder come, or Tell says that they changed, in whatever process: inotify(7).
//
// Not when they are written to: what a database writes is not there to be read before its transaction has ended, and
// takes several writes.

#ifndef EVENTLOG_SVC_CLIENT_FOLDER_WATCH_H_
#define EVENTLOG_SVC_CLIENT_FOLDER_WATCH_H_

#include <atomic>
#include <string>

#include "absl/time/time.h"

namespace eventlog {

// Await on one thread; Wake from any.
class FolderWatch {
 public:
  // Files whose names begin with `prefix`. A folder that is missing, or a system that has no watches or descriptors
  // left, is no error: then only time passes, and Await looks again.
  FolderWatch(std::string folder, std::string prefix);
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;
  ~FolderWatch();

  // Makes those who watch the folder of this file hear of it; of a file that is missing, or not the user's own, nobody
  // hears.
  static void Tell(const std::string& path);
  // Until something changed after the last return, or Wake was called, or so much time has passed, whatever becomes of
  // the system's clock meanwhile. Whether something changed.
  bool Await(absl::Duration max);
  void Wake();

 private:
  void Begin();
  // Takes all that is there to be read.
  bool ReadChanges();

  const std::string folder_;
  const std::string prefix_;
  const int wake_;  // eventfd; -1: there was no descriptor left
  std::atomic<bool> woken_ = false;
  int changes_ = -1;    // inotify
  bool begun_ = false;  // the folder is being watched
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_FOLDER_WATCH_H_

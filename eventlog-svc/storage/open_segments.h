// Bounds how many closed segments of a log have their file open: a log may have more segments than a process may have
// files.

#ifndef EVENTLOG_SVC_STORAGE_OPEN_SEGMENTS_H_
#define EVENTLOG_SVC_STORAGE_OPEN_SEGMENTS_H_

#include <cstddef>
#include <deque>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace eventlog {

// What is opened and let go of again.
class OpenFileHolder {
 public:
  virtual ~OpenFileHolder() = default;
  // Lets go of the file until it is needed again.
  virtual void CloseFile() const = 0;
};

// Thread safe.
class OpenSegments {
 public:
  explicit OpenSegments(size_t count_max) : count_max_(count_max) {}

  // `segment` opened its file. Lets go of the file of the one that was opened longest ago when there are too many; who
  // reads it just now keeps it until then. Called with no lock of a segment held.
  void Add(const std::shared_ptr<const OpenFileHolder>& segment);

 private:
  const size_t count_max_;
  absl::Mutex mutex_;
  std::deque<std::weak_ptr<const OpenFileHolder>> open_ ABSL_GUARDED_BY(mutex_);  // opened longest ago first
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_OPEN_SEGMENTS_H_

#include "eventlog-svc/storage/open_segments.h"

namespace eventlog {

void OpenSegments::Add(const std::shared_ptr<const OpenFileHolder>& segment) {
  std::shared_ptr<const OpenFileHolder> oldest;
  {
    absl::MutexLock lock(&mutex_);
    open_.push_back(segment);
    if (open_.size() <= count_max_) return;
    oldest = open_.front().lock();
    open_.pop_front();
  }
  if (oldest != nullptr) oldest->CloseFile();
}

}  // namespace eventlog

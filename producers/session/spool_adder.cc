#include "producers/session/spool_adder.h"

#include <utility>

#include "producers/spool/spool_folder.h"

namespace eventlog {

absl::Status SpoolAdder::Add(const std::vector<v1::Event>& events) {
  if (spool_ == nullptr) {
    SpoolOptions spool;
    spool.folder = SpoolFolder(options_.server, options_.log);
    spool.busy_max = options_.busy_max;
    if (spool.folder.empty()) {
      return absl::FailedPreconditionError("there is no place for a spool: neither HOME nor EVENTLOG_SPOOL_DIR is set");
    }
    absl::StatusOr<std::unique_ptr<Spool>> opened = Spool::Open(std::move(spool), {options_.server, options_.log});
    if (!opened.ok()) return opened.status();
    spool_ = *std::move(opened);
  }
  const absl::Status added = spool_->AddOnce(events);
  // Without a sender the events are sent later: whoever adds next to this spool starts one.
  if (added.ok() && options_.ensure_sender) static_cast<void>(options_.ensure_sender(spool_->folder()));
  return added;
}

}  // namespace eventlog

#include "producers/session/repair_thread.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "producers/session/orphan_repair.h"
#include "producers/session/spool_adder.h"

namespace eventlog {

namespace {

absl::Status BeginNone(const std::string&) { return absl::OkStatus(); }

}  // namespace

RepairThread::RepairThread(const SessionRegistry& registry, RepairThreadOptions options)
    : registry_(registry),
      options_(std::move(options)),
      stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Run(); }) {}

RepairThread::~RepairThread() {
  static_cast<void>(eventfd_write(stop_, 1));
  thread_.join();
  close(stop_);
}

void RepairThread::Run() const {
  OrphanRepairOptions repair;
  repair.stop = stop_;
  repair.add = [this](const session::v1::SessionEntry& entry, const std::vector<v1::Event>& events) {
    const bool known = !entry.server().empty();
    SpoolAdderOptions spool;
    spool.server = known ? entry.server() : options_.server;
    spool.log = known ? entry.log() : options_.log;
    // A sender finds the token of who starts it: whoever writes for another server next begins its sender.
    const bool token_is_wrong = options_.has_token && spool.server != options_.server;
    spool.ensure_sender = token_is_wrong ? BeginNone : options_.ensure_sender;
    return SpoolAdder(std::move(spool)).Add(events);
  };
  // What fails is tried again at the next start.
  static_cast<void>(RepairOrphans(registry_, repair).status());
}

}  // namespace eventlog

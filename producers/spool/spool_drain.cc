#include "producers/spool/spool_drain.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/event_log_client.h"
#include "eventlog-svc/client/spool.h"
#include "eventlog-svc/client/spool_sender_lock.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

// How often the spool is looked at.
constexpr absl::Duration kLookInterval = absl::Milliseconds(200);
constexpr absl::Duration kLookIntervalMin = absl::Milliseconds(1);

// False when `wait` said so.
absl::StatusOr<bool> AwaitEmpty(const SpoolDrainOptions& options, Spool& spool) {
  const absl::Duration interval = std::clamp(options.linger / 4, kLookIntervalMin, kLookInterval);
  absl::Time empty_since = absl::InfiniteFuture();
  int64_t added = 0;
  while (true) {
    const absl::StatusOr<SpoolStats> stats = spool.Stats();
    // Others write for long: it is not empty then.
    if (!stats.ok() && !absl::IsUnavailable(stats.status())) return stats.status();
    const absl::Time now = absl::Now();
    // What came and was sent between two looks makes the linger begin anew, too.
    const bool quiet = stats.ok() && stats->events == 0 && stats->added == added;
    if (stats.ok()) added = stats->added;
    empty_since = quiet ? std::min(empty_since, now) : absl::InfiniteFuture();
    if (now - empty_since >= options.linger) return true;
    if (!options.wait(interval)) return false;
  }
}

// Until it is empty, or to be stopped; the lock is free then.
absl::StatusOr<bool> SendAll(const SpoolDrainOptions& options, std::unique_ptr<SpoolSenderLock> lock) {
  SpoolOptions spool_options;
  spool_options.folder = options.folder;
  absl::StatusOr<std::unique_ptr<EventLogClient>> client =
      EventLogClient::OpenSpool(std::move(spool_options), std::move(lock), EventLogClientOptions());
  if (!client.ok()) return client.status();
  Spool& spool = *(*client)->spool();
  LOG(INFO) << "sending to " << spool.target().server;
  const absl::StatusOr<bool> empty = AwaitEmpty(options, spool);
  if (empty.ok() && *empty && options.before_release) options.before_release();
  return empty;
}

}  // namespace

absl::StatusOr<SpoolDrainEnd> DrainSpool(const SpoolDrainOptions& options) {
  while (true) {
    absl::StatusOr<std::unique_ptr<SpoolSenderLock>> lock = SpoolSenderLock::TryTake(options.folder);
    if (!lock.ok()) return lock.status();
    if (*lock == nullptr) return SpoolDrainEnd::kSomebodyElse;
    const absl::StatusOr<bool> empty = SendAll(options, *std::move(lock));
    if (!empty.ok()) return empty.status();
    if (!*empty) return SpoolDrainEnd::kStopped;
    // Who added an event after the last look may have seen the lock held, and rely on us.
    SpoolOptions spool_options;
    spool_options.folder = options.folder;
    const absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::OpenExisting(std::move(spool_options));
    if (!spool.ok()) return spool.status();
    const absl::StatusOr<SpoolStats> left = (*spool)->Stats();
    if (!left.ok()) return left.status();
    if (left->events == 0) return SpoolDrainEnd::kEmpty;
  }
}

}  // namespace eventlog

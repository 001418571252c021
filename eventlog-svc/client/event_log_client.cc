#include "eventlog-svc/client/event_log_client.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "eventlog-svc/client/producer_id.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

BatchSenderOptions SenderOptions(const EventLogClientOptions& options) {
  BatchSenderOptions sender;
  sender.log = options.log;
  sender.producer_id = options.producer_id.empty() ? NewProducerId() : options.producer_id;
  // A named producer that starts again must come with a higher epoch than before: the clock's.
  sender.epoch = options.producer_id.empty() ? 0 : absl::ToUnixMicros(absl::Now());
  sender.queue = options.queue;
  sender.backoff = options.backoff;
  sender.event_bytes_max = options.event_bytes_max;
  sender.observer = options.observer;
  return sender;
}

}  // namespace

EventLogClient::EventLogClient(const std::shared_ptr<grpc::Channel>& channel, EventLogClientOptions options)
    : EventLogClient(ServerList(channel), std::move(options)) {
  CHECK(!options_.spool.has_value()) << "a client with a spool is made by Open";
}

EventLogClient::EventLogClient(ServerList servers, EventLogClientOptions options)
    : options_(std::move(options)),
      sender_(std::make_unique<BatchSender>(std::move(servers), SenderOptions(options_))) {}

EventLogClient::EventLogClient(std::unique_ptr<Spool> spool, ServerList servers, SpoolOptions spool_options,
                               std::unique_ptr<SpoolSenderLock> lock, EventLogClientOptions options)
    : options_(std::move(options)),
      spool_(std::move(spool)),
      forwarder_(std::make_unique<SpoolForwarder>(std::move(spool_options), spool_->target(), std::move(servers),
                                                  SenderOptions(options_), std::move(lock))) {}

absl::StatusOr<std::unique_ptr<EventLogClient>> EventLogClient::Open(const std::string& servers,
                                                                     EventLogClientOptions options) {
  absl::StatusOr<ServerList> list = ServerList::Parse(servers);
  if (!list.ok()) return list.status();
  if (!options.spool.has_value()) return absl::WrapUnique(new EventLogClient(*std::move(list), std::move(options)));
  if (!options.producer_id.empty()) {
    return absl::InvalidArgumentError("a spool has a name of its own: leave producer_id empty");
  }
  SpoolOptions spool_options = *options.spool;
  spool_options.drop_oldest = spool_options.drop_oldest || options.queue.when_full == WhenFull::kDropOldest;
  absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::Open(spool_options, {servers, options.log});
  if (!spool.ok()) return spool.status();
  return absl::WrapUnique(new EventLogClient(*std::move(spool), *std::move(list), std::move(spool_options),
                                             /*lock=*/nullptr, std::move(options)));
}

absl::StatusOr<std::unique_ptr<EventLogClient>> EventLogClient::OpenSpool(SpoolOptions spool_options,
                                                                          std::unique_ptr<SpoolSenderLock> lock,
                                                                          EventLogClientOptions options) {
  absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::OpenExisting(spool_options);
  if (!spool.ok()) return spool.status();
  absl::StatusOr<ServerList> list = ServerList::Parse((*spool)->target().server);
  if (!list.ok()) return list.status();
  options.spool = spool_options;
  return absl::WrapUnique(new EventLogClient(*std::move(spool), *std::move(list), std::move(spool_options),
                                             std::move(lock), std::move(options)));
}

EventLogClient::~EventLogClient() { Close(absl::InfinitePast()); }

absl::Status EventLogClient::AppendEvent(v1::Event event, AppendDone done) {
  if (sender_ != nullptr) return sender_->Append(std::move(event), std::move(done));
  if (done != nullptr) return absl::InvalidArgumentError("with a spool there is no callback: OK means kept");
  absl::Status status;
  if (closed()) {
    status = absl::UnavailableError("the client is closed");
  } else if (const auto bytes = static_cast<int64_t>(event.ByteSizeLong()); bytes > options_.event_bytes_max) {
    status =
        absl::InvalidArgumentError(absl::StrCat("the event has ", bytes, " bytes; at most ", options_.event_bytes_max));
  } else {
    return AppendToSpool(event);
  }
  LOG_EVERY_N(WARNING, 1000) << "event dropped: " << status;
  {
    absl::MutexLock lock(&mutex_);
    ++dropped_;
  }
  if (options_.observer != nullptr) options_.observer->OnDropped(1);
  return status;
}

absl::Status EventLogClient::AppendToSpool(const v1::Event& event) {
  const absl::Time deadline = absl::Now() + options_.queue.block_max;
  int64_t seen = forwarder_->changes();
  // Somebody sends, here or elsewhere, and so makes room.
  const auto await_room = [&] {
    if (!forwarder_->AwaitChange(seen, deadline)) return false;
    seen = forwarder_->changes();
    return true;
  };
  int64_t dropped = 0;
  const absl::Span<const v1::Event> events(&event, 1);
  const absl::Status status = options_.queue.when_full == WhenFull::kBlock ? spool_->Add(events, await_room, &dropped)
                                                                           : spool_->Add(events, nullptr, &dropped);
  {
    absl::MutexLock lock(&mutex_);
    if (status.ok()) ++queued_;
  }
  if (options_.observer != nullptr && dropped > 0) options_.observer->OnDropped(dropped);
  return status;
}

bool EventLogClient::WaitForRoom(int64_t event_bytes, absl::Time deadline) {
  if (sender_ != nullptr) return sender_->AwaitRoom(event_bytes, deadline);
  while (!closed()) {
    const int64_t seen = forwarder_->changes();
    const absl::StatusOr<bool> room = spool_->HasRoom(event_bytes);
    if (room.ok() && *room) return true;
    if (!forwarder_->AwaitChange(seen, deadline)) return false;
  }
  return false;
}

bool EventLogClient::Flush(absl::Time deadline) {
  if (sender_ != nullptr) return sender_->AwaitAnswered(deadline);
  while (true) {
    const int64_t seen = forwarder_->changes();
    const absl::StatusOr<bool> gone = spool_->AllGone();
    if (gone.ok() && *gone) return true;
    if (absl::IsDataLoss(gone.status())) return false;
    if (!forwarder_->AwaitChange(seen, deadline)) return false;
  }
}

bool EventLogClient::Close(absl::Time deadline) {
  absl::MutexLock close_lock(&close_mutex_);
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  if (sender_ != nullptr) sender_->CloseIntake();
  const bool flushed = Flush(deadline);
  if (sender_ != nullptr) sender_->Stop();
  if (forwarder_ != nullptr) forwarder_->Stop();
  return flushed;
}

bool EventLogClient::closed() const {
  absl::MutexLock lock(&mutex_);
  return closed_;
}

EventLogClientCounters EventLogClient::counters() const {
  if (sender_ != nullptr) return sender_->counters();
  EventLogClientCounters counters = forwarder_->counters();
  const Spool::Losses losses = spool_->losses();
  absl::MutexLock lock(&mutex_);
  counters.queued = queued_;
  counters.dropped = dropped_ + losses.dropped;
  counters.displaced = losses.displaced;
  return counters;
}

}  // namespace eventlog

#include "producers/load/bench_run.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/rpc_error.h"
#include "producers/load/chain_event.h"
#include "producers/load/chain_verifier.h"
#include "producers/load/client_appender.h"
#include "producers/load/service_process.h"
#include "producers/load/stream_appender.h"
#include "producers/load/unary_appender.h"

namespace eventlog {
namespace {

// For the threads to be there before the first event is due.
constexpr absl::Duration kGetReady = absl::Milliseconds(50);
// How long a page of the log is tried for, and what is asked of it at the end.
constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr size_t kRangesBytesMax = 500'000;

std::string NewRunName() {
  absl::BitGen random;
  return absl::StrFormat("%012x", absl::Uniform<uint64_t>(random) >> 16);
}

absl::Duration OwnProcessorTime() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

std::unique_ptr<EventAppender> NewAppender(const std::string& server, const std::string& log,
                                           const BenchOptions& options) {
  const std::shared_ptr<grpc::Channel> channel = NewChannel(server);
  switch (options.append) {
    case AppendWay::kStream:
      return std::make_unique<StreamAppender>(channel, log, options.batch_events);
    case AppendWay::kUnary:
      return std::make_unique<UnaryAppender>(channel, log, options.batch_events);
    case AppendWay::kClient:
      break;
  }
  return std::make_unique<ClientAppender>(channel, log, options.batch_events);
}

}  // namespace

BenchRun::BenchRun(std::string server, BenchOptions options, BenchTick tick)
    : server_(std::move(server)),
      options_(std::move(options)),
      tick_(std::move(tick)),
      channel_(NewChannel(server_)),
      log_(channel_, options_.log.empty() ? absl::StrCat("bench-", NewRunName()) : options_.log),
      ledger_(NewRunName(), options_.producers) {
  report_.options = options_;
  report_.server = server_;
  report_.log = log_.name();
  report_.run = ledger_.run();
}

BenchRun::~BenchRun() {
  if (!plan_.stop.HasBeenNotified()) plan_.stop.Notify();
  for (const auto& appender : appenders_) appender->Abort();
}

absl::StatusOr<BenchReport> BenchRun::Run() {
  absl::Status status = OpenLog();
  if (!status.ok()) return status;
  start_ = absl::Now();
  if (options_.verify_only) {
    report_.log_kept = true;
    Verify(nullptr);
    return std::move(report_);
  }
  status = StartFollowers();
  if (!status.ok()) {
    LeaveLog();
    return status;
  }
  const std::optional<pid_t> service = FindListener(server_);
  const std::optional<absl::Duration> service_before = service.has_value() ? ProcessorTime(*service) : std::nullopt;
  const absl::Duration own_before = OwnProcessorTime();
  StartProducers();
  AwaitProducers();
  report_.own_cpu = OwnProcessorTime() - own_before;
  // Only when it is still the same process: what one before it used is not known.
  if (service_before.has_value() && FindListener(server_) == service) {
    const std::optional<absl::Duration> after = ProcessorTime(*service);
    if (after.has_value()) report_.service_cpu = *after - *service_before;
  }
  CollectFigures();
  AwaitFollowers();
  Verify(&ledger_);
  LeaveLog();
  return std::move(report_);
}

absl::Status BenchRun::OpenLog() {
  const absl::Time deadline = absl::Now() + options_.timeout;
  absl::StatusOr<v1::LogStats> stats = options_.log.empty() ? absl::NotFoundError("") : log_.Stats(deadline);
  if (absl::IsNotFound(stats.status()) && !options_.verify_only) {
    const absl::Status made = log_.Create(deadline);
    if (!made.ok()) return made;
    made_log_ = true;
    stats = log_.Stats(deadline);
  }
  if (!stats.ok()) return stats.status();
  before_ = *stats;
  return absl::OkStatus();
}

absl::Status BenchRun::StartFollowers() {
  const absl::Time deadline = absl::Now() + options_.timeout;
  for (int i = 0; i < options_.subscribers; ++i) {
    followers_.push_back(
        std::make_unique<LoadFollower>(NewChannel(server_), log_.name(), before_.head_offset(), ledger_.run()));
  }
  for (const auto& follower : followers_) {
    if (follower->AwaitStarted(deadline)) continue;
    const absl::Status end = follower->figures().end;
    return end.ok() ? absl::UnavailableError("a subscription did not begin in time") : end;
  }
  return absl::OkStatus();
}

void BenchRun::StartProducers() {
  start_ = last_answer_ = plan_.start = absl::Now() + kGetReady;
  plan_.measure_start = start_ + options_.warmup;
  for (const auto& follower : followers_) follower->MeasureFrom(plan_.measure_start);
  if (options_.count.has_value()) {
    plan_.budget = *options_.count;
  } else {
    plan_.end = plan_.measure_start + options_.duration;
  }
  if (options_.rate_per_s.has_value()) {
    plan_.schedule.emplace(start_, static_cast<double>(*options_.rate_per_s), options_.producers);
  }
  plan_.outstanding_max = options_.outstanding;
  plan_.gather = options_.append == AppendWay::kClient ? 1 : options_.batch_events;
  for (int i = 0; i < options_.producers; ++i) appenders_.push_back(NewAppender(server_, log_.name(), options_));
  for (int i = 0; i < options_.producers; ++i) {
    PayloadSource payload(options_.sizes, options_.binary, static_cast<uint64_t>(options_.seed),
                          static_cast<uint64_t>(i));
    producers_.push_back(
        std::make_unique<LoadProducer>(i, plan_, std::move(payload), *appenders_[static_cast<size_t>(i)], ledger_));
  }
}

bool BenchRun::Tick(absl::string_view phase) {
  BenchProgress progress;
  progress.phase = phase;
  progress.elapsed = std::max(absl::Now() - start_, absl::ZeroDuration());
  progress.sent = plan_.sent;
  progress.acknowledged = plan_.acknowledged;
  const bool stop = tick_(progress);
  const absl::Time now = absl::Now();
  const int64_t acknowledged = plan_.acknowledged;
  if (acknowledged != last_acknowledged_ || plan_.sent == acknowledged) {
    last_acknowledged_ = acknowledged;
    last_answer_ = std::max(now, last_answer_);
  }
  report_.longest_pause = std::max(report_.longest_pause, now - last_answer_);
  return stop;
}

void BenchRun::AwaitProducers() {
  const auto all_finished = [this] {
    return std::all_of(producers_.begin(), producers_.end(), [](const auto& one) { return one->finished(); });
  };
  absl::Time give_up = plan_.end + options_.drain;
  while (!all_finished()) {
    const absl::Time now = absl::Now();
    const bool over = stopped_ || now >= plan_.end;
    if (Tick(now < plan_.measure_start ? "warm-up" : over ? "last answers" : "load") && !stopped_) {
      stopped_ = report_.interrupted = true;
      plan_.stop.Notify();
      give_up = std::min(give_up, absl::Now() + options_.drain);
    }
    // A count has no end of its own: it is given up when nothing is answered any more.
    const bool silent = options_.count.has_value() && absl::Now() - last_answer_ > options_.drain;
    if (report_.gave_up || (absl::Now() < give_up && !silent)) continue;
    report_.gave_up = true;
    if (!plan_.stop.HasBeenNotified()) plan_.stop.Notify();
    for (const auto& appender : appenders_) appender->Abort();
  }
}

void BenchRun::CollectFigures() {
  for (const auto& producer : producers_) report_.appends.Add(producer->figures());
  for (const auto& appender : appenders_) {
    report_.connections += appender->connections();
    report_.retries += appender->retries();
    report_.duplicates += appender->duplicates();
  }
  report_.sent = ledger_.sent();
  report_.measured_for = std::max(report_.appends.last_measured - plan_.measure_start, absl::ZeroDuration());
}

void BenchRun::AwaitFollowers() {
  if (followers_.empty()) return;
  const absl::StatusOr<v1::LogStats> now = log_.Stats(absl::Now() + kPatience);
  const absl::Time deadline = absl::Now() + options_.drain;
  for (const auto& follower : followers_) {
    if (!now.ok() || !follower->AwaitOffset(now->head_offset(), deadline)) ++report_.subscribers_behind;
    const LoadFollowerFigures figures = follower->figures();
    report_.deliveries.Merge(figures.latency);
    report_.delivered += figures.delivered;
    report_.delivery_gaps += figures.gaps;
    report_.delivery_disconnects += figures.disconnects;
  }
  followers_.clear();
}

void BenchRun::Verify(const RunLedger* ledger) {
  ChainVerifier verifier(ledger);
  int64_t read = 0;
  const auto more = [&](int64_t next_offset) {
    read = next_offset;
    BenchProgress progress;
    progress.phase = "verification";
    progress.elapsed = absl::Now() - start_;
    progress.verified = read;
    return !tick_(progress);
  };
  const absl::StatusOr<v1::LogStats> after = log_.Stats(absl::Now() + kPatience);
  const int64_t from = ledger == nullptr ? 0 : before_.head_offset();
  absl::Status status = after.status();
  if (after.ok()) status = log_.ReadBack(from, after->head_offset(), before_.epoch(), kPatience, more, verifier);
  report_.verification = verifier.Finish();
  if (!status.ok()) {
    report_.verification.incomplete = absl::StrCat("the log could not be read to its end: ", RpcErrorText(status));
  } else if (ledger == nullptr && report_.verification.producers == 0) {
    report_.verification.incomplete = "the log has no event of a run: none was there, or all are gone";
  }
}

absl::Status BenchRun::AppendEnds() {
  ClientAppender appender(channel_, log_.name(), 1'000);
  for (int producer = 0; producer < options_.producers; ++producer) {
    const std::vector<RunLedger::Entry> entries = ledger_.entries(producer);
    const std::string ranges = AcknowledgedRanges(entries);
    if (ranges.size() > kRangesBytesMax) return absl::ResourceExhaustedError("too many ranges for one event");
    v1::Event event;
    event.set_type(kChainEndType);
    event.mutable_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));  // the log would put in its own
    event.set_text(absl::StrCat("{\"acknowledged\":\"", ranges, "\"}"));
    SealChainEvent(
        {ledger_.run(), producer, static_cast<int64_t>(entries.size()), entries.empty() ? 0 : entries.back().hash},
        event);
    const absl::Status taken = appender.Append(std::move(event), nullptr);
    if (!taken.ok()) return taken;
  }
  return appender.Flush(absl::Now() + options_.drain) ? absl::OkStatus() : absl::UnavailableError("no answer in time");
}

void BenchRun::LeaveLog() {
  // What is wrong is kept, to be looked at.
  report_.log_kept = !made_log_ || options_.keep_log || !report_.sound();
  if (report_.log_kept) {
    AppendEnds().IgnoreError();  // a verification without them says that it does not know
  } else {
    report_.log_kept = !log_.Delete(absl::Now() + options_.timeout).ok();
  }
}

}  // namespace eventlog

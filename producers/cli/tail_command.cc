#include "producers/cli/tail_command.h"

#include <cstdio>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/event_json.h"
#include "eventlog-svc/client/event_stream.h"
#include "eventlog-svc/client/rpc_error.h"

namespace eventlog {
namespace {

const std::vector<FlagSpec>& Flags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"from", "START", "latest (default), earliest, an offset, tail:N, or time:RFC3339"},
      {"type", "TYPE", "only this type, or \"prefix.*\"", true},
      {"subject", "TEXT", "only this subject", true},
      {"source", "TEXT", "only this source", true},
      {"count", "N", "end after N events"},
      {"until-caught-up", "", "end when everything that is there now was printed"},
      {"log", "NAME", "the log; \"events\" when absent"},
      {"timeout_s", "SECONDS", "how long to try when the service is away; for ever when absent"},
  };
  return *flags;
}

// Prints what comes, and knows when it is enough.
class Printer : public EventStreamHandler {
 public:
  explicit Printer(std::optional<int64_t> count) : left_(count) {}

  void OnStarted(const v1::SubscribeResponse::Started&) override {
    reconnecting_for_.clear();
    SetConnected(true);
  }
  void OnBatch(v1::SubscribeResponse::Batch& batch) override {
    std::string out;
    for (const v1::Record& record : batch.records()) {
      if (left_.has_value() && (*left_)-- <= 0) break;
      AppendEventJson(record, /*line=*/true, out);
      out.push_back('\n');
    }
    const bool written = std::fwrite(out.data(), 1, out.size(), stdout) == out.size() && std::fflush(stdout) == 0;
    if (!written || (left_.has_value() && *left_ <= 0)) End(absl::OkStatus());
  }
  void OnGap(const v1::Gap& gap) override {
    std::fprintf(stderr, "eventlog tail: offsets %lld to %lld cannot be delivered: %s\n",
                 static_cast<long long>(gap.start_offset()), static_cast<long long>(gap.next_offset() - 1),
                 v1::GapReason_Name(gap.reason()).c_str());
  }
  void OnDisconnected(const absl::Status& status) override {
    SetConnected(false);
    // Once for a reason, however often it is tried.
    const std::string reason = RpcErrorText(status);
    if (reason != reconnecting_for_) std::fprintf(stderr, "eventlog tail: reconnecting: %s\n", reason.c_str());
    reconnecting_for_ = reason;
  }
  void OnEnded(const absl::Status& status) override { End(status); }

  // Waits for the end; kUnavailable when there was no connection for `timeout`.
  absl::Status Await(absl::Duration timeout) {
    absl::MutexLock lock(&mutex_);
    while (!end_.has_value()) {
      const auto changed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return end_.has_value() || connected_; };
      if (!mutex_.AwaitWithTimeout(absl::Condition(&changed), timeout)) {
        return absl::UnavailableError("the service did not answer in time");
      }
      const auto lost = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return end_.has_value() || !connected_; };
      mutex_.Await(absl::Condition(&lost));
    }
    return *end_;
  }

 private:
  void SetConnected(bool connected) {
    absl::MutexLock lock(&mutex_);
    connected_ = connected;
  }
  void End(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    if (!end_.has_value()) end_ = status;
  }

  // The stream's thread's.
  std::optional<int64_t> left_;
  std::string reconnecting_for_;
  absl::Mutex mutex_;
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
};

absl::Status SetStart(const std::string& from, v1::SubscribeRequest& request) {
  absl::string_view rest = from;
  int64_t number = 0;
  absl::Time time;
  std::string error;
  if (from == "latest") {
    request.mutable_latest();
  } else if (from == "earliest") {
    request.mutable_earliest();
  } else if (absl::ConsumePrefix(&rest, "tail:") && absl::SimpleAtoi(rest, &number) && number >= 0) {
    request.set_tail(number);
  } else if (absl::ConsumePrefix(&rest, "time:") && absl::ParseTime(absl::RFC3339_full, rest, &time, &error) &&
             time != absl::InfiniteFuture() && time != absl::InfinitePast()) {
    const int64_t seconds = absl::ToUnixSeconds(time);
    request.mutable_time()->set_seconds(seconds);
    request.mutable_time()->set_nanos(
        static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  } else if (absl::SimpleAtoi(from, &number) && number >= 0) {
    request.set_offset(number);
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("--from=", from, ": right is latest, earliest, an offset, tail:N, or time:RFC3339"));
  }
  return absl::OkStatus();
}

ExitCode Run(const CommandContext& context, const CommandLine& line) {
  const auto usage = [](const absl::Status& status) {
    std::fprintf(stderr, "eventlog tail: %s\n", std::string(status.message()).c_str());
    return kExitUsage;
  };
  const absl::StatusOr<v1::SubscribeRequest> request = SubscribeRequestFromFlags(line);
  if (!request.ok()) return usage(request.status());
  const absl::StatusOr<int64_t> count = line.GetNumber("count", 0, 1);
  if (!count.ok()) return usage(count.status());
  const absl::StatusOr<int64_t> timeout = line.GetNumber("timeout_s", 0, 0);
  if (!timeout.ok()) return usage(timeout.status());

  Printer printer(line.Has("count") ? std::optional<int64_t>(*count) : std::nullopt);
  EventStreamOptions options;
  options.request = *request;
  EventStream stream(NewChannel(context.server), options, printer);
  const absl::Status end = printer.Await(line.Has("timeout_s") ? absl::Seconds(*timeout) : absl::InfiniteDuration());
  stream.Stop();
  if (end.ok()) return kExitOk;
  std::fprintf(stderr, "eventlog tail: %s\n", RpcErrorText(end).c_str());
  return ToExitCode(end);
}

}  // namespace

absl::StatusOr<v1::SubscribeRequest> SubscribeRequestFromFlags(const CommandLine& line) {
  v1::SubscribeRequest request;
  request.set_log(line.Get("log"));
  const absl::Status start = SetStart(line.Get("from", "latest"), request);
  if (!start.ok()) return start;
  for (const std::string& type : line.GetAll("type")) request.mutable_filter()->add_types(type);
  for (const std::string& subject : line.GetAll("subject")) request.mutable_filter()->add_subjects(subject);
  for (const std::string& source : line.GetAll("source")) request.mutable_filter()->add_sources(source);
  if (line.Has("until-caught-up")) request.mutable_until_caught_up();
  return request;
}

const Command& TailCommand() {
  static constexpr Command kCommand = {
      "tail",
      "",
      "Print events and follow the log",
      "Prints events as JSON, one a line, and goes on until it is stopped. A lost connection is taken up again\n"
      "where it broke.",
      "  eventlog tail --from=earliest --until-caught-up\n"
      "      all that is there\n",
      Flags,
      Run,
  };
  return kCommand;
}

}  // namespace eventlog

#include "producers/cli/tail_command.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/event_stream.h"
#include "eventlog-svc/client/rpc_error.h"
#include "producers/cli/end_watch.h"
#include "producers/cli/log_point.h"
#include "producers/cli/service_flag_specs.h"
#include "producers/cli/start_text.h"
#include "producers/cli/tail_cursor.h"
#include "producers/cli/tail_printer.h"
#include "producers/spool/spool_folder.h"

namespace eventlog {
namespace {

constexpr absl::Duration kLastCommitPatience = absl::Seconds(2);

const std::vector<FlagSpec>& Flags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"from", "START", "latest (default), earliest, an offset, tail:N, or time:RFC3339"},
      {"since", "POINT", "from there: 2026-01-02T03:04:05Z, 10m (ago), or an offset"},
      {"until", "POINT", "end there, in the same forms"},
      {"type", "TYPE", "only this type, or \"prefix.*\"", true},
      {"subject", "TEXT", "only this subject", true},
      {"source", "TEXT", "only this source", true},
      {"attribute", "KEY=VALUE", "only with this attribute; all of those given must be there", true},
      {"cursor", "NAME", "go on where this cursor stands, and commit it behind what is printed"},
      {"count", "N", "end after N events", false, 'n'},
      {"until_caught_up", "", "end when everything that is there now was printed"},
      {"follow", "", "wait for more, which is what it does anyway", false, 'f'},
      kLogFlag,
      {"timeout_s", "SECONDS", "how long to try when the service is away; for ever when absent"},
  };
  return *flags;
}

absl::Status SetBounds(const CommandLine& line, absl::Time now, v1::SubscribeRequest& request) {
  if (line.Has("from") && line.Has("since")) return absl::InvalidArgumentError("give --from or --since, not both");
  if (line.Has("until") + line.Has("until_caught_up") + line.Has("follow") > 1) {
    return absl::InvalidArgumentError("give at most one of --until, --until_caught_up, --follow");
  }
  if (line.Has("since")) {
    const absl::StatusOr<LogPoint> since = ParseLogPoint("since", line.Get("since"), now);
    if (!since.ok()) return since.status();
    if (since->offset.has_value()) request.set_offset(*since->offset);
    if (since->time.has_value()) *request.mutable_time() = ToTimestamp(*since->time);
  } else {
    const absl::Status start = SetStart("from", line.Get("from", "latest"), now, request);
    if (!start.ok()) return start;
  }
  if (line.Has("until_caught_up")) request.mutable_until_caught_up();
  if (!line.Has("until")) return absl::OkStatus();
  const absl::StatusOr<LogPoint> until = ParseLogPoint("until", line.Get("until"), now);
  if (!until.ok()) return until.status();
  if (until->offset.has_value()) request.set_until_offset(*until->offset);
  if (until->time.has_value()) *request.mutable_until_time() = ToTimestamp(*until->time);
  return absl::OkStatus();
}

ExitCode Usage(const absl::Status& status) {
  std::fprintf(stderr, "eventlog tail: %s\n", std::string(status.message()).c_str());
  return kExitUsage;
}

ExitCode Run(const CommandContext& context, const CommandLine& line) {
  const absl::StatusOr<v1::SubscribeRequest> request = SubscribeRequestFromFlags(line, absl::Now());
  if (!request.ok()) return Usage(request.status());
  const absl::StatusOr<int64_t> count = line.GetNumber("count", 0, 1);
  if (!count.ok()) return Usage(count.status());
  const absl::StatusOr<int64_t> timeout_s = line.GetNumber("timeout_s", 0, 0);
  if (!timeout_s.ok()) return Usage(timeout_s.status());
  if (line.Has("cursor") && line.Get("cursor").empty()) {
    return Usage(absl::InvalidArgumentError("--cursor= has no name"));
  }
  const absl::Duration timeout = line.Has("timeout_s") ? absl::Seconds(*timeout_s) : absl::InfiniteDuration();

  EndWatch watch;
  const std::shared_ptr<grpc::Channel> channel = NewChannel(context.server);
  std::unique_ptr<TailCursor> cursor;
  if (line.Has("cursor")) cursor = std::make_unique<TailCursor>(channel, request->log(), line.Get("cursor"));
  TailPrinter printer({stdout, line.Has("count") ? std::optional<int64_t>(*count) : std::nullopt, context.json,
                       context.color, cursor.get(), isatty(STDOUT_FILENO) == 1});
  watch.Start(STDOUT_FILENO, [&] {
    // In this order: behind End the last commit may begin, which is not to be cancelled.
    if (cursor != nullptr) cursor->Cancel();
    printer.End(absl::OkStatus());
  });
  const absl::Cleanup stop_watch = [&] { watch.Stop(); };
  EventStreamOptions options;
  options.request = *request;
  if (cursor != nullptr) {
    const absl::Status taken = cursor->Take(options.request, absl::Now() + timeout,
                                            [&](const absl::Status& status) { printer.SayReconnecting(status); });
    if (!taken.ok()) printer.End(absl::IsCancelled(taken) ? absl::OkStatus() : taken);
  }
  EventStream stream(channel, options, printer);
  absl::Status end = printer.Await(timeout);
  stream.Stop();
  if (cursor != nullptr) {
    const absl::Status committed = cursor->Finish(kLastCommitPatience);
    if (end.ok()) end = committed;
  }
  if (end.ok()) return kExitOk;
  std::fprintf(stderr, "eventlog tail: %s\n", RpcErrorText(end).c_str());
  return ToExitCode(end);
}

}  // namespace

absl::StatusOr<v1::SubscribeRequest> SubscribeRequestFromFlags(const CommandLine& line, absl::Time now) {
  v1::SubscribeRequest request;
  request.set_log(line.Get("log", LogFromEnvironment()));
  const absl::Status bounds = SetBounds(line, now, request);
  if (!bounds.ok()) return bounds;
  for (const std::string& type : line.GetAll("type")) request.mutable_filter()->add_types(type);
  for (const std::string& subject : line.GetAll("subject")) request.mutable_filter()->add_subjects(subject);
  for (const std::string& source : line.GetAll("source")) request.mutable_filter()->add_sources(source);
  for (const std::string& attribute : line.GetAll("attribute")) {
    const size_t equals = attribute.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat("--attribute=", attribute, ": right is KEY=VALUE"));
    }
    const std::string key = attribute.substr(0, equals);
    if (!request.mutable_filter()->mutable_attributes()->insert({key, attribute.substr(equals + 1)}).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("--attribute=", key, "=... is given twice: an attribute has one value"));
    }
  }
  return request;
}

const Command& TailCommand() {
  static constexpr Command kCommand = {
      "tail",
      "",
      "Print events and follow the log",
      "Prints events as JSON, one a line, or on a terminal as lines for people, and goes on until it is stopped. A "
      "lost\n"
      "connection is taken up again where it broke; ranges that are gone are said on standard error. Filters of one\n"
      "kind are alternatives, except attributes; an event must pass all kinds.\n\n"
      "--cursor: the service keeps the place under this name. The first time it begins as --from or --since say, "
      "later\n"
      "where it stands, whatever they say. It is committed behind what is printed, so nothing is missed; what was\n"
      "printed when the program was killed may come again. One `tail` at a time has a cursor: the newest.\n\n"
      "SIGINT, SIGTERM and a reader that has enough end it with 0.",
      "  eventlog tail --from=earliest --until_caught_up\n"
      "      all that is there\n"
      "  eventlog tail --since=10m --type='session.*' --subject=s1\n"
      "      the sessions of the last ten minutes, and what comes\n"
      "  eventlog tail --cursor=mailer --from=earliest | ./mailer\n"
      "      each event, also across restarts of both\n"
      "  eventlog tail --from=tail:100 -n 1 --attribute=region=north\n"
      "      the first of the last hundred that has the attribute, or the next one\n",
      Flags,
      Run,
  };
  return kCommand;
}

}  // namespace eventlog

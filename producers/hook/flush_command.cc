#include "producers/hook/flush_command.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/spool.h"
#include "producers/cli/service_flag_specs.h"
#include "producers/spool/spool_folder.h"
#include "producers/spool/spool_sender.h"

namespace eventlog {
namespace {

constexpr absl::Duration kLookInterval = absl::Milliseconds(20);
// A sender may have been killed.
constexpr absl::Duration kSenderInterval = absl::Seconds(1);

ExitCode Fail(const absl::Status& status) {
  std::fprintf(stderr, "eventlog hook flush: %s\n", std::string(status.message()).c_str());
  return kExitRefused;
}

ExitCode Print(const CommandContext& context, const SpoolStats& stats) {
  const auto events = static_cast<long long>(stats.events);
  const auto bytes = static_cast<long long>(stats.bytes);
  if (context.json) {
    std::printf("{\"events\":%lld,\"bytes\":%lld}\n", events, bytes);
  } else if (events == 0) {
    std::printf("everything is in the log\n");
  } else {
    std::printf("%lld events, %lld bytes, wait for %s\n", events, bytes, context.server.c_str());
  }
  return events == 0 ? kExitOk : kExitUnreachable;
}

const std::vector<FlagSpec>& Flags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"timeout_s", "SECONDS", "how long to wait; 30 when absent"},
      kLogFlag,
  };
  return *flags;
}

ExitCode Run(const CommandContext& context, const CommandLine& line) {
  const absl::StatusOr<int64_t> timeout = line.GetNumber("timeout_s", 30, 0);
  if (!timeout.ok()) {
    Fail(timeout.status());
    return kExitUsage;
  }
  SpoolOptions options;
  options.folder = SpoolFolder(context.server, line.Get("log", LogFromEnvironment()));
  const absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::OpenExisting(options);
  if (absl::IsNotFound(spool.status())) return Print(context, SpoolStats());
  if (!spool.ok()) return Fail(spool.status());
  const absl::Time deadline = absl::Now() + absl::Seconds(*timeout);
  absl::Time next_sender = absl::InfinitePast();
  absl::Notification never;
  while (true) {
    const absl::StatusOr<SpoolStats> stats = (*spool)->Stats();
    if (!stats.ok()) return Fail(stats.status());
    const absl::Time now = absl::Now();
    if (stats->events == 0 || now >= deadline) return Print(context, *stats);
    if (now >= next_sender) {
      const absl::Status sender = EnsureSpoolSender(options.folder);
      if (!sender.ok()) return Fail(sender);
      next_sender = now + kSenderInterval;
    }
    never.WaitForNotificationWithTimeout(kLookInterval);
  }
}

}  // namespace

const Command& HookFlushCommand() {
  static const Command command = {
      "hook flush",
      "",
      "Waits until what the hooks have kept is in the log",
      "Prints what is left: {\"events\":N,\"bytes\":N}.",
      "  eventlog hook flush --timeout_s=5\n"
      "      wait for 5 s at most\n",
      &Flags,
      &Run,
      "Exit codes: 0 everything is in the log, 1 not done, 2 wrong command line, 3 something is left.\n",
  };
  return command;
}

}  // namespace eventlog

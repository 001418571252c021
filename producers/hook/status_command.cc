#include "producers/hook/status_command.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/client/spool.h"
#include "eventlog-svc/client/spool_sender_lock.h"
#include "eventlog-svc/client/terminal_json.h"
#include "producers/cli/harmless_text.h"
#include "producers/cli/service_flag_specs.h"
#include "producers/hook/lost_events.h"
#include "producers/spool/spool_folder.h"
#include "producers/spool/spool_sender.h"

namespace eventlog {
namespace {

struct HookStatus {
  std::string folder;
  std::string server;
  std::string log;
  SpoolStats stats;
  bool sends = false;
  std::optional<Spool::RejectedEvent> rejected;  // the last one
};

void AppendText(absl::string_view name, absl::string_view text, std::string& json) {
  absl::StrAppend(&json, json.size() > 1 ? "," : "", "\"", name, "\":");
  AppendJsonString(text, json);
}

std::string Time(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()); }

std::string ToJson(const HookStatus& status) {
  std::string json = "{";
  AppendText("folder", status.folder, json);
  AppendText("server", status.server, json);
  AppendText("log", status.log, json);
  absl::StrAppend(&json, ",\"events\":", status.stats.events, ",\"bytes\":", status.stats.bytes,
                  ",\"added\":", status.stats.added, ",\"acknowledged\":", status.stats.acknowledged,
                  ",\"rejected\":", status.stats.rejected, ",\"dropped\":", status.stats.dropped,
                  ",\"sender_running\":", status.sends ? "true" : "false");
  if (status.stats.oldest) AppendText("oldest", Time(*status.stats.oldest), json);
  if (status.rejected) {
    std::string rejected = "{";
    AppendText("time", Time(status.rejected->time), rejected);
    AppendText("type", status.rejected->event.type(), rejected);
    AppendText("subject", status.rejected->event.subject(), rejected);
    AppendText("reason", status.rejected->reason, rejected);
    absl::StrAppend(&json, ",\"last_rejected\":", rejected, "}");
  }
  return json + "}\n";
}

std::string ToText(const HookStatus& status) {
  const SpoolStats& stats = status.stats;
  std::string text = absl::StrCat("spool    ", Harmless(status.folder), "\nlog      ", Harmless(status.log), " at ",
                                  status.server, "\nwaiting  ", stats.events, " events, ", stats.bytes, " bytes");
  if (stats.oldest) {
    absl::StrAppend(&text, ", the oldest for ",
                    absl::FormatDuration(absl::Trunc(absl::Now() - *stats.oldest, absl::Seconds(1))));
  }
  absl::StrAppend(&text, "\nsender   ", status.sends ? "running" : "none", "\nsince the spool was made: ", stats.added,
                  " added, ", stats.acknowledged, " in the log, ", stats.rejected, " refused by the log, ",
                  stats.dropped, " dropped\n");
  if (status.rejected) {
    const std::string reason =
        absl::StrCat(status.rejected->event.type(), " at ", Time(status.rejected->time), ": ", status.rejected->reason);
    // It quotes the event, which is whoever's: what a terminal would obey is written out.
    absl::StrAppend(&text, "last refused: ", Harmless(reason), "\n");
  }
  return text;
}

absl::StatusOr<bool> SomebodyHoldsTheLock(const std::string& folder) {
  const absl::StatusOr<std::unique_ptr<SpoolSenderLock>> lock = SpoolSenderLock::TryTake(folder);
  if (!lock.ok()) return lock.status();
  return *lock == nullptr;
}

absl::Status LookIntoSpool(HookStatus& status) {
  SpoolOptions options;
  options.folder = status.folder;
  const absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::OpenExisting(options);
  if (absl::IsNotFound(spool.status())) return absl::OkStatus();
  if (!spool.ok()) return spool.status();
  const absl::StatusOr<std::vector<Spool::RejectedEvent>> rejected = (*spool)->Rejected(1);
  if (!rejected.ok()) return rejected.status();
  if (!rejected->empty()) status.rejected = rejected->front();
  const absl::StatusOr<bool> sends = SomebodyHoldsTheLock(status.folder);
  if (!sends.ok()) return sends.status();
  status.sends = *sends;
  const absl::StatusOr<SpoolStats> stats = (*spool)->Stats();
  if (!stats.ok()) return stats.status();
  status.stats = *stats;
  if (status.sends || stats->events == 0) return absl::OkStatus();
  // There is none, or one came while we held the lock, and has gone again because of us.
  const absl::Status started = EnsureSpoolSender(status.folder);
  if (!started.ok()) return started;
  status.sends = true;
  return absl::OkStatus();
}

absl::Status Look(HookStatus& status) {
  const absl::Status looked = LookIntoSpool(status);
  // What the spool could not even count.
  status.stats.dropped += LostEvents(status.folder).Total();
  return looked;
}

const std::vector<FlagSpec>& Flags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      kLogFlag,
  };
  return *flags;
}

ExitCode Run(const CommandContext& context, const CommandLine& line) {
  HookStatus status;
  status.log = line.Get("log", LogFromEnvironment());
  status.server = context.server;
  status.folder = SpoolFolder(context.server, status.log);
  const absl::Status looked = Look(status);
  if (!looked.ok()) {
    std::fprintf(stderr, "eventlog hook status: %s\n", std::string(looked.message()).c_str());
    return kExitRefused;
  }
  std::fputs((context.json ? JsonFor(STDOUT_FILENO, ToJson(status)) : ToText(status)).c_str(), stdout);
  return kExitOk;
}

}  // namespace

const Command& HookStatusCommand() {
  static const Command command = {
      "hook status",
      "",
      "What the hooks have kept, and what became of it",
      "The spool of --server and --log: what waits, whether somebody sends, what the log has refused.",
      "  eventlog hook status --json\n"
      "      one JSON object\n",
      &Flags,
      &Run,
      kLocalExitCodesHelp,
  };
  return command;
}

}  // namespace eventlog

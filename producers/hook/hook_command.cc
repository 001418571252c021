#include "producers/hook/hook_command.h"

#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/client/spool.h"
#include "producers/cli/service_flag_specs.h"
#include "producers/hook/hook_events.h"
#include "producers/hook/hook_exit_code.h"
#include "producers/hook/lost_events.h"
#include "producers/hook/payload_reader.h"
#include "producers/spool/spool_folder.h"
#include "producers/spool/spool_sender.h"

namespace eventlog {
namespace {

constexpr char kSessionVariable[] = "EVENTLOG_SESSION_ID";
constexpr char kDefaultSource[] = "/hook";
// Many hooks at once wait for each other.
constexpr absl::Duration kBusyMax = absl::Seconds(5);

// What went wrong, in one line, and the strict exit code.
struct Outcome {
  HookExitCode code = kHookKept;
  std::string what;
};

Outcome OutcomeOf(HookFault fault, const Payload& payload, const HookEventOptions& options) {
  const std::string bytes = absl::StrCat(payload.bytes_read, " bytes");
  switch (fault) {
    case HookFault::kNone:
      return {};
    case HookFault::kInvalidJson:
      return {kHookInvalidJson, absl::StrCat("standard input, ", bytes, ", is no JSON in UTF-8; right is one object")};
    case HookFault::kNotAnObject:
      return {kHookNotAnObject,
              absl::StrCat("standard input, ", bytes, ", is JSON but no object; right is one object")};
    case HookFault::kPayloadTooLarge:
      return {kHookPayloadTooLarge,
              absl::StrCat("standard input has ", bytes, "; at most ", options.payload_bytes_max)};
    case HookFault::kInputUnfinished:
      return {kHookInputUnfinished,
              absl::StrCat("standard input has not ended in time, after ", bytes, " that are no whole object",
                           payload.status.ok() ? "" : absl::StrCat(": ", payload.status.message()),
                           "; --input_timeout_ms waits longer")};
  }
  return {};
}

// Of an event that is kept, where the server or the token may be another one than was meant.
Outcome KeptWithProblems(const CommandContext& context) {
  if (context.problems.empty()) return {};
  return {kHookConfigWrong, absl::StrCat("the event is kept for ", context.server,
                                         ", without what is wrong: ", absl::StrJoin(context.problems, "; "))};
}

// What a full disk must still be told when it ends SQLite's mapped memory under us: SIGBUS.
struct BusErrorPlan {
  const LostEvents* lost = nullptr;
  int64_t events = 0;
  bool kept = false;
  bool strict = false;
};
BusErrorPlan bus_error_plan;

// The event is counted, if it is lost; the agent goes on. Nothing but system calls.
[[noreturn]] void EndAtBusError(int) {
  static constexpr char kLost[] = "eventlog hook: the event is lost: the disk of the spool is full\n";
  static constexpr char kKept[] = "eventlog hook: the event is kept; nobody sends it now: the disk is full\n";
  const BusErrorPlan& plan = bus_error_plan;
  if (plan.lost != nullptr) plan.lost->Add(plan.events);
  [[maybe_unused]] const ssize_t written =
      write(STDERR_FILENO, plan.kept ? kKept : kLost, plan.kept ? sizeof(kKept) - 1 : sizeof(kLost) - 1);
  _exit(!plan.strict ? kHookKept : plan.kept ? kHookNoSender : kHookDiskFull);
}

Outcome NotKept(const absl::Status& status, bool spool_is_full) {
  const std::string what = absl::StrCat("the event is lost: ", status.message());
  // This is both a full spool and a full disk.
  if (absl::IsResourceExhausted(status)) return {spool_is_full ? kHookSpoolFull : kHookDiskFull, what};
  return {absl::IsUnavailable(status) ? kHookSpoolBusy : kHookSpoolUnusable, what};
}

Outcome Keep(const CommandContext& context, const CommandLine& line, int64_t spool_bytes_max,
             const HookEventOptions& event_options, const std::vector<v1::Event>& events) {
  const std::string log = line.Get("log", LogFromEnvironment());
  SpoolOptions options;
  options.bytes_max = spool_bytes_max;
  options.folder = SpoolFolder(context.server, log);
  options.busy_max = kBusyMax;
  if (options.folder.empty()) {
    return {kHookSpoolUnusable, "the event is lost: there is no HOME to spool in; EVENTLOG_SPOOL_DIR names a folder"};
  }
  LostEvents lost(options.folder);
  bus_error_plan.lost = &lost;
  bus_error_plan.events = static_cast<int64_t>(events.size());
  const absl::Cleanup no_plan = [] { bus_error_plan.lost = nullptr; };
  const absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::Open(options, {context.server, log});
  bool is_full = false;
  const auto note_full = [&] {
    is_full = true;
    return false;
  };
  const absl::Status added = spool.ok() ? (*spool)->Add(events, note_full, nullptr) : spool.status();
  if (!added.ok()) {
    // A spool that is full has counted it itself.
    if (!is_full) lost.Add(static_cast<int64_t>(events.size()));
    return NotKept(added, is_full);
  }
  bus_error_plan.kept = true;
  bus_error_plan.lost = nullptr;
  lost.Tell(
      [&](int64_t count, int64_t total) { return (*spool)->Add({MakeLostEvent(count, total, event_options)}).ok(); });
  const absl::Status sender = EnsureSpoolSender(options.folder);
  if (sender.ok()) return {};
  return {kHookNoSender,
          absl::StrCat("the event is kept in ", options.folder, "; nobody sends it now: ", sender.message())};
}

const std::vector<FlagSpec>& Flags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"strict", "", "say with the exit code what went wrong"},
      kLogFlag,
      {"source", "SOURCE", "source of the event; \"/hook\" when absent"},
      {"input_timeout_ms", "MS", "how long to wait for the end of standard input; 5000 when absent"},
      {"spool_bytes", "BYTES", "how much may wait for the log; 1073741824 when absent"},
      {"part_bytes", "BYTES", "how much of a payload one event takes; for a log with another bound than 1 MiB"},
  };
  return *flags;
}

ExitCode Run(const CommandContext& context, const CommandLine& line) {
  const bool strict = line.Has("strict");
  bus_error_plan = {nullptr, 0, /*kept=*/false, strict};
  signal(SIGBUS, EndAtBusError);
  const auto end = [&](const Outcome& outcome) {
    if (!outcome.what.empty()) {
      std::fprintf(stderr, "eventlog hook: %s\n", absl::StrReplaceAll(outcome.what, {{"\n", " "}}).c_str());
    }
    return static_cast<ExitCode>(strict ? outcome.code : kHookKept);
  };
  HookEventOptions options;
  options.time = absl::Now();
  options.source = line.Get("source", kDefaultSource);
  if (const char* session = std::getenv(kSessionVariable); session != nullptr) options.session_id = session;
  const absl::StatusOr<int64_t> timeout = line.GetNumber("input_timeout_ms", 5000, 1);
  const absl::StatusOr<int64_t> part_bytes = line.GetNumber("part_bytes", options.part_bytes_max, 4);
  const absl::StatusOr<int64_t> spool_bytes = line.GetNumber("spool_bytes", SpoolOptions().bytes_max, 1);
  for (const absl::Status& status : {timeout.status(), part_bytes.status(), spool_bytes.status()}) {
    if (status.ok()) continue;
    return end({kHookWrongLine, std::string(status.message())});
  }
  options.part_bytes_max = *part_bytes;
  PayloadReaderOptions reader_options;
  reader_options.timeout = absl::Milliseconds(*timeout);
  const Payload payload = ReadPayload(STDIN_FILENO, reader_options, IsJson);
  const HookEvents hook = MakeHookEvents(payload, options);
  const Outcome kept = Keep(context, line, *spool_bytes, options, hook.events);
  if (kept.code != kHookKept) return end(kept);
  const Outcome fault = OutcomeOf(hook.fault, payload, options);
  return end(fault.code == kHookKept ? KeptWithProblems(context) : fault);
}

}  // namespace

const Command& HookCommand() {
  static const Command command = {
      "hook",
      "",
      "Appends what a coding agent gives to its hook",
      "Reads one JSON object from standard input and appends it, byte for byte, as `hook.<name>` with the name that "
      "its\n"
      "hook_event_name has in snake_case: PreToolUse is hook.pre_tool_use. The subject is EVENTLOG_SESSION_ID of the\n"
      "environment, which `session run` sets, or else the object's session_id. Does not wait for the log: the event "
      "is\n"
      "kept in the user's spool and sent from there, also later. `eventlog hook install` has an agent call it.\n\n"
      "A payload that is larger than an event may be, up to 8 MiB, comes in parts: events of the same type with the\n"
      "attributes part, parts and payload_id. What is larger becomes an event that says so, with the attributes "
      "reason\n"
      "and payload_bytes; what is no JSON object becomes hook.invalid, with its bytes.\n"
      "A configuration file with a mistake hinders no hook: it is told on standard error, and the rest of the file is\n"
      "used. Where no token is left then, the events stay in the spool until the file is right.\n"
      "What is lost because the disk is full, or the spool cannot be written, is counted as dropped (hook status), "
      "and\n"
      "the next hook that keeps its event also appends hook.lost with the numbers lost and lost_total.",
      "  eventlog hook < payload.json\n"
      "      append one payload\n"
      "  eventlog hook --strict < payload.json\n"
      "      and say with the exit code whether it is kept\n",
      &Flags,
      &Run,
      kHookExitCodesHelp,
      kExitOk,
      static_cast<ExitCode>(kHookWrongLine),
  };
  return command;
}

}  // namespace eventlog

#include "producers/session/run_command.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "producers/cli/command_line.h"
#include "producers/cli/service_flag_specs.h"
#include "producers/config/service_settings.h"
#include "producers/session/event_sink.h"
#include "producers/session/output_chunks.h"
#include "producers/session/plain_run.h"
#include "producers/session/repair_thread.h"
#include "producers/session/session_environment.h"
#include "producers/session/session_id.h"
#include "producers/session/session_record.h"
#include "producers/session/session_registry.h"
#include "producers/session/signal_inbox.h"
#include "producers/session/spool_adder.h"
#include "producers/session/terminal_run.h"
#include "producers/spool/spool_folder.h"

namespace eventlog {
namespace {

// For the last events, once the command has ended.
constexpr absl::Duration kClosePatience = absl::Seconds(2);

const std::vector<FlagSpec>& RunFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"name", "NAME", "a name for people, beside the session's id"},
      {"output", "", "also append what the command prints, as session.output"},
      {"output_bytes_per_second_max", "N", "what is printed faster is left out, and counted; 262144 when absent"},
      {"idle_after_s", "N", "on a terminal: a command that prints nothing for so many seconds is idle; 60 when absent"},
      kServerFlag,
      kLogFlag,
      kTokenFlag,
      kConfigFlag,
      kInsecureFlag,
      {"help", "", "this text", false, 'h'},
  };
  return *flags;
}

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

SessionCommand CommandOf(const RunOptions& options, const std::string& session_id, const sigset_t& mask) {
  return {options.command, SessionEnvironment(OwnEnvironment(), session_id, options.server, options.log), "", mask};
}

SessionRecordOptions RecordOf(const RunOptions& options, const std::string& session_id) {
  SessionRecordOptions record;
  const absl::Time now = absl::Now();
  record.session_id = session_id;
  record.client_id = NewSessionId(now);
  record.name = options.name;
  record.command = options.command;
  std::error_code error;
  record.cwd = std::filesystem::current_path(error).string();
  record.server = options.server;
  record.log = options.log;
  record.parent_session_id = Variable(kSessionIdVariable);
  winsize size = {};
  if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) record.size = size;
  record.idle_after = absl::Seconds(options.idle_after_s);
  if (options.output) record.output = OutputAtRate(options.output_bytes_per_second_max);
  return record;
}

absl::StatusOr<ProcessChange> Run(const SessionCommand& command, SignalInbox& signals, SessionRecord& record) {
  if (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) {
    TerminalRun run(STDIN_FILENO, STDOUT_FILENO, signals, record);
    absl::StatusOr<ProcessChange> end = run.Run(command, isatty(STDERR_FILENO) == 1);
    if (!absl::IsResourceExhausted(end.status())) return end;
    // A machine without a PTY to spare is no reason not to run the command.
  }
  return RunPlain(command, signals, record);
}

// As Report: also of no use to anybody while the command has the terminal.
void Remark(const std::vector<std::string>& remarks) {
  if (isatty(STDERR_FILENO) != 1) return;
  for (const std::string& remark : remarks) std::fprintf(stderr, "session: %s\n", remark.c_str());
}

// A person is told; whoever reads standard error from a file or a pipe wants the command's, and nothing else.
void Report(const EventSinkCounts& counts, const std::string& session_id) {
  if (counts.events_dropped + counts.output_dropped == 0 || isatty(STDERR_FILENO) != 1) return;
  std::fprintf(stderr, "session: %lld events of session %s are not kept: %s\n",
               static_cast<long long>(counts.events_dropped + counts.output_dropped), session_id.c_str(),
               std::string(counts.last_error.message()).c_str());
}

// The events and their keeping around a run. Returns how the command ended.
absl::StatusOr<ProcessChange> RunRecorded(const RunOptions& options, SignalInbox& signals,
                                          const std::function<absl::Status(const std::string&)>& ensure_sender) {
  const std::string session_id = NewSessionId(absl::Now());
  SpoolAdder adder(SpoolAdderOptions{options.server, options.log, ensure_sender, absl::Seconds(1)});
  EventSinkOptions sink_options;
  sink_options.add = [&adder](const std::vector<v1::Event>& events) { return adder.Add(events); };
  EventSink sink(std::move(sink_options));
  const absl::StatusOr<SessionRegistry> registry = SessionRegistry::Open(SessionRegistryFolder());
  SessionRecord record(RecordOf(options, session_id), sink, registry.ok() ? &*registry : nullptr);
  std::optional<RepairThread> repair;
  if (registry.ok()) {
    repair.emplace(*registry, RepairThreadOptions{options.server, options.log, ensure_sender, options.has_token});
  }
  absl::StatusOr<ProcessChange> end = Run(CommandOf(options, session_id, signals.mask_before()), signals, record);
  if (!end.ok()) record.StartFailed();
  const EventSinkCounts counts = sink.Close(absl::Now() + kClosePatience);
  record.Settle(counts);
  Report(counts, session_id);
  return end;
}

}  // namespace

absl::StatusOr<RunOptions> ParseRunArguments(const std::vector<std::string>& arguments) {
  size_t used = 0;
  const absl::StatusOr<CommandLine> line = CommandLine::ParseLeading(arguments, RunFlags(), used);
  if (!line.ok()) return line.status();
  RunOptions options;
  options.help = line->Has("help");
  options.name = line->Get("name");
  const ServiceFlags service = ServiceFlagsOf(CommandLine(), *line);
  const absl::StatusOr<ServiceSettings> found = FindServiceSettings(service);
  if (!found.ok()) return found.status();
  // A token of the file stays there: the command may live longer than it.
  PutIntoEnvironment(found->config_path, service.token.value_or(""), service.insecure);
  options.server = found->server;
  options.has_token = !found->token.empty();
  for (const std::string& problem : found->problems) options.remarks.push_back("left out: " + problem);
  for (const std::string& warning : found->warnings) options.remarks.push_back("warning: " + warning);
  options.log = line->Get("log", Variable(kLogVariable));
  options.output = line->Has("output");
  const absl::StatusOr<int64_t> rate =
      line->GetNumber("output_bytes_per_second_max", options.output_bytes_per_second_max, 1);
  if (!rate.ok()) return rate.status();
  options.output_bytes_per_second_max = *rate;
  const absl::StatusOr<int64_t> idle_after_s = line->GetNumber("idle_after_s", options.idle_after_s, 1);
  if (!idle_after_s.ok()) return idle_after_s.status();
  options.idle_after_s = *idle_after_s;
  if (used < arguments.size() && arguments[used] == "--") ++used;
  options.command.assign(arguments.begin() + static_cast<std::ptrdiff_t>(used), arguments.end());
  if (options.command.empty() && !options.help) {
    return absl::InvalidArgumentError("there is no command; right is session run [FLAGS] -- COMMAND...");
  }
  return options;
}

std::string RunHelp() {
  return absl::StrCat(
      "session run [FLAGS] -- COMMAND...\n\n"
      "Runs COMMAND as without it, and appends its life to the log: client.connected, session.created,\n"
      "session.state_changed, session.removed, client.disconnected. The command has EVENTLOG_SESSION_ID and\n"
      "EVENTLOG_SERVER in its environment. On a terminal it has a PTY of its own; where standard input or output is\n"
      "none, it has those streams as they are.\n\n",
      CommandLine::Help(RunFlags()), "\n", kServiceHelp,
      "What is wrong with the file or the environment is left out, and hinders no command: a person is told behind\n"
      "its end, where standard error is a terminal, and the log of the spool's sender has it. Where no token is left\n"
      "then, the events stay in the spool until the file is right. The command has --token, --insecure and --config\n"
      "in its environment, too, for its hooks.\n"
      "\n"
      "--output sees what is printed on the PTY. Without one, standard output and standard error are pipes of this\n"
      "program in the place of pipes, sockets and files: the command hears of a reader that goes away a moment later,\n"
      "it cannot seek in a file, and what does not fit on a disk is an error of this program, which ends with 1 then,\n"
      "not with 0. It does not see a terminal there, or a standard error that is redirected beside a PTY. Who is left\n"
      "in the background prints on, unseen.\n"
      "\nExamples:\n"
      "  session run -- vim notes.txt                 edits, as a session of its own\n"
      "  session run --name=nightly -- make all       a build that others can find by its name\n"
      "  session run --output -- claude               an agent, with all that it prints\n"
      "  session run --output -- make > log 2>&1      a build, with all that it prints, in a file as well\n\n"
      "Exit code: the command's; 128 and the signal's number where one ended it; 127 or 126 where it could not be\n"
      "started; 2 wrong command line. A log that is away changes none of it: events wait in the user's spool.\n");
}

int RunSession(const std::vector<std::string>& arguments,
               std::function<absl::Status(const std::string&)> ensure_sender) {
  const absl::StatusOr<RunOptions> options = ParseRunArguments(arguments);
  if (!options.ok()) {
    std::fprintf(stderr, "session run: %s\n", std::string(options.status().message()).c_str());
    return 2;
  }
  if (options->help) {
    std::fputs(RunHelp().c_str(), stdout);
    return 0;
  }
  // Before any thread.
  SignalInbox signals;
  const absl::StatusOr<ProcessChange> end = RunRecorded(*options, signals, ensure_sender);
  Remark(options->remarks);
  if (!end.ok()) {
    std::fprintf(stderr, "session: %s\n", std::string(end.status().message()).c_str());
    return ShellExitCode(end.status());
  }
  if (end->kind == ProcessChange::kExited) return end->value;
  if (end->kind == ProcessChange::kLost) return 1;
  signals.Die(end->value);
  return 128 + end->value;
}

}  // namespace eventlog

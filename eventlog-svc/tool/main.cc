// eventlog-admin: what people do with stored logs: check them, look into them, back them up, put them back.
//
// Exit codes: 0 done and sound, 1 done and damaged, 2 wrong command line, 3 not done.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/bearer_token.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/program_flags.h"
#include "eventlog-svc/client/rpc_error.h"
#include "eventlog-svc/client/standard_output.h"
#include "eventlog-svc/client/terminal_json.h"
#include "eventlog-svc/engine/embedded/data_folder.h"
#include "eventlog-svc/engine/log_name.h"
#include "eventlog-svc/storage/log_verifier.h"
#include "eventlog-svc/storage/posix_file_system.h"
#include "eventlog-svc/storage/stored_folder.h"
#include "eventlog-svc/tool/backup_writer.h"
#include "eventlog-svc/tool/command_flags.h"
#include "eventlog-svc/tool/log_backup.h"
#include "eventlog-svc/tool/log_dump.h"
#include "eventlog-svc/tool/log_restorer.h"
#include "eventlog-svc/tool/report_lines.h"
#include "eventlog-svc/tool/unfinished_log.h"
#include "glog/logging.h"

ABSL_FLAG(std::string, data_dir, "", "verify, dump, restore: the data folder of a stopped service, or a backup");
ABSL_FLAG(std::string, log, "", "the log; verify, backup, restore: all logs where it is not given; dump: \"events\"");
ABSL_FLAG(
    std::string, server, eventlog::kDefaultServer,
    "backup: HOST:PORT of the running service, or several with commas between: the first that answers; where it is "
    "not given, EVENTLOG_SERVER of the environment");
ABSL_FLAG(std::string, to, "", "backup: the folder to write to; it may hold backups of other logs");
ABSL_FLAG(std::string, from, "", "restore: the backup, or the data folder of another stopped service");
ABSL_FLAG(bool, keep_epoch, false,
          "restore: for a log that is moved and whose old copy is gone for good: cursors that clients hold stay valid");
ABSL_FLAG(bool, json, false, "print one JSON object a line; dump does so in any case");
ABSL_FLAG(int, damaged_exit_code, 1,
          "what to end with when all was done and damage was found, for programs that run this one");

namespace {

constexpr int kExitDamaged = 1;
constexpr int kExitNotDone = 3;

constexpr char kHelp[] =
    "eventlog-admin COMMAND FLAGS\n\n"
    "  verify   --data_dir=FOLDER [--log=NAME]\n"
    "           holds every stored byte against its checksum; a line for each segment\n"
    "  dump     --data_dir=FOLDER [--log=NAME]\n"
    "           one log as JSON lines: records, gaps, state\n"
    "  backup   --server=HOST:PORT --to=FOLDER [--log=NAME]\n"
    "           copies the logs of a running service, each as it is at one moment; verify and dump read the copy\n"
    "  restore  --from=FOLDER --data_dir=FOLDER [--log=NAME] [--keep_epoch]\n"
    "           puts them into the folder of a stopped service, under a new epoch: cursors that clients hold become\n"
    "           an error instead of a guess; named cursors and producers are as they were\n\n"
    "Neither backup nor restore writes over a log that is there. verify and dump are for the folder of a stopped\n"
    "service and change nothing.\n\n"
    "Examples:\n"
    "  eventlog-admin backup --server=127.0.0.1:7431 --to=/backups/monday\n"
    "  eventlog-admin verify --data_dir=/backups/monday\n"
    "  eventlog-admin restore --from=/backups/monday --data_dir=/var/lib/eventlog --log=orders\n\n"
    "backup sends the token of EVENTLOG_TOKEN, to another machine only with EVENTLOG_INSECURE=1: there is no TLS.\n"
    "With --json verify, backup and restore print one JSON object a line.\n"
    "Exit codes: 0 done and sound, 1 done, but what was read is damaged, 2 wrong command line, 3 not done.";

using eventlog::DataFolder;

const std::vector<eventlog::CommandFlags>& Commands() {
  static const auto* const commands =
      new std::vector<eventlog::CommandFlags>{{"verify", {"data_dir", "log"}},
                                              {"dump", {"data_dir", "log"}},
                                              {"backup", {"server", "to", "log"}},
                                              {"restore", {"from", "data_dir", "log", "keep_epoch"}}};
  return *commands;
}

// A folder that the command line names.
struct NamedFolder {
  absl::string_view flag;
  DataFolder data;

  bool Exists() const {
    std::error_code error;
    return std::filesystem::exists(data.path(), error);
  }
  absl::Status Refuse(absl::StatusCode code, absl::string_view why) const {
    return absl::Status(code, absl::StrCat("--", flag, "=", data.path(), ": ", why));
  }
};

// `bazel run` starts programs in a folder of its own, and says where the user stands.
std::string FromHere(const std::string& folder) {
  const char* const here = std::getenv("BUILD_WORKING_DIRECTORY");
  return here == nullptr || folder.empty() || folder[0] == '/' ? folder : absl::StrCat(here, "/", folder);
}

int Say(const absl::Status& status, int code) {
  std::fprintf(stderr, "eventlog-admin: %s\n", eventlog::RpcErrorText(status).c_str());
  return code;
}

eventlog::ReportLines Lines() { return eventlog::ReportLines(absl::GetFlag(FLAGS_json)); }

void Print(const std::string& lines) { std::fputs(lines.c_str(), stdout); }

eventlog::OnDamage PrintDamageOf(const std::string& log) {
  return [log](const eventlog::SegmentReport& report) { Print(Lines().Segment(log, report)); };
}

int CodeOf(const eventlog::VerifySummary& summary) { return summary.damaged_segment_count == 0 ? 0 : kExitDamaged; }

// Returns the exit code.
int PrintCopy(const DataFolder& to, const std::string& log, const absl::StatusOr<eventlog::LogCopy>& copy) {
  if (!copy.ok()) return Say(copy.status(), kExitNotDone);
  Print(Lines().Copy(log, *copy, to.LogFolder(log)));
  return CodeOf(copy->summary);
}

// To write to; made where it is missing.
absl::StatusOr<std::unique_ptr<eventlog::FileLock>> LockFolder(const NamedFolder& folder, absl::string_view advice) {
  std::error_code error;
  if (std::filesystem::exists(folder.data.path(), error) && !std::filesystem::is_directory(folder.data.path(), error)) {
    return folder.Refuse(absl::StatusCode::kUnavailable, "it is not a folder");
  }
  absl::StatusOr<std::unique_ptr<eventlog::FileLock>> lock = folder.data.Lock();
  if (lock.ok()) return lock;
  if (!absl::IsFailedPrecondition(lock.status())) return folder.Refuse(lock.status().code(), lock.status().message());
  return folder.Refuse(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat("it is in use: ", lock.status().message(), "; ", advice));
}

// To read from: an error where it is no folder with `log`, or with any log where that is empty. Null where nobody ever
// used the folder, or where it cannot be written to. kFailedPrecondition when somebody uses it.
absl::StatusOr<std::unique_ptr<eventlog::FileLock>> LockSource(const NamedFolder& folder, const std::string& log,
                                                               absl::string_view advice) {
  std::error_code error;
  const auto is_there = [&error](const std::string& path) { return std::filesystem::exists(path, error) || error; };
  if (!is_there(folder.data.path())) return folder.Refuse(absl::StatusCode::kNotFound, "there is no such folder");
  if (!std::filesystem::is_directory(folder.data.path(), error) && !error) {
    return folder.Refuse(absl::StatusCode::kNotFound, "it is not a folder");
  }
  if (!is_there(folder.data.LogsFolder())) return folder.Refuse(absl::StatusCode::kNotFound, "there is no log in it");
  if (!log.empty() && !is_there(folder.data.LogFolder(log))) {
    return folder.Refuse(absl::StatusCode::kNotFound, absl::StrCat("there is no log \"", log, "\" in it"));
  }
  if (!is_there(absl::StrCat(folder.data.path(), "/lock"))) return nullptr;
  absl::StatusOr<std::unique_ptr<eventlog::FileLock>> held = LockFolder(folder, advice);
  if (held.ok() || absl::IsFailedPrecondition(held.status())) return held;
  return nullptr;
}

int VerifyLog(const DataFolder& data, const std::string& log) {
  const std::string folder = data.LogFolder(log);
  absl::StatusOr<std::vector<eventlog::StoredSegment>> segments =
      eventlog::FindStoredSegments(data.file_system(), folder);
  if (!segments.ok()) return Say(segments.status(), kExitNotDone);
  if (segments->empty()) return Say(absl::NotFoundError("there is no segment in " + folder), kExitNotDone);
  eventlog::LogVerifier verifier(*std::move(segments), {});
  while (true) {
    const absl::StatusOr<std::optional<eventlog::SegmentReport>> report = verifier.Next();
    if (!report.ok()) return Say(report.status(), kExitNotDone);
    if (!report->has_value()) break;
    Print(Lines().Segment(log, **report));
    std::fflush(stdout);  // a segment may take long
  }
  Print(Lines().Summary(log, verifier.summary()));
  return CodeOf(verifier.summary());
}

int DumpLog(const NamedFolder& folder, const std::string& log) {
  const auto lock = LockSource(folder, log, "stop the service, or look into a backup of it");
  if (!lock.ok()) return Say(lock.status(), kExitNotDone);
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  const auto print = [terminal](absl::string_view line) {
    const std::string text = terminal ? eventlog::TerminalJson(line) : std::string(line);
    std::printf("%s\n", text.c_str());
  };
  const absl::Status dumped = eventlog::DumpLog(folder.data.file_system(), folder.data.LogFolder(log), print);
  return dumped.ok() ? 0 : Say(dumped, absl::IsDataLoss(dumped) ? kExitDamaged : kExitNotDone);
}

// The log of --log, or all of the folder.
absl::StatusOr<std::vector<std::string>> ChosenLogs(const NamedFolder& folder) {
  if (const std::string log = absl::GetFlag(FLAGS_log); !log.empty()) return std::vector<std::string>{log};
  absl::StatusOr<std::vector<std::string>> logs = folder.data.FindLogs();
  if (logs.ok() && logs->empty()) return folder.Refuse(absl::StatusCode::kNotFound, "there is no log in it");
  return logs;
}

// Does all of them, also behind one that fails; returns the worst exit code.
int ForEach(const std::vector<std::string>& logs, const std::function<int(const std::string& log)>& work) {
  int worst = 0;
  for (const std::string& log : logs) worst = std::max(worst, work(log));
  return worst;
}

int Verify(const NamedFolder& folder) {
  const auto lock = LockSource(folder, absl::GetFlag(FLAGS_log), "stop the service, or ask it: LogAdmin.VerifyLog");
  if (!lock.ok()) return Say(lock.status(), kExitNotDone);
  const absl::StatusOr<std::vector<std::string>> logs = ChosenLogs(folder);
  if (!logs.ok()) return Say(logs.status(), kExitNotDone);
  return ForEach(*logs, [&folder](const std::string& log) { return VerifyLog(folder.data, log); });
}

// Nothing is begun when a part of it cannot be.
absl::Status CheckAreFree(const DataFolder& to, const std::vector<std::string>& logs) {
  for (const std::string& log : logs) {
    const absl::Status is_free = eventlog::UnfinishedLog::CheckIsFree(to, log);
    if (!is_free.ok()) return is_free;
  }
  return absl::OkStatus();
}

// Where nothing was begun the folder is left as it was: without the lock's file, and gone if it was not there.
void TakeBack(eventlog::FileLock& lock, const NamedFolder& folder, bool was_there) {
  lock.Withdraw();
  std::error_code error;
  if (!was_there) std::filesystem::remove(folder.data.path(), error);  // only an empty one
}

int Backup(const NamedFolder& to) {
  const absl::Status token = eventlog::SendTokenOfEnvironment(absl::GetFlag(FLAGS_server));
  if (!token.ok()) return Say(token, eventlog::kExitFlagsWrong);
  const bool was_there = to.Exists();
  const auto lock = LockFolder(to, "wait until the other backup has ended, or name another folder");
  if (!lock.ok()) return Say(lock.status(), kExitNotDone);
  eventlog::LogBackup backup(eventlog::NewChannel(absl::GetFlag(FLAGS_server)));
  absl::StatusOr<std::vector<std::string>> logs = std::vector<std::string>{absl::GetFlag(FLAGS_log)};
  if (logs->front().empty()) logs = backup.ListLogs();
  const absl::Status ready = logs.ok() ? CheckAreFree(to.data, *logs) : logs.status();
  if (!ready.ok()) {
    TakeBack(**lock, to, was_there);
    return Say(ready, kExitNotDone);
  }
  return ForEach(*logs, [&](const std::string& log) {
    const auto writer = eventlog::BackupWriter::Create(to.data, log);
    if (!writer.ok()) return Say(writer.status(), kExitNotDone);
    return PrintCopy(to.data, log, backup.BackUp(log, **writer, PrintDamageOf(log)));
  });
}

int Restore(const NamedFolder& from, const NamedFolder& to) {
  const auto source = LockSource(from, absl::GetFlag(FLAGS_log), "stop its service, or restore from a backup of it");
  if (!source.ok()) return Say(source.status(), kExitNotDone);
  const absl::StatusOr<std::vector<std::string>> logs = ChosenLogs(from);
  if (!logs.ok()) return Say(logs.status(), kExitNotDone);
  const bool was_there = to.Exists();
  const auto lock = LockFolder(to, "stop the service first");
  if (!lock.ok()) return Say(lock.status(), kExitNotDone);
  const absl::Status ready = CheckAreFree(to.data, *logs);
  if (!ready.ok()) {
    TakeBack(**lock, to, was_there);
    return Say(ready, kExitNotDone);
  }
  eventlog::LogRestorer restorer(
      from.data, to.data,
      absl::GetFlag(FLAGS_keep_epoch) ? eventlog::RestoredEpoch::kKept : eventlog::RestoredEpoch::kNew);
  return ForEach(*logs, [&](const std::string& log) {
    return PrintCopy(to.data, log, restorer.Restore(log, PrintDamageOf(log)));
  });
}

// `arguments` are those behind the command.
absl::Status CheckCommandLine(const std::string& command, const std::vector<std::string>& arguments) {
  const absl::Status flags = eventlog::CheckCommandFlags(Commands(), command, arguments);
  if (!flags.ok()) return flags;
  const bool is_backup = command == "backup";
  const bool is_restore = command == "restore";
  if (is_backup && absl::GetFlag(FLAGS_to).empty()) return absl::InvalidArgumentError("--to is missing; see --help");
  if (is_restore && absl::GetFlag(FLAGS_from).empty()) {
    return absl::InvalidArgumentError("--from is missing; see --help");
  }
  if (!is_backup && absl::GetFlag(FLAGS_data_dir).empty()) {
    return absl::InvalidArgumentError("--data_dir is missing; see --help");
  }
  const std::string log = absl::GetFlag(FLAGS_log);
  return log.empty() ? absl::OkStatus() : eventlog::CheckLogName(log);
}

// Of a command whose result is what it prints: `code`, unless that says that all is well and not all got out.
int CheckOutput(int code) {
  if (eventlog::FlushStandardOutput() || code != 0) return code;
  return Say(absl::UnavailableError("standard output could not be written: what was printed is not all"), kExitNotDone);
}

// Returns the exit code.
int Run(const std::string& command) {
  eventlog::PosixFileSystem files;
  const NamedFolder data{"data_dir", DataFolder(files, FromHere(absl::GetFlag(FLAGS_data_dir)))};
  if (command == "verify") return CheckOutput(Verify(data));
  if (command == "backup") return Backup({"to", DataFolder(files, FromHere(absl::GetFlag(FLAGS_to)))});
  if (command == "restore") return Restore({"from", DataFolder(files, FromHere(absl::GetFlag(FLAGS_from)))}, data);
  const std::string log = absl::GetFlag(FLAGS_log);
  return CheckOutput(DumpLog(data, log.empty() ? eventlog::kDefaultLog : log));
}

}  // namespace

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  // The command is the first word; the rest are flags.
  std::string command;
  if (argc > 1 && argv[1][0] != '-') {
    command = argv[1];
    argv[1] = argv[0];
    --argc;
    ++argv;
  }
  absl::SetFlag(&FLAGS_server, eventlog::ServerFromEnvironment());
  eventlog::ParseProgramFlags({kHelp, "eventlog-svc/tool/main.cc"}, argc, argv);
  const absl::Status valid = CheckCommandLine(command, std::vector<std::string>(argv + 1, argv + argc));
  if (!valid.ok()) return Say(valid, eventlog::kExitFlagsWrong);
  const int code = Run(command);
  return code == kExitDamaged ? absl::GetFlag(FLAGS_damaged_exit_code) : code;
}

#include "producers/cli/admin/stored_log_commands.h"

#include <cstdio>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "producers/cli/admin/admin_program.h"

namespace eventlog {
namespace {

const std::vector<FlagSpec>& DumpFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"data_dir", "FOLDER", "the data folder of a stopped service, or a backup"},
      {"log", "NAME", "the log; \"events\" when absent"},
  };
  return *flags;
}

const std::vector<FlagSpec>& BackupFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"to", "FOLDER", "where to write; it may hold backups of other logs"},
      {"log", "NAME", "the log; all when absent"},
  };
  return *flags;
}

const std::vector<FlagSpec>& RestoreFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"from", "FOLDER", "the backup, or the data folder of another stopped service"},
      {"data_dir", "FOLDER", "the data folder of a stopped service; made where it is missing"},
      {"log", "NAME", "the log; all when absent"},
      {"keep_epoch", "", "for a log that is moved, whose old copy is gone for good: cursors of clients stay valid"},
  };
  return *flags;
}

constexpr char kStoredExitCodesHelp[] =
    "Exit codes: 0 done and sound, 2 wrong command line, 3 not done, 4 done, but what was read is damaged.\n";

constexpr Command kCommands[] = {
    {"dump", "", "Print a stored log as JSON lines: records, gaps, state",
     "Of the folder of a stopped service, damaged or not; nothing in it is changed.",
     "  eventlog dump --data_dir=/backups/monday --log=orders\n      without a service\n", DumpFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminProgram("dump", context, line, DumpFlags());
     },
     kStoredExitCodesHelp},
    {"backup", "", "Copy the logs of a running service into a folder",
     "Each as it is at one moment; verify and dump read the copy. Never writes over a log that is there.",
     "  eventlog backup --to=/backups/monday\n      all logs\n"
     "  eventlog backup --to=/backups/monday --log=orders\n      one of them\n",
     BackupFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminProgram("backup", context, line, BackupFlags());
     },
     kStoredExitCodesHelp},
    {"restore", "", "Put logs from a backup into the folder of a stopped service",
     "Under a new epoch: cursors that clients hold become an error instead of a guess. Named cursors and producers\n"
     "are as they were. Never writes over a log that is there.",
     "  eventlog restore --from=/backups/monday --data_dir=/var/lib/eventlog\n      all logs of the backup\n",
     RestoreFlags,
     [](const CommandContext& context, const CommandLine& line) {
       return RunAdminProgram("restore", context, line, RestoreFlags());
     },
     kStoredExitCodesHelp},
};

}  // namespace

std::vector<const Command*> StoredLogCommands() {
  std::vector<const Command*> commands;
  for (const Command& command : kCommands) commands.push_back(&command);
  return commands;
}

std::vector<std::string> AdminArguments(absl::string_view command, const CommandContext& context,
                                        const CommandLine& line, const std::vector<FlagSpec>& flags) {
  std::vector<std::string> arguments = {std::string(command), absl::StrCat("--damaged_exit_code=", kExitDamaged)};
  if (command == "backup") arguments.push_back(absl::StrCat("--server=", context.server));
  // A dump is JSON in any case.
  if (context.json && command != "dump") arguments.push_back("--json");
  for (const FlagSpec& flag : flags) {
    if (!line.Has(flag.name)) continue;
    arguments.push_back(flag.value.empty() ? absl::StrCat("--", flag.name)
                                           : absl::StrCat("--", flag.name, "=", line.Get(flag.name)));
  }
  return arguments;
}

ExitCode RunAdminProgram(absl::string_view command, const CommandContext& context, const CommandLine& line,
                         const std::vector<FlagSpec>& flags) {
  const absl::Status failed = BecomeAdminProgram(AdminArguments(command, context, line, flags));
  std::fprintf(stderr, "%s\n", absl::StrCat("eventlog ", command, ": ", failed.message()).c_str());
  return kExitUnreachable;  // which is "not done" of this one
}

}  // namespace eventlog

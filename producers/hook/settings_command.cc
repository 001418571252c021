#include "producers/hook/settings_command.h"

#include <unistd.h>

#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/client/terminal_json.h"
#include "producers/cli/harmless_text.h"
#include "producers/hook/hook_settings.h"
#include "producers/hook/line_diff.h"
#include "producers/hook/settings_file.h"

namespace eventlog {
namespace {

constexpr char kSettingsName[] = "settings.json";
constexpr int64_t kHookTimeoutSeconds = 10;
constexpr int64_t kHookTimeoutSecondsMax = 3600;
// Somebody else writes the file at the same moment.
constexpr int kTriesMax = 5;

using Change = absl::FunctionRef<absl::StatusOr<std::string>(std::string settings)>;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::StatusOr<std::string> SettingsPath(const CommandLine& line) {
  if (line.Has("settings") && line.Has("project")) {
    return absl::InvalidArgumentError("--settings and --project name two files; right is one of them");
  }
  if (line.Has("settings")) return line.Get("settings");
  if (line.Has("project")) return absl::StrCat(".claude/", kSettingsName);
  if (const std::string folder = Variable("CLAUDE_CONFIG_DIR"); !folder.empty()) {
    return absl::StrCat(folder, "/", kSettingsName);
  }
  const std::string home = Variable("HOME");
  if (home.empty()) return absl::InvalidArgumentError("HOME is not set; --settings=PATH names the file");
  return absl::StrCat(home, "/.claude/", kSettingsName);
}

// As a shell reads it.
std::string Quoted(const std::string& word) {
  static constexpr char kPlain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-=:,@%+";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

// This program, wherever the agent looks for programs.
absl::StatusOr<std::string> HookCommandLine(const CommandContext& context, const CommandLine& line) {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return absl::InternalError(absl::StrCat("/proc/self/exe: ", error.message()));
  std::string command = absl::StrCat(Quoted(program.string()), " hook");
  if (context.server != kDefaultServer) absl::StrAppend(&command, " ", Quoted("--server=" + context.server));
  // The agent's own environment may not name it, and the token is there.
  if (!context.config_path.empty()) absl::StrAppend(&command, " ", Quoted("--config=" + context.config_path));
  if (context.insecure && !context.token.empty()) absl::StrAppend(&command, " --insecure");
  if (line.Has("log")) absl::StrAppend(&command, " ", Quoted("--log=" + line.Get("log")));
  if (IsHookCommand(command)) return command;
  return absl::FailedPreconditionError(
      absl::StrCat(program.string(), ": the program must have the name eventlog, so that uninstall finds its entries"));
}

// `diff` is of a change that is not made.
void Report(const CommandContext& context, const std::string& path, bool changed, const std::string& diff) {
  if (!context.json) {
    const char* const what = !changed ? "is as it should be" : diff.empty() ? "is changed" : "would be changed:";
    // The lines are of JSON, too.
    std::printf("%s %s\n%s", Harmless(path).c_str(), what, JsonFor(STDOUT_FILENO, diff).c_str());
    return;
  }
  std::string json = "{\"settings\":";
  AppendJsonString(path, json);
  absl::StrAppend(&json, ",\"changed\":", changed && diff.empty() ? "true" : "false");
  if (!diff.empty()) {
    absl::StrAppend(&json, ",\"diff\":");
    AppendJsonString(diff, json);
  }
  std::printf("%s}\n", JsonFor(STDOUT_FILENO, json).c_str());
}

absl::Status ChangeOnce(const CommandContext& context, const CommandLine& line, const std::string& path,
                        Change change) {
  const absl::StatusOr<SettingsFile> file = SettingsFile::Read(path);
  if (!file.ok()) return file.status();
  const std::string before = file->text().value_or("");
  const absl::StatusOr<std::string> after = change(before);
  if (!after.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file->path(), ": ", after.status().message(), "; the file is left as it was"));
  }
  const bool changed = *after != before;
  std::string diff;
  if (line.Has("dry_run")) {
    diff = LineDiff(before, *after);
  } else if (changed) {
    if (absl::Status replaced = file->Replace(*after); !replaced.ok()) return replaced;
  }
  Report(context, file->path(), changed, diff);
  return absl::OkStatus();
}

ExitCode ChangeSettings(const char* name, const CommandContext& context, const CommandLine& line, Change change) {
  const auto fail = [&](const absl::Status& status, ExitCode code) {
    std::fprintf(stderr, "eventlog %s: %s\n", name, std::string(status.message()).c_str());
    return code;
  };
  const absl::StatusOr<std::string> path = SettingsPath(line);
  if (!path.ok()) return fail(path.status(), kExitUsage);
  absl::Status status;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    status = ChangeOnce(context, line, *path, change);
    if (!absl::IsAborted(status)) break;
  }
  return status.ok() ? kExitOk : fail(status, kExitRefused);
}

ExitCode Install(const CommandContext& context, const CommandLine& line) {
  constexpr char kName[] = "hook install";
  const absl::StatusOr<int64_t> timeout = line.GetNumber("timeout_s", kHookTimeoutSeconds, 1);
  if (!timeout.ok() || *timeout > kHookTimeoutSecondsMax) {
    std::fprintf(stderr, "eventlog %s: --timeout_s=%s: right is 1 to %lld\n", kName, line.Get("timeout_s").c_str(),
                 static_cast<long long>(kHookTimeoutSecondsMax));
    return kExitUsage;
  }
  const absl::StatusOr<std::string> command = HookCommandLine(context, line);
  if (!command.ok()) {
    std::fprintf(stderr, "eventlog %s: %s\n", kName, std::string(command.status().message()).c_str());
    return kExitRefused;
  }
  // What the hooks will say of it, too; the server may be among what is left out.
  for (const std::string& problem : context.problems) {
    std::fprintf(stderr, "eventlog %s: warning: left out: %s\n", kName, problem.c_str());
  }
  return ChangeSettings(kName, context, line, [&](std::string settings) {
    return InstallHooks(std::move(settings), *command, static_cast<int>(*timeout));
  });
}

ExitCode Uninstall(const CommandContext& context, const CommandLine& line) {
  return ChangeSettings("hook uninstall", context, line, [](std::string settings) -> absl::StatusOr<std::string> {
    if (settings.empty()) return settings;
    return UninstallHooks(std::move(settings));
  });
}

const std::vector<FlagSpec>& UninstallFlags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"settings", "PATH", "the agent's settings; ~/.claude/settings.json when absent"},
      {"project", "", ".claude/settings.json of this folder"},
      {"dry_run", "", "print what would change, and change nothing"},
  };
  return *flags;
}

const std::vector<FlagSpec>& InstallFlags() {
  static const auto* const flags = [] {
    auto* const all = new std::vector<FlagSpec>(UninstallFlags());
    all->push_back({"log", "LOG", "the log that the hooks append to; \"events\" when absent"});
    all->push_back({"timeout_s", "SECONDS", "after which the agent goes on without a hook; 10 when absent"});
    return all;
  }();
  return *flags;
}

}  // namespace

const Command& HookInstallCommand() {
  static const Command command = {
      "hook install",
      "",
      "Has a coding agent call `eventlog hook`, for ten kinds of hooks",
      "Adds an entry for each hook to the agent's settings file, as this program's path, with --server where it is "
      "not\n"
      "the usual one, and --config where a configuration file is named. All else in the file stays as it is, byte for\n"
      "byte; a second call changes nothing. A file that is not valid JSON is refused, and left as it was.",
      "  eventlog hook install\n"
      "      for all of the user's projects\n"
      "  eventlog hook install --project\n"
      "      for the project of this folder\n"
      "  eventlog hook install --dry_run\n"
      "      see what would change\n",
      &InstallFlags,
      &Install,
      kLocalExitCodesHelp,
      kExitUsage,
      kExitUsage,
      /*calls_service=*/false,
  };
  return command;
}

const Command& HookUninstallCommand() {
  static const Command command = {
      "hook uninstall",
      "",
      "Takes the entries of `eventlog hook install` out again",
      "Leaves the file as it was before, byte for byte, but for empty lists and objects: of hooks that were empty\n"
      "nothing is left, and a file that was not there is {}.",
      "  eventlog hook uninstall\n"
      "      for all of the user's projects\n"
      "  eventlog hook uninstall --project\n"
      "      for the project of this folder\n",
      &UninstallFlags,
      &Uninstall,
      kLocalExitCodesHelp,
      kExitUsage,
      kExitUsage,
      /*calls_service=*/false,
  };
  return command;
}

}  // namespace eventlog

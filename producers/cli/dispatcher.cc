#include "producers/cli/dispatcher.h"

#include <signal.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "eventlog-svc/client/bearer_token.h"
#include "eventlog-svc/client/standard_output.h"
#include "producers/cli/command_context.h"
#include "producers/cli/nearest_words.h"
#include "producers/config/service_settings.h"

namespace eventlog {
namespace {

using Commands = std::vector<const Command*>;

ExitCode Usage(absl::string_view command, absl::string_view what) {
  std::fprintf(stderr, "%s\n", absl::StrCat("eventlog", command.empty() ? "" : " ", command, ": ", what).c_str());
  return kExitUsage;
}

// Those of the command, and those of every command that it does not have itself.
std::vector<FlagSpec> FlagsOf(const Command& command) {
  std::vector<FlagSpec> flags = command.flags();
  const size_t own = flags.size();
  for (const FlagSpec& global : GlobalFlags()) {
    const auto end = flags.begin() + static_cast<std::ptrdiff_t>(own);
    if (std::none_of(flags.begin(), end, [&](const FlagSpec& flag) { return flag.name == global.name; })) {
      flags.push_back(global);
    }
  }
  return flags;
}

std::string Help(const Commands& commands, absl::string_view group) {
  std::string help = absl::StrCat("eventlog [GLOBAL FLAGS] ", group.empty() ? "" : absl::StrCat(group, " "),
                                  "COMMAND [WORDS] [FLAGS]\n\n");
  for (const Command* command : commands) {
    if (!group.empty() && !absl::StartsWith(command->name, absl::StrCat(group, " "))) continue;
    absl::StrAppendFormat(&help, "  %-18s %s\n", command->name, command->summary);
  }
  absl::StrAppend(&help,
                  "\nEach COMMAND has --help, with examples.\n\nGlobal flags, before the command or behind it:\n",
                  CommandLine::Help(GlobalFlags()), "\n", kServiceHelp, "\n", kExitCodesHelp,
                  "A COMMAND that ends otherwise says so in its --help.\n");
  return help;
}

// How many of the words name a command, and which; none: nullptr.
const Command* Find(const Commands& commands, const std::vector<std::string>& words, size_t& used) {
  for (used = std::min<size_t>(2, words.size()); used > 0; --used) {
    const std::string name = used == 2 ? absl::StrCat(words[0], " ", words[1]) : words[0];
    for (const Command* command : commands) {
      if (command->name == name) return command;
    }
  }
  return nullptr;
}

bool IsGroup(const Commands& commands, absl::string_view word) {
  return std::any_of(commands.begin(), commands.end(),
                     [&](const Command* command) { return absl::StartsWith(command->name, absl::StrCat(word, " ")); });
}

ExitCode UnknownCommand(const Commands& commands, const std::vector<std::string>& words) {
  const bool in_group = IsGroup(commands, words[0]);
  const std::string given = in_group && words.size() > 1 ? absl::StrCat(words[0], " ", words[1]) : words[0];
  std::vector<std::string> names;
  for (const Command* command : commands) {
    names.emplace_back(command->name);
    // A group can be meant by its first word, too.
    const size_t space = command->name.find(' ');
    if (!in_group && space != absl::string_view::npos) names.emplace_back(command->name.substr(0, space));
  }
  std::string what = absl::StrCat("\"", given, "\" is not a command");
  const std::vector<std::string> nearest = NearestWords(given, names);
  for (size_t i = 0; i < nearest.size(); ++i) {
    absl::StrAppend(&what, i == 0 ? "; did you mean " : " or ", "\"", nearest[i], "\"");
  }
  return Usage("", absl::StrCat(what, nearest.empty() ? "" : "?", "\nEach COMMAND has --help; `eventlog --help` names ",
                                "them all."));
}

// How a line ends that is wrong: one that cannot be parsed, too, says whether it is strict.
ExitCode WrongCode(const Command& command, const std::vector<std::string>& arguments) {
  const bool strict = std::find(arguments.begin(), arguments.end(), "--strict") != arguments.end();
  return strict ? command.wrong_strict_line : command.wrong_line;
}

// Before anything is said: standard error may be a pipe that nobody reads, and files may have a largest size (ulimit
// -f).
void GoOnUnheard(const Command& command) {
  if (!command.goes_on()) return;
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

// Of a line whose flags before the command are wrong: a hook hinders nobody, whatever is wrong with its line.
ExitCode WrongLeading(const Commands& commands, const std::vector<std::string>& arguments, absl::string_view what) {
  for (const std::string& argument : arguments) {
    for (const Command* command : commands) {
      if (command->name != argument) continue;
      GoOnUnheard(*command);
      Usage("", what);
      return WrongCode(*command, arguments);
    }
  }
  return Usage("", what);
}

// What a script would take for all of an answer must be all of it.
ExitCode CheckOutput(const Command& command, ExitCode code) {
  if (FlushStandardOutput() || code != kExitOk || command.goes_on()) return code;
  Usage(command.name, "cannot write all of it to standard output");
  return kExitRefused;
}

ExitCode Run(const Command& command, const CommandLine& leading, const CommandContext* context,
             const std::vector<std::string>& arguments) {
  GoOnUnheard(command);
  const auto wrong = [&](absl::string_view what) {
    Usage(command.name, what);
    return WrongCode(command, arguments);
  };
  const absl::StatusOr<CommandLine> line = CommandLine::Parse(arguments, FlagsOf(command));
  if (!line.ok()) return wrong(line.status().message());
  if (line->Has("help")) {
    std::fputs(CommandHelp(command).c_str(), stdout);
    return CheckOutput(command, kExitOk);
  }
  if (command.words.empty() && !line->words().empty()) {
    return wrong(absl::StrCat("unexpected argument \"", line->words()[0], "\"; see --help"));
  }
  const absl::StatusOr<CommandContext> resolved =
      ResolveContext(context, leading, *line, command.goes_on() || !command.calls_service);
  if (!resolved.ok()) return wrong(resolved.status().message());
  if (context == nullptr) {
    SendBearerToken(resolved->token);
    // For the sender of the spool, and for eventlog-admin, which reads no file.
    PutIntoEnvironment(resolved->config_path, resolved->token, resolved->insecure);
  }
  return CheckOutput(command, command.run(*resolved, *line));
}

}  // namespace

const std::vector<FlagSpec>& GlobalFlags() { return ContextFlags(); }

std::string CommandHelp(const Command& command) {
  std::string help = absl::StrCat("eventlog [GLOBAL FLAGS] ", command.name, command.words.empty() ? "" : " ",
                                  command.words, " [FLAGS]\n\n", command.summary, ".\n");
  if (!command.help.empty()) absl::StrAppend(&help, "\n", command.help, absl::EndsWith(command.help, "\n") ? "" : "\n");
  if (!command.flags().empty()) absl::StrAppend(&help, "\nFlags:\n", CommandLine::Help(command.flags()));
  absl::StrAppend(&help, "\nFlags of every command:\n", CommandLine::Help(GlobalFlags()));
  if (!command.examples.empty()) {
    absl::StrAppend(&help, "\nExamples:\n", command.examples, absl::EndsWith(command.examples, "\n") ? "" : "\n");
  }
  absl::StrAppend(&help, "\n", command.exit_codes);
  return help;
}

ExitCode RunCommand(const Command& command, const CommandContext& context, const std::vector<std::string>& arguments) {
  return Run(command, CommandLine(), &context, arguments);
}

ExitCode Dispatch(const Commands& commands, const std::vector<std::string>& arguments) {
  size_t leading_count = 0;
  const absl::StatusOr<CommandLine> leading = CommandLine::ParseLeading(arguments, GlobalFlags(), leading_count);
  if (!leading.ok()) return WrongLeading(commands, arguments, leading.status().message());
  const std::vector<std::string> rest(arguments.begin() + static_cast<std::ptrdiff_t>(leading_count), arguments.end());
  if (leading->Has("help") || (!rest.empty() && rest[0] == "help" && rest.size() == 1)) {
    std::fputs(Help(commands, "").c_str(), stdout);
    return kExitOk;
  }
  if (rest.empty()) {
    if (arguments.empty()) std::fputs(Help(commands, "").c_str(), stderr);
    // The last flag may have taken it for its value: `eventlog --server $EMPTY hook`.
    return WrongLeading(commands, arguments, "no command is given; see --help");
  }
  size_t used = 0;
  if (rest[0] == "help") {
    const Command* const command = Find(commands, {rest.begin() + 1, rest.end()}, used);
    if (command == nullptr && rest.size() == 2 && IsGroup(commands, rest[1])) {
      std::fputs(Help(commands, rest[1]).c_str(), stdout);
      return kExitOk;
    }
    if (command == nullptr) return UnknownCommand(commands, {rest.begin() + 1, rest.end()});
    std::fputs(CommandHelp(*command).c_str(), stdout);
    return kExitOk;
  }
  const Command* const command = Find(commands, rest, used);
  if (command != nullptr) {
    return Run(*command, *leading, nullptr, {rest.begin() + static_cast<std::ptrdiff_t>(used), rest.end()});
  }
  if (IsGroup(commands, rest[0]) && (rest.size() == 1 || rest[1] == "--help" || rest[1] == "-h")) {
    std::fputs(Help(commands, rest[0]).c_str(), rest.size() == 1 ? stderr : stdout);
    return rest.size() == 1 ? kExitUsage : kExitOk;
  }
  return UnknownCommand(commands, rest);
}

}  // namespace eventlog

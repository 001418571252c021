#include "eventlog-svc/client/program_flags.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace eventlog {
namespace {

// Abseil ends the process by itself, with 1 for --help as for a flag that it does not know: while it parses, an exit
// gets this code.
bool parsing = false;
int parsing_code = kExitFlagsWrong;

// "--data-dir=x" to "--data_dir=x", and "--noprint-acks" to "--noprint_acks", where there is such a flag; all else
// stays.
void SpellAsDefined(std::string& argument) {
  if (!absl::StartsWith(argument, "--")) return;
  const std::string name = argument.substr(2, argument.find('=') - 2);
  const std::string defined = absl::StrReplaceAll(name, {{"-", "_"}});
  const bool negated = absl::StartsWith(defined, "no") && absl::FindCommandLineFlag(defined.substr(2)) != nullptr;
  if (absl::FindCommandLineFlag(defined) == nullptr && !negated) return;
  argument.replace(2, name.size(), defined);
}

// Whether the next argument is its value, as it is.
bool TakesTheNext(absl::string_view argument) {
  if (!absl::ConsumePrefix(&argument, "-")) return false;
  absl::ConsumePrefix(&argument, "-");
  const absl::CommandLineFlag* const flag = absl::FindCommandLineFlag(argument);
  return flag != nullptr && !flag->IsOfType<bool>();
}

void ExitWithOurCode() {
  if (!parsing) return;
  if (parsing_code != 0) std::fprintf(stderr, "see --help\n");
  std::fflush(nullptr);
  _exit(parsing_code);
}

}  // namespace

void ParseProgramFlags(const ProgramUsage& usage, int argc, char** argv) {
  absl::SetProgramUsageMessage(usage.summary);
  // Abseil's own choice is a file that is named like the program.
  absl::FlagsUsageConfig config;
  config.contains_help_flags = [usage](absl::string_view path) {
    return absl::EndsWith(path, usage.flags_file) ||
           (!usage.shared_flags_file.empty() && absl::EndsWith(path, usage.shared_flags_file));
  };
  config.contains_helpshort_flags = config.contains_help_flags;
  absl::SetFlagsUsageConfig(config);
  for (int i = 1; i < argc; ++i) {
    const absl::string_view argument = argv[i];
    for (const absl::string_view asked : {"--help", "--helpfull", "--helpshort", "--helppackage", "--version"}) {
      if (argument == asked) parsing_code = 0;
    }
    for (const absl::string_view asked : {"--help=", "--helpmatch=", "--helpon="}) {
      if (absl::StartsWith(argument, asked)) parsing_code = 0;
    }
  }
  parsing = true;
  std::atexit(ExitWithOurCode);
  std::vector<std::string> spelled(argv, argv + argc);
  std::vector<char*> arguments;
  bool is_flag = false;
  for (std::string& argument : spelled) {
    if (is_flag) SpellAsDefined(argument);
    is_flag = !is_flag || !TakesTheNext(argument);
    arguments.push_back(argument.data());
  }
  arguments.push_back(nullptr);
  const std::vector<char*> rest = absl::ParseCommandLine(argc, arguments.data());
  parsing = false;
  if (rest.size() > 1) {
    std::fprintf(stderr, "%s: unexpected argument \"%s\"; see --help\n", argv[0], rest[1]);
    std::exit(kExitFlagsWrong);
  }
}

}  // namespace eventlog

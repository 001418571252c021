#include "eventlog-svc/client/program_flags.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace eventlog {
namespace {

// Abseil ends the process by itself, with 1 for --help as for a flag that it does not know: while it parses, an exit
// gets this code.
bool parsing = false;
int parsing_code = kExitFlagsWrong;

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
  config.contains_help_flags = [file = usage.flags_file](absl::string_view path) { return absl::EndsWith(path, file); };
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
  const std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  parsing = false;
  if (rest.size() > 1) {
    std::fprintf(stderr, "%s: unexpected argument \"%s\"; see --help\n", argv[0], rest[1]);
    std::exit(kExitFlagsWrong);
  }
}

}  // namespace eventlog

// The command line of our programs: Abseil's flags, with the exit codes that all of them have.

#ifndef EVENTLOG_SVC_CLIENT_PROGRAM_FLAGS_H_
#define EVENTLOG_SVC_CLIENT_PROGRAM_FLAGS_H_

#include <string>

namespace eventlog {

inline constexpr int kExitFlagsWrong = 2;

// What a program is for, as its --help says.
struct ProgramUsage {
  std::string summary;
  // The end of the path of the file that defines the program's flags: --help lists those.
  std::string flags_file;
  // The same of another one, with flags that several programs have; empty: none.
  std::string shared_flags_file = "";
};

// Sets the flags from the command line, where - and _ within a name are the same; once, before any thread. Ends the
// process after --help and --version with 0, and with kExitFlagsWrong and a line on standard error when a flag is
// unknown or malformed, or anything is left that is no flag.
void ParseProgramFlags(const ProgramUsage& usage, int argc, char** argv);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_PROGRAM_FLAGS_H_

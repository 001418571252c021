// session: commands as sessions of the log.
//
// Exit codes: those of the command that it runs (`session run --help`); 2 wrong command line.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "glog/logging.h"
#include "producers/session/run_command.h"
#include "producers/session/sessiond_commands.h"
#include "producers/spool/spool_sender.h"

namespace {

constexpr char kHelp[] =
    "session COMMAND [FLAGS]\n\n"
    "  run     run a command as a session, here\n"
    "  start   start a command as a session that sessiond keeps\n"
    "  attach  connect this terminal to one of those\n"
    "  list    show those that there are\n"
    "  kill    end one\n\n"
    "Each COMMAND has --help.\n";

// A descriptor that we open must not become somebody's standard stream.
void OpenStandardStreams() {
  int file = open("/dev/null", O_RDWR);
  while (file >= 0 && file <= STDERR_FILENO) file = open("/dev/null", O_RDWR);
  if (file >= 0) close(file);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string command = words.empty() ? "" : words[0];
  const std::vector<std::string> rest(words.begin() + (words.empty() ? 0 : 1), words.end());
  if (command == eventlog::kSpoolSenderWord) return eventlog::RunSpoolSender(rest);
  OpenStandardStreams();
  FLAGS_logtostderr = true;
  FLAGS_minloglevel = google::GLOG_FATAL;  // the terminal is the command's
  google::InitGoogleLogging(argv[0]);
  if (command == "run") return eventlog::RunSession(rest, eventlog::EnsureSpoolSender);
  if (command == "start") return eventlog::StartSessionCommand(rest);
  if (command == "attach") return eventlog::AttachSessionCommand(rest);
  if (command == "list") return eventlog::ListSessionsCommand(rest);
  if (command == "kill") return eventlog::KillSessionCommand(rest);
  const bool asked = command == "--help" || command == "-h" || command == "help";
  std::fputs(kHelp, asked ? stdout : stderr);
  if (words.empty()) {
    std::fputs("session: no command is given\n", stderr);
  } else if (!asked) {
    std::fprintf(stderr, "session: \"%s\" is not a command\n", command.c_str());
  }
  return asked ? 0 : 2;
}

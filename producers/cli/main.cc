// eventlog: the log from the command line.

#include <ios>
#include <string>
#include <vector>

#include "glog/logging.h"
#include "producers/cli/commands.h"
#include "producers/cli/dispatcher.h"
#include "producers/spool/spool_sender.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments[0] == eventlog::kSpoolSenderWord) {
    return eventlog::RunSpoolSender({arguments.begin() + 1, arguments.end()});
  }
  FLAGS_logtostderr = true;
  FLAGS_minloglevel = google::GLOG_FATAL;  // the commands say themselves what people need to know
  google::InitGoogleLogging(argv[0]);
  std::ios::sync_with_stdio(false);  // std::cin is the only stream of C++ that commands use, and reads by the byte
  return eventlog::Dispatch(eventlog::AllCommands(), arguments);
}

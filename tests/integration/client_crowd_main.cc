// A crowd of clients for a test in another language: commands on standard input, each answered by a line of JSON.
//
//   connect GROUP CLIENTS ADDRESS QUERY RECEIVE_BUFFER_BYTES    reconnect GROUP ADDRESS
//   stall GROUP    read GROUP    close GROUP    report GROUP

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "glog/logging.h"
#include "tests/integration/client_crowd.h"

namespace {

int Number(const std::string& word) {
  int number = 0;
  CHECK(absl::SimpleAtoi(word, &number)) << word;
  return number;
}

std::string Execute(eventlog::crowd::ClientCrowd& crowd, const std::vector<std::string>& words) {
  const std::string& command = words.at(0);
  if (command == "report") return crowd.Report(words.at(1));
  if (command == "connect") {
    crowd.Connect(words.at(1), Number(words.at(2)), words.at(3), words.at(4), Number(words.at(5)));
  } else if (command == "reconnect") {
    crowd.Reconnect(words.at(1), words.at(2));
  } else if (command == "close") {
    crowd.Close(words.at(1));
  } else {
    CHECK(command == "stall" || command == "read") << command;
    crowd.SetReading(words.at(1), command == "read");
  }
  return "{}";
}

}  // namespace

int main(int, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  rlimit files{};
  PCHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
  files.rlim_cur = files.rlim_max;
  PCHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
  eventlog::crowd::ClientCrowd crowd;
  std::string input;
  while (true) {
    if (!crowd.Poll()) continue;
    char chunk[4096];
    const ssize_t size = read(STDIN_FILENO, chunk, sizeof(chunk));
    if (size <= 0) return 0;
    input.append(chunk, static_cast<size_t>(size));
    for (size_t end = input.find('\n'); end != std::string::npos; end = input.find('\n')) {
      std::printf("%s\n", Execute(crowd, absl::StrSplit(input.substr(0, end), ' ')).c_str());
      std::fflush(stdout);
      input.erase(0, end + 1);
    }
  }
}

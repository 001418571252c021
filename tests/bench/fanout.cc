// What the gateway's fan-out costs, as ratios: against a bare loop and other servers, with and without compression, for
// idle and stalled clients, a herd that reconnects, many filters; and how long an event takes from the append to the
// socket. `bazel run //tests/bench:fanout`; --parts takes some of it.
//
// All receivers are in this process, one thread for each side, and check that they get every event once, in order.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "eventlog-svc/client/file_limit.h"
#include "glog/logging.h"
#include "tests/bench/child_process.h"
#include "tests/bench/fanout_deflate.h"
#include "tests/bench/fanout_filters.h"
#include "tests/bench/fanout_herd.h"
#include "tests/bench/fanout_idle.h"
#include "tests/bench/fanout_latency.h"
#include "tests/bench/fanout_rates.h"
#include "tests/bench/fanout_stalled.h"

ABSL_FLAG(std::vector<std::string>, parts, {},
          "some of fanout, deflate, idle, stalled, latency, herd, filters; all when empty");

namespace eventlog::bench {
namespace {

struct Part {
  const char* name;
  void (*measure)();
};

constexpr Part kParts[] = {{"fanout", MeasureRates},    {"deflate", MeasureDeflate}, {"idle", MeasureIdle},
                           {"stalled", MeasureStalled}, {"latency", MeasureLatency}, {"herd", MeasureHerd},
                           {"filters", MeasureFilters}};

// The first line of what the program says of its version.
std::string Version(const char* program) {
  const std::string path = FindProgram(program);
  if (path.empty()) return absl::StrCat(program, " is not installed");
  std::FILE* const output = popen(absl::StrCat(path, " --version").c_str(), "r");
  PCHECK(output != nullptr);
  char line[256] = "";
  const bool said = std::fgets(line, sizeof(line), output) != nullptr;
  pclose(output);
  std::string version = said ? line : program;
  while (!version.empty() && version.back() == '\n') version.pop_back();
  return version;
}

// Exit code 2 when a part has an unknown name.
void CheckParts(const std::vector<std::string>& wanted) {
  for (const std::string& name : wanted) {
    bool known = false;
    for (const Part& part : kParts) known = known || part.name == name;
    if (known) continue;
    std::fprintf(stderr, "--parts: \"%s\" is none\n", name.c_str());
    std::exit(2);
  }
}

void Run() {
  const std::vector<std::string> wanted = absl::GetFlag(FLAGS_parts);
  CheckParts(wanted);
  const absl::Status files = RaiseFileLimit();
  LOG_IF(WARNING, !files.ok()) << files;
  std::printf("%ld cores; %s; %s\n", sysconf(_SC_NPROCESSORS_ONLN), Version("nats-server").c_str(),
              Version("redis-server").c_str());
  for (const Part& part : kParts) {
    if (wanted.empty() || absl::c_linear_search(wanted, part.name)) part.measure();
  }
}

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("The gateway's fan-out, as ratios.");
  absl::ParseCommandLine(argc, argv);
  eventlog::bench::Run();
}

#include "tests/bench/nats_server.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "tests/bench/loopback.h"

namespace eventlog::bench {
namespace {

// Writes the configuration; gives its path.
std::string Configure(const std::string& folder, int port, absl::string_view more) {
  std::filesystem::create_directories(folder);
  std::string path = absl::StrCat(folder, "/nats.conf");
  std::ofstream file(path);
  // Its log goes where the line is waited for that says that it is ready.
  file << "listen: \"127.0.0.1:" << port << "\"\nlog_file: \"/dev/stdout\"\njetstream {\n  store_dir: \"" << folder
       << "/store\"\n"
       << more << "}\n";
  CHECK(file.flush().good()) << path;
  return path;
}

// False where it does not know what is asked, and was configured without it.
bool SyncAlways(const std::string& folder, int port) {
  const std::string path = Configure(folder, port, "  sync_interval: always\n");
  const std::string check = absl::StrCat(FindProgram("nats-server"), " -t -c '", path, "' >/dev/null 2>&1");
  if (std::system(check.c_str()) == 0) return true;
  Configure(folder, port, "");
  return false;
}

}  // namespace

bool HaveNats() {
  if (!FindProgram("nats-server").empty()) return true;
  std::printf("skipped: needs nats-server\n");
  return false;
}

NatsServer::NatsServer(const std::string& folder)
    : port_(FreePort()),
      config_(absl::StrCat(folder, "/nats.conf")),
      syncs_always_(SyncAlways(folder, port_)),
      process_({FindProgram("nats-server"), "-c", config_}, "Server is ready") {}

}  // namespace eventlog::bench

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
  file << "listen: \"127.0.0.1:" << port << "\"\nlog_file: \"/dev/stdout\"\n" << more;
  CHECK(file.flush().good()) << path;
  return path;
}

std::string JetStream(const std::string& folder, absl::string_view more) {
  return absl::StrCat("jetstream {\n  store_dir: \"", folder, "/store\"\n", more, "}\n");
}

// False where it does not know what is asked, and was configured without it.
bool SyncAlways(const std::string& folder, int port) {
  const std::string path = Configure(folder, port, JetStream(folder, "  sync_interval: always\n"));
  const std::string check = absl::StrCat(FindProgram("nats-server"), " -t -c '", path, "' >/dev/null 2>&1");
  if (std::system(check.c_str()) == 0) return true;
  Configure(folder, port, JetStream(folder, ""));
  return false;
}

// Clients are silent for as long as a measurement takes, and nobody answers pings.
bool ListenToWebSockets(const std::string& folder, int port, int web_socket_port) {
  Configure(folder, port,
            absl::StrCat("ping_interval: \"30m\"\nwebsocket {\n  listen: \"127.0.0.1:", web_socket_port,
                         "\"\n  no_tls: true\n}\n"));
  return false;
}

}  // namespace

bool HaveNats() {
  if (!FindProgram("nats-server").empty()) return true;
  std::printf("skipped: needs nats-server\n");
  return false;
}

NatsServer::NatsServer(const std::string& folder, NatsRole role)
    : port_(FreePort()),
      web_socket_port_(role == NatsRole::kWebSocket ? FreePort() : 0),
      config_(absl::StrCat(folder, "/nats.conf")),
      syncs_always_(role == NatsRole::kWebSocket ? ListenToWebSockets(folder, port_, web_socket_port_)
                                                 : SyncAlways(folder, port_)),
      process_({FindProgram("nats-server"), "-c", config_}, "Server is ready") {}

}  // namespace eventlog::bench

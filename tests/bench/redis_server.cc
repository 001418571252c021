#include "tests/bench/redis_server.h"

#include <cstdio>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/bench/loopback.h"

namespace eventlog::bench {
namespace {

std::vector<std::string> Command(const std::string& folder, int port, const std::vector<std::string>& options) {
  std::filesystem::create_directories(folder);
  std::vector<std::string> command = {FindProgram("redis-server"),
                                      "--port",
                                      absl::StrCat(port),
                                      "--bind",
                                      "127.0.0.1",
                                      "--dir",
                                      folder,
                                      "--save",
                                      "",
                                      "--daemonize",
                                      "no"};
  command.insert(command.end(), options.begin(), options.end());
  return command;
}

}  // namespace

bool HaveRedis() {
  if (!FindProgram("redis-server").empty()) return true;
  std::printf("skipped: needs redis-server\n");
  return false;
}

RedisServer::RedisServer(const std::string& folder, const std::vector<std::string>& options)
    : port_(FreePort()), process_(Command(folder, port_, options), "Ready to accept connections") {}

}  // namespace eventlog::bench

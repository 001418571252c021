#include "producers/load/service_process.h"

#include <dirent.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace eventlog {
namespace {

constexpr absl::string_view kListening = "0A";

std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> opened(opendir(folder.c_str()), closedir);
  if (opened == nullptr) return names;
  while (const dirent* entry = readdir(opened.get())) names.push_back(entry->d_name);
  return names;
}

// The sockets that listen at the port, as /proc/*/fd names them.
std::set<std::string> ListeningSockets(uint32_t port) {
  std::set<std::string> sockets;
  for (const char* table : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    std::ifstream file(table);
    std::string line;
    while (std::getline(file, line)) {
      // "0: 0100007F:1D07 00000000:0000 0A ... inode ..."
      const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
      if (words.size() < 10 || words[3] != kListening) continue;
      uint32_t at = 0;
      const size_t colon = words[1].rfind(':');
      if (colon == absl::string_view::npos || !absl::SimpleHexAtoi(words[1].substr(colon + 1), &at)) continue;
      if (at == port) sockets.insert(absl::StrCat("socket:[", words[9], "]"));
    }
  }
  return sockets;
}

bool HasOneOf(const std::set<std::string>& sockets, const std::string& fd_folder) {
  for (const std::string& name : NamesIn(fd_folder)) {
    char target[64];
    const ssize_t length = readlink(absl::StrCat(fd_folder, "/", name).c_str(), target, sizeof(target));
    if (length > 0 && sockets.count(std::string(target, static_cast<size_t>(length))) > 0) return true;
  }
  return false;
}

}  // namespace

std::optional<pid_t> FindListener(const std::string& address) {
  const size_t colon = address.rfind(':');
  // Of several addresses nobody knows which one is talked to.
  if (colon == std::string::npos || absl::StrContains(address, ',')) return std::nullopt;
  const std::string host = address.substr(0, colon);
  uint32_t port = 0;
  const bool is_local = absl::StartsWith(host, "127.") || host == "localhost" || host == "[::1]";
  if (!is_local || !absl::SimpleAtoi(address.substr(colon + 1), &port)) return std::nullopt;
  const std::set<std::string> sockets = ListeningSockets(port);
  if (sockets.empty()) return std::nullopt;
  for (const std::string& name : NamesIn("/proc")) {
    pid_t pid = 0;
    if (absl::SimpleAtoi(name, &pid) && HasOneOf(sockets, absl::StrCat("/proc/", pid, "/fd"))) return pid;
  }
  return std::nullopt;
}

std::optional<absl::Duration> ProcessorTime(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string line;
  std::getline(file, line);
  // The name, in brackets, may have any character.
  const size_t end = line.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  const std::vector<std::string> words = absl::StrSplit(line.substr(end + 1), ' ', absl::SkipEmpty());
  int64_t user = 0, system = 0;
  if (words.size() < 13 || !absl::SimpleAtoi(words[11], &user) || !absl::SimpleAtoi(words[12], &system)) {
    return std::nullopt;
  }
  return absl::Seconds(static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

}  // namespace eventlog

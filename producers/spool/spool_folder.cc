#include "producers/spool/spool_folder.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace eventlog {
namespace {

// A folder's name has at most 255 bytes.
constexpr size_t kNameBytesMax = 200;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string Home() {
  std::string home = Variable("HOME");
  if (!home.empty()) return home;
  const passwd* user = getpwuid(getuid());
  return user == nullptr || user->pw_dir == nullptr ? "" : user->pw_dir;
}

std::string SpoolsFolder() {
  if (std::string folder = Variable(kSpoolDirVariable); !folder.empty()) return folder;
  if (std::string state = Variable("XDG_STATE_HOME"); !state.empty()) return state + "/eventlog-spool";
  const std::string home = Home();
  return home.empty() ? "" : home + "/.local/state/eventlog-spool";
}

// Different texts have different names; none begins with a dot.
void AppendName(absl::string_view text, std::string& out) {
  for (const char c : text) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == ':' || c == '-' || c == '_' ||
                       c == ',' || c == '[' || c == ']' || (c == '.' && !out.empty());
    if (plain) {
      out += c;
    } else {
      absl::StrAppendFormat(&out, "%%%02X", static_cast<unsigned char>(c));
    }
  }
}

// FNV-1a, 64 bits (Fowler, Noll, Vo): the same in every build, for names alone.
uint64_t Hash(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

std::string SpoolFolder(const std::string& server, const std::string& log) {
  const std::string folder = SpoolsFolder();
  if (folder.empty()) return "";
  std::string name;
  AppendName(log.empty() ? "events" : log, name);
  name += '@';
  AppendName(server, name);
  if (name.size() > kNameBytesMax) {
    const uint64_t hash = Hash(name);
    name.resize(kNameBytesMax);
    absl::StrAppendFormat(&name, "~%016x", hash);
  }
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(folder, error);
  return error ? "" : (whole / name).string();
}

std::string LogFromEnvironment() {
  const std::string log = Variable(kLogVariable);
  return log.empty() ? "events" : log;
}

}  // namespace eventlog

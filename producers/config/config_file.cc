#include "producers/config/config_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace eventlog {
namespace {

constexpr char kKeys[] = "right are server, token, token_file, insecure and color";

// /dev/null, which is how to say that there is no file.
bool IsNullDevice(const struct stat& status) { return S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3); }

// So many are told each by itself: the file may be something else, as a log.
constexpr size_t kProblemsMax = 8;

using Values = std::map<absl::string_view, std::string*>;
// The number of the line in which each key was.
using Seen = std::map<absl::string_view, int>;

// Whether it may be shown: what stands before the "=" at the end of a token in base64 is the token.
bool IsLikeAKey(absl::string_view key) {
  return std::all_of(key.begin(), key.end(), [](unsigned char c) { return absl::ascii_islower(c) || c == '_'; });
}

// What is wrong with a line; empty: nothing, and its value is set.
std::string TakeLine(absl::string_view line, int number, const Values& values, Seen& seen) {
  const size_t equals = line.find('=');
  // Not quoted: it may be the token.
  if (equals == absl::string_view::npos) return "the line is no setting; right is key = value, or # and a comment";
  const absl::string_view key = absl::StripTrailingAsciiWhitespace(line.substr(0, equals));
  const absl::string_view value = absl::StripLeadingAsciiWhitespace(line.substr(equals + 1));
  const auto known = values.find(key);
  if (known == values.end()) {
    return absl::StrCat(IsLikeAKey(key) ? absl::StrCat("\"", key, "\"") : "the key", " is not known; ", kKeys);
  }
  const auto [first, is_new] = seen.emplace(known->first, number);
  if (!is_new) return absl::StrCat(key, " was given in line ", first->second, " already");
  if (value.empty()) return absl::StrCat(key, " has no value; leave the line out instead");
  if (key == "color" && value != "auto" && value != "always" && value != "never") {
    return absl::StrCat("color = ", value, ": right is auto, always or never");
  }
  if (key == "insecure" && value != "true" && value != "false") {
    return absl::StrCat("insecure = ", value, ": right is true or false");
  }
  if (key == "token_file" && seen.count("token") > 0) return "there is a token already";
  if (key == "token" && seen.count("token_file") > 0) return "there is a token_file already";
  *known->second = std::string(value);
  return "";
}

// For errno.
absl::Status CannotRead(const std::string& path) {
  const std::string what = absl::StrCat("cannot read ", path, ": ", std::strerror(errno));
  return errno == ENOENT || errno == ENOTDIR ? absl::NotFoundError(what) : absl::InvalidArgumentError(what);
}

// Not an ifstream: it throws where there is a folder.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File Open(const std::string& path, int flags) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
  return {descriptor < 0 ? nullptr : fdopen(descriptor, "rb"), &std::fclose};
}

absl::StatusOr<std::string> ReadAll(const std::string& path, size_t bytes_max, std::FILE& file) {
  std::string text;
  char chunk[16 * 1024];
  while (const size_t size = std::fread(chunk, 1, sizeof(chunk), &file)) {
    text.append(chunk, size);
    if (text.size() > bytes_max) {
      return absl::InvalidArgumentError(absl::StrCat(path, " has more than ", bytes_max, " bytes"));
    }
  }
  if (std::ferror(&file) != 0) return CannotRead(path);
  return text;
}

}  // namespace

ConfigFile ParseConfigFile(absl::string_view path, absl::string_view text) {
  ConfigFile config;
  const Values values = {{"server", &config.server},
                         {"token", &config.token},
                         {"token_file", &config.token_file},
                         {"insecure", &config.insecure},
                         {"color", &config.color}};
  Seen seen;
  int number = 0;
  int untold = 0;
  for (absl::string_view raw : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::string_view line = absl::StripAsciiWhitespace(raw);
    if (line.empty() || line[0] == '#') continue;
    const std::string wrong = TakeLine(line, number, values, seen);
    if (wrong.empty()) continue;
    if (config.problems.size() < kProblemsMax) {
      config.problems.push_back(absl::StrCat(path, ":", number, ": ", wrong));
    } else {
      ++untold;
    }
  }
  if (untold > 0) config.problems.push_back(absl::StrCat(path, ": ", untold, " more lines are wrong"));
  if (!config.token_file.empty() && config.token_file[0] != '/') {
    const absl::string_view folder = path.substr(0, path.rfind('/') + 1);
    config.token_file = absl::StrCat(folder, config.token_file);
  }
  return config;
}

std::string DefaultConfigPath() {
  const char* const config_home = std::getenv("XDG_CONFIG_HOME");
  // The XDG specification: a path that is not absolute is ignored.
  if (config_home != nullptr && config_home[0] == '/') return absl::StrCat(config_home, "/eventlog/config");
  const char* const home = std::getenv("HOME");
  return home == nullptr || *home == '\0' ? "" : absl::StrCat(home, "/.config/eventlog/config");
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t bytes_max) {
  // Who opens a pipe waits for its writer, unless it says that it does not.
  const File file = Open(path, O_NONBLOCK);
  struct stat status;
  if (file == nullptr || fstat(fileno(file.get()), &status) != 0) return CannotRead(path);
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode) && !IsNullDevice(status)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is a pipe or a device; right is a file"));
  }
  return ReadAll(path, bytes_max, *file);
}

absl::StatusOr<std::string> ReadSmallInput(const std::string& path, size_t bytes_max) {
  const File file = Open(path, 0);
  if (file == nullptr) return CannotRead(path);
  return ReadAll(path, bytes_max, *file);
}

std::string SecrecyWarning(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return "";
  return absl::StrCat(path, " has a token, and others may open it; right is: chmod 600 ", path);
}

}  // namespace eventlog

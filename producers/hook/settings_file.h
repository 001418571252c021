// A file of somebody else's settings: read whole, replaced whole.

#ifndef PRODUCERS_HOOK_SETTINGS_FILE_H_
#define PRODUCERS_HOOK_SETTINGS_FILE_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

// For one thread.
class SettingsFile {
 public:
  static constexpr int64_t kBytesMax = 16 * 1024 * 1024;

  // Follows symbolic links, also to what is not there yet. kInvalidArgument: no regular file, or larger than kBytesMax.
  static absl::StatusOr<SettingsFile> Read(const std::string& path);

  // Nothing where there is no file.
  const std::optional<std::string>& text() const { return text_; }
  // The file itself, behind all links.
  const std::string& path() const { return path_; }

  // All of it or none, also when the machine ends; with the mode and owner of before. A missing folder is made, and a
  // new file is for its owner alone. kAborted: somebody else has changed the file since it was read.
  absl::Status Replace(absl::string_view text) const;

 private:
  SettingsFile(std::string path, std::optional<std::string> text) : path_(std::move(path)), text_(std::move(text)) {}

  std::string path_;
  std::optional<std::string> text_;
};

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_SETTINGS_FILE_H_

#include "producers/cli/admin/confirmation.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/strings/ascii.h"

namespace eventlog {
namespace {

constexpr size_t kAnswerBytesMax = 1024;

// Byte by byte: what stands behind the line is not ours.
std::string ReadLine(int input) {
  std::string line;
  char c = 0;
  while (line.size() < kAnswerBytesMax) {
    const ssize_t count = read(input, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return "";  // a line that was not ended was not given
    if (c == '\n') break;
    line.push_back(c);
  }
  return line;
}

}  // namespace

absl::Status Confirmation::CheckCanAsk() const {
  if (given_ || isatty(input_) == 1) return absl::OkStatus();
  return absl::FailedPreconditionError("standard input is no terminal, so nobody can be asked; right is --yes");
}

absl::Status Confirmation::Ask(const std::string& question) const {
  if (given_) return absl::OkStatus();
  const absl::Status can_ask = CheckCanAsk();
  if (!can_ask.ok()) return can_ask;
  std::fprintf(stderr, "%s [y/N] ", question.c_str());
  std::fflush(stderr);
  const std::string answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(ReadLine(input_)));
  if (answer == "y" || answer == "yes") return absl::OkStatus();
  return absl::CancelledError("not confirmed; nothing was changed");
}

}  // namespace eventlog

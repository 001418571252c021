#include "producers/session/output_tap.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "producers/session/reopen_output.h"

namespace eventlog {
namespace {

constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

bool IsSame(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

bool OutputTap::CanTap(int target) {
  const int flags = fcntl(target, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || isatty(target) == 1) return false;
  int type = 0;
  socklen_t size = sizeof(type);
  return getsockopt(target, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type == SOCK_STREAM;
}

bool OutputTap::IsOneStream(int target, int other) {
  struct stat one;
  struct stat two;
  if (fstat(target, &one) != 0 || fstat(other, &two) != 0 || !IsSame(one, two)) return false;
  if (S_ISFIFO(one.st_mode) || S_ISSOCK(one.st_mode)) return true;
  // Two that append to a file do so in their order; two that have positions of their own write over each other.
  if ((fcntl(target, F_GETFL) & fcntl(other, F_GETFL) & O_APPEND) != 0) return true;
  // Where the kernel does not say it: "> FILE 2>&1" is what people write.
  return syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, target, other) <= 0;
}

absl::StatusOr<std::unique_ptr<OutputTap>> OutputTap::Open(int target) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::ResourceExhaustedError(absl::StrCat("no pipe: ", std::strerror(errno)));
  // Our end alone: the command's is one that blocks.
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return std::unique_ptr<OutputTap>(new OutputTap(target, ends[0], ends[1]));
}

OutputTap::OutputTap(int target, int source, int command_end)
    : source_(source), command_end_(command_end), output_(target), left_(kNoLimit) {
  struct stat status;
  if (fstat(target, &status) != 0) return;
  socket_ = S_ISSOCK(status.st_mode);
  pipe_ = S_ISFIFO(status.st_mode);
  if (pipe_) own_output_ = ReopenOutput(target);
  if (own_output_ >= 0) output_ = own_output_;
}

OutputTap::~OutputTap() {
  CloseCommandEnd();
  if (source_ >= 0) close(source_);
  if (own_output_ >= 0) close(own_output_);
}

void OutputTap::CloseCommandEnd() {
  if (command_end_ >= 0) close(command_end_);
  command_end_ = -1;
}

std::array<pollfd, 2> OutputTap::Wanted() const {
  const bool waiting = begin_ != end_;
  const bool read = !waiting && source_ >= 0 && left_ > 0;
  // Of one that is only looked at the kernel says that its reader is gone.
  const bool look = waiting || (source_ >= 0 && (pipe_ || socket_));
  return {pollfd{read ? source_ : -1, POLLIN, 0},
          pollfd{look ? output_ : -1, static_cast<short>(waiting ? POLLOUT : 0), 0}};
}

bool OutputTap::Serve(const pollfd* ready, const Seen& seen) {
  if ((pipe_ || socket_) && (ready[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
    Break(EPIPE);
    return true;
  }
  const bool read = ready[0].revents != 0 && Read(seen);
  return Write() || read;
}

bool OutputTap::Read(const Seen& seen) {
  if (source_ < 0 || begin_ != end_ || left_ == 0) return false;
  const ssize_t size = read(source_, bytes_.data(), std::min(bytes_.size(), left_));
  if (size < 0) return false;
  if (size == 0) {
    close(source_);
    source_ = -1;
    return true;
  }
  begin_ = 0;
  end_ = static_cast<size_t>(size);
  if (left_ != kNoLimit) left_ -= end_;
  if (seen != nullptr) seen(absl::string_view(bytes_.data(), end_));
  return true;
}

bool OutputTap::Write() {
  const size_t before = begin_;
  while (begin_ != end_) {
    const long size = WriteSome();
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != EAGAIN) Break(errno);
    if (size <= 0) break;
    begin_ += static_cast<size_t>(size);
  }
  return begin_ != before;
}

long OutputTap::WriteSome() {
  const char* const bytes = bytes_.data() + begin_;
  const size_t size = end_ - begin_;
  if (socket_) return send(output_, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (!pipe_ || own_output_ >= 0) return write(output_, bytes, size);
  // One that may block has room for so much when it says that it has some.
  pollfd ready = {output_, POLLOUT, 0};
  if (poll(&ready, 1, 0) <= 0) {
    errno = EAGAIN;
    return -1;
  }
  return write(output_, bytes, std::min<size_t>(size, PIPE_BUF));
}

void OutputTap::Break(int error) {
  if (source_ >= 0) close(source_);
  source_ = -1;
  begin_ = end_ = 0;
  error_ = error;
}

void OutputTap::LimitToWritten() {
  int size = 0;
  if (source_ < 0 || ioctl(source_, FIONREAD, &size) != 0) size = 0;
  left_ = static_cast<size_t>(size);
}

void OutputTap::Unlimit() { left_ = kNoLimit; }

void OutputTap::CloseOutput() {
  if (output_ >= 0) close(output_);
  output_ = own_output_ = -1;
}

bool OutputTap::HasWriters() const {
  pollfd ready = {source_, POLLIN, 0};
  return source_ >= 0 && poll(&ready, 1, 0) >= 0 && ready.revents != POLLHUP;
}

absl::Status OutputTap::status() const {
  if (error_ == 0 || error_ == EPIPE || error_ == ECONNRESET) return absl::OkStatus();
  return absl::ErrnoToStatus(error_, "write error");
}

}  // namespace eventlog

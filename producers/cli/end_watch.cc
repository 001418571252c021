#include "producers/cli/end_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "glog/logging.h"

namespace eventlog {

EndWatch::EndWatch() {
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &mask_before_);
  signal_descriptor_ = signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK);
  stop_descriptor_ = eventfd(0, EFD_CLOEXEC);
  PCHECK(signal_descriptor_ >= 0 && stop_descriptor_ >= 0) << "signalfd, eventfd";
}

EndWatch::~EndWatch() {
  Stop();
  close(signal_descriptor_);
  close(stop_descriptor_);
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void EndWatch::Start(int output, std::function<void()> on_end) {
  std::thread([this, output, on_end = std::move(on_end)] { Run(output, on_end); }).swap(thread_);
}

void EndWatch::Stop() {
  if (!thread_.joinable()) return;
  const uint64_t one = 1;
  PCHECK(write(stop_descriptor_, &one, sizeof(one)) == sizeof(one));
  thread_.join();
}

void EndWatch::Run(int output, const std::function<void()>& on_end) {
  // Of `output` only what is told unasked: POLLERR, when the other end of the pipe is closed.
  pollfd watched[] = {{stop_descriptor_, POLLIN, 0}, {signal_descriptor_, POLLIN, 0}, {output, 0, 0}};
  while (true) {
    if (poll(watched, 3, -1) < 0) {
      PCHECK(errno == EINTR) << "poll";
      continue;
    }
    if (watched[0].revents != 0) return;
    signalfd_siginfo info;
    const bool signalled = read(signal_descriptor_, &info, sizeof(info)) == sizeof(info);
    if (!signalled && watched[2].revents == 0) continue;
    // The next signal finds this thread, which only waits to be stopped, and ends the process.
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
    on_end();
    watched[1].fd = watched[2].fd = -1;
  }
}

}  // namespace eventlog

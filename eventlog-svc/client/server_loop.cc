#include "eventlog-svc/client/server_loop.h"

#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "glog/logging.h"
#include "httplib.h"

namespace eventlog {
namespace {

// How long the loop waits for the first connection before it says that it waits.
constexpr time_t kFirstWaitMicroseconds = 1;
// Before the port is bound again.
constexpr absl::Duration kRetryPause = absl::Milliseconds(100);

}  // namespace

// Hears from the loop, on the loop's thread, that it waited for a connection or took one. The library says before that
// it is running, and does not take it back in time when its first call fails.
class ServerLoop::Queue : public httplib::ThreadPool {
 public:
  Queue(size_t threads, ServerLoop& loop) : ThreadPool(threads), loop_(loop) {}

  void enqueue(std::function<void()> work) override {
    NoteServing();
    ThreadPool::enqueue(std::move(work));
  }
  void on_idle() override { NoteServing(); }

 private:
  void NoteServing() {
    if (std::exchange(noted_, true)) return;
    loop_.server_.set_idle_interval(0);  // from now on it waits without waking up
    loop_.SetState(State::kServing);
  }

  ServerLoop& loop_;
  bool noted_ = false;
};

absl::StatusOr<std::unique_ptr<ServerLoop>> ServerLoop::Start(httplib::Server& server, size_t threads,
                                                              std::function<bool()> bind_again) {
  std::unique_ptr<ServerLoop> loop(new ServerLoop(server, std::move(bind_again)));
  server.new_task_queue = [threads, &loop = *loop] { return new Queue(threads, loop); };
  std::thread([&loop = *loop] { loop.Run(); }).swap(loop->thread_);
  State state;
  {
    absl::MutexLock lock(&loop->mutex_);
    loop->mutex_.Await(absl::Condition(loop.get(), &ServerLoop::Started));
    state = loop->state_;
    // What never served is not tried again.
    if (state != State::kServing) loop->stopping_ = true;
  }
  if (state != State::kServing) return absl::UnavailableError("the server ended before it took a connection");
  return loop;
}

ServerLoop::~ServerLoop() {
  State state;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    // The library can be stopped when it serves, not on its way there.
    mutex_.Await(absl::Condition(this, &ServerLoop::Started));
    state = state_;
  }
  if (state == State::kServing) server_.stop();
  end_connections_();
  thread_.join();
}

void ServerLoop::Run() {
  do {
    server_.set_idle_interval(0, kFirstWaitMicroseconds);
    server_.listen_after_bind();
  } while (BindAgain());
  SetState(State::kEnded);
}

bool ServerLoop::BindAgain() {
  SetState(State::kLost);
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kRetryPause)) return false;
      state_ = State::kStarting;
    }
    LOG_EVERY_N(WARNING, 100) << "the server cannot accept connections; binding its port again";
    if (bind_again_()) return true;
    SetState(State::kLost);
  }
}

void ServerLoop::SetState(State state) {
  absl::MutexLock lock(&mutex_);
  state_ = state;
}

}  // namespace eventlog

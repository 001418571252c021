#include "eventlog-svc/http/server_loop.h"

#include <functional>
#include <utility>

#include "httplib.h"

namespace eventlog {
namespace {

// How long the loop waits for the first connection before it says that it waits.
constexpr time_t kFirstWaitMicroseconds = 1;

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

absl::StatusOr<std::unique_ptr<ServerLoop>> ServerLoop::Start(httplib::Server& server, size_t threads) {
  std::unique_ptr<ServerLoop> loop(new ServerLoop(server));
  server.new_task_queue = [threads, &loop = *loop] { return new Queue(threads, loop); };
  server.set_idle_interval(0, kFirstWaitMicroseconds);
  std::thread([&loop = *loop] {
    loop.server_.listen_after_bind();
    loop.SetState(State::kEnded);
  }).swap(loop->thread_);
  State state;
  {
    absl::MutexLock lock(&loop->mutex_);
    loop->mutex_.Await(absl::Condition(loop.get(), &ServerLoop::Started));
    state = loop->state_;
  }
  if (state == State::kEnded) return absl::UnavailableError("the server ended before it took a connection");
  return loop;
}

ServerLoop::~ServerLoop() {
  server_.stop();
  thread_.join();
}

void ServerLoop::SetState(State state) {
  absl::MutexLock lock(&mutex_);
  state_ = state;
}

}  // namespace eventlog

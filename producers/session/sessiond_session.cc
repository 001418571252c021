#include "producers/session/sessiond_session.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "boost/system/error_code.hpp"
#include "glog/logging.h"
#include "producers/session/session_events.h"

namespace eventlog {
namespace {

using boost::asio::posix::stream_descriptor;
using session::v1::DisconnectReason;

constexpr size_t kReadBytes = 64 * 1024;
// Of what was printed before the end: what the command has left in the background may print for ever.
constexpr int kLastReadsMax = 64;

std::chrono::nanoseconds Chrono(absl::Duration duration) { return absl::ToChronoNanoseconds(duration); }

}  // namespace

HostedSession::HostedSession(boost::asio::io_context& context, HostedSessionOptions options, EventSink& sink,
                             session::v1::SessionInfo info, std::unique_ptr<PtyProcess> process)
    : options_(std::move(options)),
      sink_(sink),
      info_(std::move(info)),
      process_(std::move(process)),
      master_(context, process_->master()),
      changes_(context, process_->changes()),
      due_timer_(context),
      kill_timer_(context),
      ring_(options_.ring_bytes_max),
      activity_({info_.session_id(), options_.idle_after, options_.output}, sink, absl::Now()) {}

HostedSession::~HostedSession() {
  // They are the process's.
  if (master_.is_open()) master_.release();
  if (changes_.is_open()) changes_.release();
}

void HostedSession::Run() {
  activity_.Watch(absl::Now());
  ShowState();
  AwaitDue();
  AwaitOutput();
  AwaitChange();
}

std::vector<HostedSession::Attached>::iterator HostedSession::Find(const SessionViewer& viewer) {
  return std::find_if(clients_.begin(), clients_.end(), [&](const Attached& a) { return a.viewer == &viewer; });
}

void HostedSession::Attach(SessionViewer& viewer, SessionClient client) {
  session::v1::ClientConnected connected;
  connected.set_session_id(info_.session_id());
  connected.set_client_id(client.client_id);
  connected.set_pid(client.pid);
  connected.set_user(client.user);
  connected.set_host(HostName());
  if (client.size.ws_row > 0) *connected.mutable_window_size() = WindowSizeOf(client.size);
  sink_.Add(MakeEvent(connected));
  const winsize size = client.size;
  clients_.push_back({&viewer, std::move(client)});
  info_.set_clients(static_cast<int32_t>(clients_.size()));
  const bool as_it_was = size.ws_row == info_.window_size().rows() && size.ws_col == info_.window_size().columns();
  SetSize(size);
  // What is in the ring may begin in the middle of a screen: a program that draws one draws it again.
  if (as_it_was || size.ws_row == 0) static_cast<void>(process_->SignalForeground(SIGWINCH));
}

void HostedSession::Detach(SessionViewer& viewer, DisconnectReason reason) {
  const auto place = Find(viewer);
  if (place == clients_.end()) return;
  SayDisconnected(place->client.client_id, reason);
  if (typist_ == place->client.client_id) typist_.clear();
  clients_.erase(place);
  info_.set_clients(static_cast<int32_t>(clients_.size()));
  for (Typed& typed : input_) {
    if (typed.viewer == &viewer) typed.viewer = nullptr;
  }
}

void HostedSession::Type(SessionViewer& viewer, absl::string_view input) {
  const auto place = Find(viewer);
  if (place == clients_.end() || ended() || input.empty()) return;
  if (typist_ != place->client.client_id) {
    session::v1::OwnershipTransferred transferred;
    transferred.set_session_id(info_.session_id());
    transferred.set_old_client_id(typist_);
    transferred.set_new_client_id(place->client.client_id);
    sink_.Add(MakeEvent(transferred));
    typist_ = place->client.client_id;
  }
  SetSize(place->client.size);
  input_.push_back({&viewer, std::string(input)});
  if (!writing_) WriteInput();
}

void HostedSession::Resize(SessionViewer& viewer, const winsize& size) {
  const auto place = Find(viewer);
  if (place == clients_.end() || ended()) return;
  place->client.size = size;
  SetSize(size);
}

void HostedSession::SetSize(const winsize& size) {
  if (size.ws_row == 0 || size.ws_col == 0) return;
  if (size.ws_row == info_.window_size().rows() && size.ws_col == info_.window_size().columns()) return;
  // What is drawn for the new size comes behind it.
  ring_.OnResized();
  const absl::Status resized = process_->Resize(size);
  if (!resized.ok()) LOG(WARNING) << info_.session_id() << ": " << resized;
  *info_.mutable_window_size() = WindowSizeOf(size);
}

void HostedSession::Kill(int signal) {
  if (ended()) return;
  killed_ = true;
  // To the job that a shell runs, and to the shell. What is stopped must go on, or it would not see it.
  for (int one : {signal, SIGCONT}) {
    static_cast<void>(process_->SignalForeground(one));
    static_cast<void>(process_->SignalCommandGroup(one));
  }
  kill_timer_.expires_after(Chrono(options_.kill_patience));
  kill_timer_.async_wait([this, self = shared_from_this()](const boost::system::error_code& error) {
    if (error || ended()) return;
    static_cast<void>(process_->SignalForeground(SIGKILL));
    static_cast<void>(process_->SignalCommandGroup(SIGKILL));
  });
}

void HostedSession::WhenEnded(std::function<void()> then) {
  if (ended()) return then();
  when_ended_.push_back(std::move(then));
}

void HostedSession::AwaitOutput() {
  master_.async_wait(stream_descriptor::wait_read,
                     [this, self = shared_from_this()](const boost::system::error_code& error) {
                       if (error || ended()) return;
                       ReadOutput();
                       if (!output_over_) AwaitOutput();
                     });
}

bool HostedSession::ReadOutput() {
  char buffer[kReadBytes];
  const ssize_t size = read(process_->master(), buffer, sizeof(buffer));
  if (size <= 0) {
    output_over_ = size == 0 || (errno != EAGAIN && errno != EINTR);
    return size < 0 && errno == EINTR;
  }
  ring_.Append(absl::string_view(buffer, static_cast<size_t>(size)));
  activity_.Printed(absl::string_view(buffer, static_cast<size_t>(size)), absl::Now());
  ShowState();
  AwaitDue();
  for (const Attached& attached : clients_) attached.viewer->OnOutput();
  return true;
}

void HostedSession::AwaitDue() {
  const absl::Time due = activity_.due();
  // A later one than what is awaited is looked at then.
  if (due >= due_awaited_) return;
  due_awaited_ = due;
  due_timer_.expires_after(Chrono(std::max(absl::ZeroDuration(), due - absl::Now())));
  due_timer_.async_wait([this, self = shared_from_this()](const boost::system::error_code& error) {
    if (error || ended()) return;
    due_awaited_ = absl::InfiniteFuture();
    // Who stood still meanwhile has not seen nothing.
    ReadOutput();
    activity_.Tick(absl::Now());
    ShowState();
    AwaitDue();
  });
}

void HostedSession::AwaitChange() {
  changes_.async_wait(stream_descriptor::wait_read,
                      [this, self = shared_from_this()](const boost::system::error_code& error) {
                        if (error || ended()) return;
                        while (std::optional<ProcessChange> change = process_->NextChange()) {
                          OnChange(*change);
                          if (ended()) return;
                        }
                        AwaitChange();
                      });
}

void HostedSession::OnChange(const ProcessChange& change) {
  if (change.ended()) return End(change);
  if (change.kind == ProcessChange::kStopped) {
    activity_.Stopped();
  } else {
    activity_.Continued(absl::Now());
  }
  ShowState();
  AwaitDue();
}

void HostedSession::End(const ProcessChange& end) {
  for (int reads = 0; reads < kLastReadsMax && ReadOutput(); ++reads) {
  }
  activity_.Finish();
  *info_.mutable_removed() = RemovedBy(info_.session_id(), end, killed_);
  info_.clear_state();
  info_.set_clients(0);
  sink_.Add(MakeEvent(info_.removed()));
  for (const Attached& attached : clients_) {
    SayDisconnected(attached.client.client_id, DisconnectReason::DISCONNECT_REASON_SESSION_REMOVED);
  }
  input_.clear();
  due_timer_.cancel();
  kill_timer_.cancel();
  master_.release();
  changes_.release();
  process_.reset();
  for (const Attached& attached : std::exchange(clients_, {})) attached.viewer->OnEnded(info_.removed());
  for (const std::function<void()>& then : std::exchange(when_ended_, {})) then();
}

void HostedSession::WriteInput() {
  writing_ = false;
  while (!input_.empty() && !ended()) {
    Typed& first = input_.front();
    const ssize_t size = write(process_->master(), first.bytes.data(), first.bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) {
      writing_ = true;
      master_.async_wait(stream_descriptor::wait_write,
                         [this, self = shared_from_this()](const boost::system::error_code& error) {
                           if (!error) WriteInput();
                         });
      return;
    }
    // A terminal that takes nothing any more ends with its command.
    const size_t taken = size < 0 ? first.bytes.size() : static_cast<size_t>(size);
    SessionViewer* const viewer = first.viewer;
    first.bytes.erase(0, taken);
    if (first.bytes.empty()) input_.pop_front();
    if (viewer != nullptr) viewer->OnInputTaken(static_cast<int64_t>(taken));
  }
}

void HostedSession::SayDisconnected(const std::string& client_id, DisconnectReason reason) {
  session::v1::ClientDisconnected disconnected;
  disconnected.set_session_id(info_.session_id());
  disconnected.set_client_id(client_id);
  disconnected.set_reason(reason);
  sink_.Add(MakeEvent(disconnected));
}

}  // namespace eventlog

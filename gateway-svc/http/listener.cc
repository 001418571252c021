#include "gateway-svc/http/listener.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway-svc/http/client_host.h"
#include "gateway-svc/hub/counter.h"
#include "glog/logging.h"

namespace gateway {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// After an accept failed for want of file descriptors or memory.
constexpr absl::Duration kRetryPause = absl::Milliseconds(100);
constexpr int kBacklog = 4096;
// Before others on the same thread have their turn.
constexpr int kAcceptsAtOnceMax = 64;

}  // namespace

Listener::Listener(std::vector<Shard*> shards, ConnectionBudget& budget, double accepts_per_second_max)
    : shards_(std::move(shards)),
      budget_(budget),
      acceptor_(shards_.front()->context()),
      pause_(shards_.front()->context()),
      pace_(accepts_per_second_max, UptimeNow()) {}

Listener::~Listener() { Stop(); }

absl::Status Listener::Open(const std::string& host, uint16_t port) {
  error_code error;
  const auto address = boost::asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("not an IP address: ", host));
  const tcp::endpoint endpoint(address, port);
  acceptor_.open(endpoint.protocol(), error);
  // A restart must not wait for the old connections' TIME_WAIT; a port where somebody listens stays refused.
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.non_blocking(true, error);
  // Else the library waits for the next one, in the middle of the loop.
  if (!error) acceptor_.set_option(boost::asio::socket_base::enable_connection_aborted(true), error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (error) {
    const std::string text = absl::StrCat("cannot listen on ", host, ":", port, ": ", error.message());
    return error == boost::asio::error::address_in_use ? absl::AlreadyExistsError(text) : absl::UnavailableError(text);
  }
  port_ = acceptor_.local_endpoint().port();
  return absl::OkStatus();
}

void Listener::Start() {
  started_ = true;
  boost::asio::post(acceptor_.get_executor(), [this] { AwaitConnections(); });
}

void Listener::Stop() {
  // A second caller waits for the first one, whose order to the acceptor's thread may be under way.
  if (stopping_.exchange(true)) return stopped_.WaitForNotification();
  if (!started_) {
    // Nobody else touches the acceptor, and perhaps no thread would run what is posted.
    error_code ignored;
    acceptor_.close(ignored);
    return stopped_.Notify();
  }
  boost::asio::post(acceptor_.get_executor(), [this] {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    // Behind the handlers that were just cancelled.
    boost::asio::post(acceptor_.get_executor(), [this] { stopped_.Notify(); });
  });
  stopped_.WaitForNotification();
}

void Listener::AwaitConnections() {
  acceptor_.async_wait(tcp::acceptor::wait_read, [this](const error_code&) {
    if (acceptor_.is_open()) AcceptWaiting();
  });
}

// The loop is busy while a herd catches up: one connection for each time that it comes round would let newcomers wait
// for the herd.
void Listener::AcceptWaiting() {
  for (int count = 0; count < kAcceptsAtOnceMax; ++count) {
    if (const absl::Duration pause = pace_.Take(UptimeNow()); pause > absl::ZeroDuration()) {
      Count(counters_.paused);
      return AcceptAfter(pause);
    }
    Shard& shard = *shards_[next_shard_ % shards_.size()];
    // The socket is born on its shard's event loop.
    tcp::socket socket(shard.context());
    error_code error;
    acceptor_.accept(socket, peer_, error);
    if (error) pace_.GiveBack();
    if (error == boost::asio::error::would_block) break;
    if (error == boost::asio::error::connection_aborted || error.value() == EPROTO) continue;
    if (error) {
      Count(counters_.failed);
      LOG_EVERY_N(WARNING, 100) << "cannot accept a connection: " << error.message();
      return AcceptAfter(kRetryPause);
    }
    ++next_shard_;
    Take(std::move(socket), shard);
  }
  AwaitConnections();
}

void Listener::AcceptAfter(absl::Duration pause) {
  pause_.expires_after(absl::ToChronoNanoseconds(pause));
  pause_.async_wait([this](const error_code& cancelled) {
    if (!cancelled && acceptor_.is_open()) AcceptWaiting();
  });
}

void Listener::Take(tcp::socket socket, Shard& shard) {
  Count(counters_.accepted);
  ConnectionPlace place;
  switch (budget_.Take(peer_, place)) {
    case ConnectionBudget::Answer::kTaken:
      shard.Adopt(std::move(socket), std::move(place));
      break;
    case ConnectionBudget::Answer::kFull:
      Count(counters_.refused_cap);
      break;
    case ConnectionBudget::Answer::kAddressFull:
      Count(counters_.refused_address);
      break;
  }
}

}  // namespace gateway

#include "gateway-svc/http/listener.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "glog/logging.h"

namespace gateway {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// After an accept failed for want of file descriptors or memory.
constexpr std::chrono::milliseconds kRetryDelay{100};
constexpr int kBacklog = 4096;

}  // namespace

Listener::Listener(std::vector<Shard*> shards, ConnectionBudget& budget)
    : shards_(std::move(shards)),
      budget_(budget),
      acceptor_(shards_.front()->context()),
      retry_(shards_.front()->context()) {}

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
  boost::asio::post(acceptor_.get_executor(), [this] { Accept(); });
}

void Listener::Stop() {
  if (stopped_) return;
  stopped_ = true;
  if (!started_) {
    // Nobody else touches the acceptor, and perhaps no thread would run what is posted.
    error_code ignored;
    acceptor_.close(ignored);
    return;
  }
  absl::Notification done;
  boost::asio::post(acceptor_.get_executor(), [this, &done] {
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    // Behind the handlers that were just cancelled.
    boost::asio::post(acceptor_.get_executor(), [&done] { done.Notify(); });
  });
  done.WaitForNotification();
}

void Listener::Accept() {
  const size_t shard = next_shard_++ % shards_.size();
  // The socket is born on its shard's event loop.
  acceptor_.async_accept(shards_[shard]->context(), [this, shard](const error_code& error, tcp::socket socket) {
    OnAccept(error, std::move(socket), shard);
  });
}

void Listener::OnAccept(const error_code& error, tcp::socket socket, size_t shard) {
  if (!acceptor_.is_open()) return;
  if (!error) {
    if (budget_.Take()) shards_[shard]->Adopt(std::move(socket));
    return Accept();
  }
  if (error == boost::asio::error::connection_aborted) return Accept();
  LOG_EVERY_N(WARNING, 100) << "cannot accept a connection: " << error.message();
  retry_.expires_after(kRetryDelay);
  retry_.async_wait([this](const error_code& cancelled) {
    if (!cancelled) Accept();
  });
}

}  // namespace gateway

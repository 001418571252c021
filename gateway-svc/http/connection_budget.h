// How many connections there are, over all shards and of each address, and how many there may be.

#ifndef GATEWAY_SVC_HTTP_CONNECTION_BUDGET_H_
#define GATEWAY_SVC_HTTP_CONNECTION_BUDGET_H_

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway-svc/http/address_limit.h"

namespace gateway {

class ConnectionBudget;

// One connection's place in the budget, which outlives it, and whose it is. It is given back when this is destroyed or
// assigned to.
class ConnectionPlace {
 public:
  // No place.
  ConnectionPlace() = default;
  ConnectionPlace(ConnectionPlace&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), peer_(other.peer_) {}
  ConnectionPlace& operator=(ConnectionPlace&& other) noexcept {
    if (this == &other) return *this;
    Release();
    budget_ = std::exchange(other.budget_, nullptr);
    peer_ = other.peer_;
    return *this;
  }
  ~ConnectionPlace() { Release(); }

  bool held() const { return budget_ != nullptr; }
  // Also when the connection is broken, and the socket does not know any more.
  const boost::asio::ip::tcp::endpoint& peer() const { return peer_; }

 private:
  friend class ConnectionBudget;
  ConnectionPlace(ConnectionBudget* budget, const boost::asio::ip::tcp::endpoint& peer)
      : budget_(budget), peer_(peer) {}
  inline void Release();

  ConnectionBudget* budget_ = nullptr;
  boost::asio::ip::tcp::endpoint peer_;
};

// Any thread. Touched when a connection comes and goes, never per event.
class ConnectionBudget {
 public:
  // Beyond `connections_max` a client is told so in words; beyond this many more it is not even heard.
  static constexpr int64_t kToldMax = 256;

  enum class Answer { kTaken, kFull, kAddressFull };

  // `per_address_max` 0: an address may have all.
  explicit ConnectionBudget(int64_t connections_max, int64_t per_address_max = 0)
      : connections_max_(connections_max), addresses_(per_address_max) {}

  // Unless it answers kTaken, close the connection at once: nothing was taken, and `place` is as it was.
  Answer Take(const boost::asio::ip::tcp::endpoint& peer, ConnectionPlace& place) {
    const uint64_t key = AddressKey(peer.address());
    {
      absl::MutexLock lock(&mutex_);
      if (open_ >= connections_max_ + kToldMax) return Answer::kFull;
      if (!addresses_.Take(key)) return Answer::kAddressFull;
      ++open_;
    }
    place = ConnectionPlace(this, peer);
    return Answer::kTaken;
  }
  bool exceeded() const {
    absl::MutexLock lock(&mutex_);
    return open_ > connections_max_;
  }
  int64_t open() const {
    absl::MutexLock lock(&mutex_);
    return open_;
  }
  int64_t connections_max() const { return connections_max_; }
  // Waits until none is open; false when that took longer than `timeout`.
  bool AwaitNone(absl::Duration timeout) const {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(this, &ConnectionBudget::None), timeout);
  }

 private:
  friend class ConnectionPlace;

  void GiveBack(uint64_t key) {
    absl::MutexLock lock(&mutex_);
    --open_;
    addresses_.GiveBack(key);
  }
  bool None() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return open_ == 0; }

  const int64_t connections_max_;
  mutable absl::Mutex mutex_;
  int64_t open_ ABSL_GUARDED_BY(mutex_) = 0;
  AddressLimit addresses_ ABSL_GUARDED_BY(mutex_);
};

void ConnectionPlace::Release() {
  if (budget_ != nullptr) std::exchange(budget_, nullptr)->GiveBack(AddressKey(peer_.address()));
}

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_CONNECTION_BUDGET_H_

// How many connections each peer's address has, and how many it may have.
//
// One thread, or under its owner's lock. Memory: an entry for each address that has a connection now; none when there
// is no limit.

#ifndef GATEWAY_SVC_HTTP_ADDRESS_LIMIT_H_
#define GATEWAY_SVC_HTTP_ADDRESS_LIMIT_H_

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_map.h"

namespace gateway {

// What counts as one address: an IPv4 address, also when it comes as ::ffff:a.b.c.d, or the /64 network of an IPv6
// address, of which one customer has all.
uint64_t AddressKey(const boost::asio::ip::address& address);

class AddressLimit {
 public:
  // 0: no limit.
  explicit AddressLimit(int64_t connections_max) : connections_max_(connections_max) {}

  // False: the address has as many as it may; nothing was taken.
  bool Take(uint64_t key);
  // Once for each that was taken.
  void GiveBack(uint64_t key);
  // That have a connection; 0 when there is no limit.
  size_t addresses() const { return open_.size(); }

 private:
  const int64_t connections_max_;
  absl::flat_hash_map<uint64_t, int64_t> open_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_ADDRESS_LIMIT_H_

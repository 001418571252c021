#include "gateway-svc/http/address_limit.h"

namespace gateway {
namespace {

// IPv4 addresses lie in 0:1::/32, from which no IPv6 peer comes: 0000::/8 is reserved (RFC 4291).
constexpr uint64_t kIpv4Network = uint64_t{1} << 32;

}  // namespace

uint64_t AddressKey(const boost::asio::ip::address& address) {
  if (address.is_v4()) return kIpv4Network | address.to_v4().to_uint();
  const boost::asio::ip::address_v6 v6 = address.to_v6();
  const auto bytes = v6.to_bytes();
  uint64_t key = 0;
  if (v6.is_v4_mapped()) {
    for (size_t i = 12; i < 16; ++i) key = key << 8 | bytes[i];
    return kIpv4Network | key;
  }
  for (size_t i = 0; i < 8; ++i) key = key << 8 | bytes[i];
  return key;
}

bool AddressLimit::Take(uint64_t key) {
  if (connections_max_ <= 0) return true;
  int64_t& open = open_[key];
  if (open >= connections_max_) return false;
  ++open;
  return true;
}

void AddressLimit::GiveBack(uint64_t key) {
  const auto it = open_.find(key);
  if (it != open_.end() && --it->second <= 0) open_.erase(it);
}

}  // namespace gateway

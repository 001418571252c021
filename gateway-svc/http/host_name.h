// What the Host of a request, or of an origin, says of where it leads. Names can be anybody's who lets them point here
// (DNS rebinding); addresses and the loopback's own names cannot.

#ifndef GATEWAY_SVC_HTTP_HOST_NAME_H_
#define GATEWAY_SVC_HTTP_HOST_NAME_H_

#include "absl/strings/string_view.h"

namespace gateway {

// "name" of "name:port", "[v6]" of "[v6]:port".
absl::string_view WithoutPort(absl::string_view authority);
// An IPv4 address, or an IPv6 address in brackets.
bool IsIpAddress(absl::string_view host);
// localhost, a name below it, or an address of the loopback.
bool IsLoopback(absl::string_view host);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_HOST_NAME_H_

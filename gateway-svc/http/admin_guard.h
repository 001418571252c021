// Who may use the part of the operations port that changes something or names clients. The port has no password and
// lies on the loopback, which every web page in a browser on the machine can reach.

#ifndef GATEWAY_SVC_HTTP_ADMIN_GUARD_H_
#define GATEWAY_SVC_HTTP_ADMIN_GUARD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace gateway {

// Empty when a request with these headers may pass, else why not. Refused are a request with an Origin, which comes
// from a web page, and a Host that is a name other than localhost, which a page's own server may point here (DNS
// rebinding). `has_origin`: also of an empty one.
std::string AdminRefusal(bool has_origin, absl::string_view host);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_ADMIN_GUARD_H_

// Which web pages may open a stream: browsers send the page's origin and let any page connect anywhere, so the server
// decides.

#ifndef GATEWAY_SVC_HTTP_ORIGIN_POLICY_H_
#define GATEWAY_SVC_HTTP_ORIGIN_POLICY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace gateway {

class OriginPolicy {
 public:
  // Empty: no Origin (not a browser), pages served from loopback, and the gateway's own origin where it is an IP
  // address: a name may be anybody's, who lets it point here (DNS rebinding). Otherwise exactly those listed
  // ("https://app.example.com"), and requests without an Origin; "*" lists all.
  explicit OriginPolicy(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {}

  // `origin` and `host` are header values.
  bool Allows(absl::string_view origin, absl::string_view host) const;
  // For a request without an Origin that a browser may have sent: pages send none when they read where they came from,
  // and a name that leads here may be anybody's. A loopback's name, an IP address, or the host of a listed origin.
  bool AllowsHost(absl::string_view host) const;

 private:
  std::vector<std::string> allowed_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_ORIGIN_POLICY_H_

// How the operations port refuses.

#ifndef GATEWAY_SVC_HTTP_OPS_ANSWER_H_
#define GATEWAY_SVC_HTTP_OPS_ANSWER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace httplib {
struct Request;
struct Response;
}  // namespace httplib

namespace gateway {

// {"code":…,"message":…}
void Refuse(int status, absl::string_view code, absl::string_view message, httplib::Response& response);

// Whether the request's method is one of `allowed`, as "GET, DELETE"; otherwise it is refused with 405. HEAD is
// allowed where GET is.
bool CheckMethod(const httplib::Request& request, const std::string& allowed, httplib::Response& response);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_OPS_ANSWER_H_

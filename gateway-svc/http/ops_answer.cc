#include "gateway-svc/http/ops_answer.h"

#include <httplib.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gateway-svc/http/server_message.h"

namespace gateway {

void Refuse(int status, absl::string_view code, absl::string_view message, httplib::Response& response) {
  response.status = status;
  response.set_content(absl::StrCat(R"({"code":)", JsonString(code), R"(,"message":)", JsonString(message), "}\n"),
                       "application/json");
}

bool CheckMethod(const httplib::Request& request, const std::string& allowed, httplib::Response& response) {
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  for (const absl::string_view name : absl::StrSplit(allowed, ", ")) {
    if (method == name) return true;
  }
  response.set_header("Allow", allowed);
  Refuse(405, "METHOD_NOT_ALLOWED", absl::StrCat(request.path, " takes ", allowed), response);
  return false;
}

}  // namespace gateway

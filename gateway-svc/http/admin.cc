#include "gateway-svc/http/admin.h"

#include <httplib.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gateway-svc/http/admin_guard.h"
#include "gateway-svc/http/clients_json.h"
#include "gateway-svc/http/ops_answer.h"
#include "gateway-svc/http/server_message.h"

namespace gateway {
namespace {

constexpr int64_t kLimitDefault = 1000;
constexpr int64_t kLimitMost = 1'000'000;
constexpr int64_t kDrainMsMost = 3'600'000;

// The one parameter that the request may have, a number from 0 to `most`; left as it is when it is absent. False:
// refused.
bool ReadNumber(const httplib::Request& request, const std::string& name, int64_t most, int64_t& number,
                httplib::Response& response) {
  for (const auto& [given, value] : request.params) {
    if (given != name) {
      Refuse(400, "BAD_REQUEST", absl::StrCat("unknown parameter \"", given, "\"; allowed is ", name), response);
      return false;
    }
    if (request.params.size() > 1 || !absl::SimpleAtoi(value, &number) || number < 0 || number > most) {
      Refuse(400, "BAD_REQUEST", absl::StrCat(name, ": right is one number from 0 to ", most), response);
      return false;
    }
  }
  return true;
}

}  // namespace

bool Admin::Answer(const httplib::Request& request, httplib::Response& response) const {
  absl::string_view path = request.path;
  if (!absl::ConsumePrefix(&path, "/admin/")) return false;
  const std::string refusal = AdminRefusal(request.has_header("Origin"), request.get_header_value("Host"));
  if (!refusal.empty()) {
    Refuse(403, "FORBIDDEN", refusal, response);
    return true;
  }
  if (path == "clients") {
    if (CheckMethod(request, "GET", response)) List(request, response);
    return true;
  }
  if (path == "drain") {
    if (CheckMethod(request, "POST", response)) Drain(request, response);
    return true;
  }
  if (!absl::ConsumePrefix(&path, "clients/")) return false;
  const bool kick = absl::ConsumeSuffix(&path, "/kick");
  if (path.empty() || absl::StrContains(path, "/")) return false;
  if (CheckMethod(request, kick ? "POST" : "DELETE", response)) Kick(std::string(path), response);
  return true;
}

void Admin::List(const httplib::Request& request, httplib::Response& response) const {
  int64_t limit = kLimitDefault;
  if (!ReadNumber(request, "limit", kLimitMost, limit, response)) return;
  const auto most = static_cast<size_t>(limit);
  response.set_content(ClientsJson(actions_.clients->List(), actions_.disconnects->Newest(most), most),
                       "application/json");
}

void Admin::Kick(const std::string& id, httplib::Response& response) const {
  const absl::Status kicked = actions_.clients->Kick(id);
  if (kicked.ok())
    return response.set_content(absl::StrCat(R"({"kicked":)", JsonString(id), "}\n"), "application/json");
  const bool none = kicked.code() == absl::StatusCode::kNotFound;
  Refuse(none ? 404 : 503, none ? "CLIENT_NOT_FOUND" : "UNAVAILABLE",
         {kicked.message().data(), kicked.message().size()}, response);
}

void Admin::Drain(const httplib::Request& request, httplib::Response& response) const {
  int64_t over_ms = absl::ToInt64Milliseconds(actions_.drain_default);
  if (!ReadNumber(request, "over_ms", kDrainMsMost, over_ms, response)) return;
  const bool begun = actions_.drain(absl::Milliseconds(over_ms));
  response.status = 202;
  response.set_content(begun ? absl::StrCat(R"({"draining":true,"already":false,"over_ms":)", over_ms, "}\n")
                             : std::string("{\"draining\":true,\"already\":true}\n"),
                       "application/json");
}

}  // namespace gateway

#include "gateway-svc/http/clients_json.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gateway-svc/http/server_message.h"

namespace gateway {
namespace {

void AppendMembers(const ClientInfo& client, std::string& out) {
  absl::StrAppend(&out, R"("id":)", JsonString(client.id), R"(,"address":)", JsonString(client.address),
                  R"(,"transport":)", JsonString(client.transport), R"(,"phase":)", JsonString(client.phase),
                  R"(,"cursor":)", client.cursor.empty() ? "null" : JsonString(client.cursor));
  absl::StrAppend(&out, R"(,"behind_events":)", client.behind_events, R"(,"bytes_sent":)", client.bytes_sent,
                  R"(,"bytes_received":)", client.bytes_received, R"(,"bytes_pending":)", client.bytes_pending);
  absl::StrAppend(&out, R"(,"age_s":)", absl::StrFormat("%.3f", absl::ToDoubleSeconds(client.age)), R"(,"mode":)",
                  client.mode.empty() ? "null" : JsonString(client.mode), R"(,"filter":)",
                  client.filter.empty() ? "null" : client.filter);
}

}  // namespace

std::string ClientsJson(ClientList list, const DisconnectLog::Page& disconnects, size_t limit) {
  std::vector<ClientInfo>& clients = list.clients;
  const size_t shown = std::min(limit, clients.size());
  std::partial_sort(clients.begin(), clients.begin() + static_cast<std::ptrdiff_t>(shown), clients.end(),
                    [](const ClientInfo& a, const ClientInfo& b) {
                      return std::tie(b.behind_events, a.id) < std::tie(a.behind_events, b.id);
                    });
  std::string out = absl::StrCat(R"({"complete":)", list.complete ? "true" : "false", R"(,"clients_total":)",
                                 clients.size(), R"(,"clients":[)");
  for (size_t i = 0; i < shown; ++i) {
    out += i > 0 ? ",{" : "{";
    AppendMembers(clients[i], out);
    out += '}';
  }
  absl::StrAppend(&out, R"(],"disconnects_total":)", disconnects.total, R"(,"disconnects":[)");
  for (size_t i = 0; i < std::min(limit, disconnects.newest_first.size()); ++i) {
    const DisconnectInfo& gone = *disconnects.newest_first[i];
    out += i > 0 ? ",{" : "{";
    AppendMembers(gone.client, out);
    absl::StrAppend(&out, R"(,"reason":)", JsonString(gone.reason), R"(,"time":)",
                    JsonString(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", gone.time, absl::UTCTimeZone())), "}");
  }
  return out + "]}\n";
}

}  // namespace gateway

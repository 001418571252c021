// What /admin/clients answers.

#ifndef GATEWAY_SVC_HTTP_CLIENTS_JSON_H_
#define GATEWAY_SVC_HTTP_CLIENTS_JSON_H_

#include <cstddef>
#include <string>

#include "gateway-svc/http/client_directory.h"
#include "gateway-svc/http/disconnect_log.h"

namespace gateway {

// One JSON object and a newline: {"complete", "clients_total", "clients": [those furthest behind first, at most
// `limit`], "disconnects_total", "disconnects": [the newest first]}.
std::string ClientsJson(ClientList list, const DisconnectLog::Page& disconnects, size_t limit);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_CLIENTS_JSON_H_

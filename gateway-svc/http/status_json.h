// What /stats answers.

#ifndef GATEWAY_SVC_HTTP_STATUS_JSON_H_
#define GATEWAY_SVC_HTTP_STATUS_JSON_H_

#include <string>

#include "gateway-svc/http/gateway_status.h"

namespace gateway {

// One JSON object and a newline. Members may be added; those that are there keep their meaning.
std::string StatusJson(const GatewayStatus& status);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_STATUS_JSON_H_

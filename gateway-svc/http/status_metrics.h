// What /metrics answers.

#ifndef GATEWAY_SVC_HTTP_STATUS_METRICS_H_
#define GATEWAY_SVC_HTTP_STATUS_METRICS_H_

#include <string>

#include "gateway-svc/http/gateway_status.h"

namespace gateway {

// In the text format of Prometheus. Base units; no label names a client. A figure of the process that could not be read
// is left out.
std::string StatusMetrics(const GatewayStatus& status);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_STATUS_METRICS_H_

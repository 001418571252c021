// Adds a client's values to a filter, strictly: what can match nothing, or is beyond a limit, is refused in words that
// name the field.

#ifndef GATEWAY_SVC_HTTP_FILTER_VALUES_H_
#define GATEWAY_SVC_HTTP_FILTER_VALUES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gateway-svc/hub/filter.h"

namespace gateway {

// Each is UTF-8. Errors are kInvalidArgument.
absl::Status AddType(std::string value, Filter& filter);
absl::Status AddSubject(std::string value, Filter& filter);
absl::Status AddSource(std::string value, Filter& filter);
absl::Status AddAttribute(absl::string_view key, std::string value, Filter& filter);

// Whether all of it together is within bounds.
absl::Status CheckSize(const Filter& filter);

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_FILTER_VALUES_H_

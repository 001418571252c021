// Which events a client wants: AND across the fields, OR within one.

#ifndef GATEWAY_SVC_HUB_FILTER_H_
#define GATEWAY_SVC_HUB_FILTER_H_

#include <map>
#include <string>
#include <vector>

#include "gateway-svc/hub/event_block.h"

namespace gateway {

struct Filter {
  std::vector<std::string> types;  // exact, or "prefix.*"; "*" takes all
  std::vector<std::string> subjects;
  std::vector<std::string> sources;
  std::map<std::string, std::vector<std::string>> attributes = {};  // by key: one of the values

  bool empty() const { return types.empty() && subjects.empty() && sources.empty() && attributes.empty(); }
  bool Matches(const EncodedEvent& event) const;
};

// Sorted, without repetitions and without values that another one covers. Filters that mean the same become equal.
Filter Normalized(Filter filter);

// Equal for equal normalized filters, different for different ones.
std::string FilterKey(const Filter& filter);

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_FILTER_H_

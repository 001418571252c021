#include "eventlog-svc/client/producer_id.h"

#include <sys/random.h>

#include <cstdint>

#include "absl/strings/str_format.h"
#include "glog/logging.h"

namespace eventlog {

std::string NewProducerId() {
  uint64_t words[2];
  // So few bytes come whole, and are never refused.
  PCHECK(getrandom(words, sizeof(words), 0) == sizeof(words)) << "getrandom";
  return absl::StrFormat("%016x%016x", words[0], words[1]);
}

}  // namespace eventlog

#include "gateway-svc/hub/hub.h"

#include <utility>

namespace gateway {

void Hub::Broadcast(EventBlockPtr block) { ring_.Append(std::move(block)); }

void Hub::Connected(const std::string& epoch, int64_t log_start, int64_t log_head, int64_t next_offset) {
  ring_.SetConnected(epoch, log_start, log_head, next_offset);
}

void Hub::Disconnected() { ring_.SetDisconnected(); }

}  // namespace gateway

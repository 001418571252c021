// The directory over all shards: asks all at once, and waits so long and no longer.

#ifndef GATEWAY_SVC_HTTP_SHARD_DIRECTORY_H_
#define GATEWAY_SVC_HTTP_SHARD_DIRECTORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gateway-svc/http/client_directory.h"
#include "gateway-svc/http/shard_clients.h"

namespace gateway {

// Any thread but a shard's. A shard may answer when this is gone.
class ShardDirectory : public ClientDirectory {
 public:
  // `shards` must outlive it.
  explicit ShardDirectory(std::vector<ShardClients*> shards, absl::Duration patience = absl::Seconds(3));

  ClientList List() override;
  absl::Status Kick(const std::string& id) override;

 private:
  const std::vector<ShardClients*> shards_;
  const absl::Duration patience_;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_SHARD_DIRECTORY_H_

#include "eventlog-svc/engine/memory/memory_engine.h"

#include <random>
#include <utility>

#include "absl/strings/str_format.h"
#include "eventlog-svc/engine/memory/memory_store.h"

namespace eventlog {

std::unique_ptr<LocalEngine> NewMemoryEngine(MemoryEngineOptions options) {
  std::random_device random;
  options.commit.name = kDefaultLog;
  options.commit.durability = Durability::kMemory;
  auto store = std::make_unique<MemoryStore>(absl::StrFormat("%08x%08x", random(), random()), options.bytes_max);
  Capabilities capabilities;
  capabilities.durability_max = Durability::kMemory;
  return std::make_unique<LocalEngine>(
      "memory", capabilities,
      std::make_unique<CommitLog>(std::move(options.commit), std::move(store), ProducerTable(options.producers)));
}

}  // namespace eventlog

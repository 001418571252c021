#include "eventlog-svc/engine/memory/memory_engine.h"

#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "eventlog-svc/engine/memory/memory_store.h"
#include "eventlog-svc/engine/store_factory.h"
#include "glog/logging.h"

namespace eventlog {
namespace {

class MemoryStores : public StoreFactory {
 public:
  MemoryStores(int64_t bytes_max, const ProducerTableOptions& producers)
      : bytes_max_(bytes_max), producers_(producers) {}

  absl::StatusOr<std::vector<std::string>> List() override { return std::vector<std::string>(); }
  absl::StatusOr<Opened> Open(const std::string& name) override {
    return absl::InternalError("the memory engine has no log \"" + name + "\" to open");
  }
  absl::StatusOr<Opened> Create(const std::string&, const LogSettings& settings) override {
    std::random_device random;
    return Opened{std::make_unique<MemoryStore>(absl::StrFormat("%08x%08x", random(), random()), bytes_max_),
                  std::make_unique<LogState>(producers_, settings)};
  }
  absl::Status Remove(const std::string&) override { return absl::OkStatus(); }
  void Clear(const std::string&) override {}

 private:
  const int64_t bytes_max_;
  const ProducerTableOptions producers_;
};

}  // namespace

std::unique_ptr<LocalEngine> NewMemoryEngine(MemoryEngineOptions options) {
  LocalEngineOptions engine;
  engine.name = "memory";
  engine.capabilities.durability_max = Durability::kMemory;
  engine.commit = std::move(options.commit);
  engine.retention_interval = options.retention_interval;
  absl::StatusOr<std::unique_ptr<LocalEngine>> opened =
      LocalEngine::Open(std::move(engine), std::make_unique<MemoryStores>(options.bytes_max, options.producers));
  CHECK(opened.ok()) << opened.status();  // nothing of it can fail
  return *std::move(opened);
}

}  // namespace eventlog

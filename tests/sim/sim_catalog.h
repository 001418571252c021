// Makes and deletes other logs beside the one that is simulated, and holds what a restart finds of them against what
// was answered: a log that was made is there, with all that was synced; one that was deleted is not, whatever the
// moment at which the process or the power went.

#ifndef TESTS_SIM_SIM_CATALOG_H_
#define TESTS_SIM_SIM_CATALOG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "eventlog-svc/engine/store_factory.h"
#include "tests/sim/sim_client.h"

namespace eventlog {

class SimCatalog : public SimClient {
 public:
  explicit SimCatalog(std::string name);

  absl::Status Act(SimWorld& world) override;
  absl::Status OnOpened(SimWorld& world) override;
  void OnRestart() override;

 private:
  enum class Known { kNotThere, kThere, kOpen };
  struct Life {
    Known known = Known::kNotThere;
    std::string epoch;     // of the log that is there, or may be
    int64_t head_min = 0;  // what of it is synced
    int64_t head_max = 0;  // and what was written
    std::optional<StoreFactory::Opened> opened;
  };

  absl::Status Create(SimWorld& world, const std::string& log, Life& life);
  absl::Status Append(SimWorld& world, Life& life);
  absl::Status Remove(SimWorld& world, const std::string& log, Life& life);
  absl::Status Find(SimWorld& world, const std::string& log, Life& life);

  std::map<std::string, Life> lives_;
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIM_CATALOG_H_

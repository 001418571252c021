// Keeps the log: trims it, by hand and as retention does, and changes its settings.

#ifndef TESTS_SIM_SIM_OPERATOR_H_
#define TESTS_SIM_SIM_OPERATOR_H_

#include <cstdint>
#include <string>
#include <utility>

#include "tests/sim/sim_client.h"

namespace eventlog {

class SimOperator : public SimClient {
 public:
  explicit SimOperator(std::string name) : SimClient(std::move(name)) {}

  absl::Status Act(SimWorld& world) override;

 private:
  absl::Status Retain(SimWorld& world);
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIM_OPERATOR_H_

// Reads the log anywhere: forward and backward, by offset and by time, inside and outside.

#ifndef TESTS_SIM_SIM_READER_H_
#define TESTS_SIM_SIM_READER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "tests/sim/sim_client.h"

namespace eventlog {

class SimReader : public SimClient {
 public:
  explicit SimReader(std::string name) : SimClient(std::move(name)) {}

  absl::Status Act(SimWorld& world) override;
  int64_t position() const override { return position_; }

 private:
  absl::Status FindTime(SimWorld& world);

  int64_t position_ = 0;
  Direction direction_ = Direction::kForward;
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIM_READER_H_

// Reads the log from a cursor and commits how far it came. It takes the cursor anew, commits late with a generation
// that is over, and resets and deletes it.

#ifndef TESTS_SIM_SIM_CONSUMER_H_
#define TESTS_SIM_SIM_CONSUMER_H_

#include <cstdint>
#include <string>

#include "tests/sim/sim_client.h"

namespace eventlog {

class SimConsumer : public SimClient {
 public:
  // `cursor` may be that of another consumer too: they fence each other.
  SimConsumer(std::string name, std::string cursor);

  absl::Status Act(SimWorld& world) override;
  int64_t position() const override { return position_; }
  void OnAnswer(const SimRequest& request, bool is_lost) override;

 private:
  absl::Status ReadOn(SimWorld& world);
  int64_t DrawOffset(SimWorld& world) const;

  const std::string cursor_;
  int64_t generation_ = 0;
  int64_t position_ = 0;
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIM_CONSUMER_H_

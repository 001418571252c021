// Appends batches: numbered ones, repeated until they are answered, as the client library's; or without numbers. At
// times it does what it should not: leaves a gap, comes with an old epoch, or repeats what is long answered.

#ifndef TESTS_SIM_SIM_PRODUCER_H_
#define TESTS_SIM_SIM_PRODUCER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/sim_client.h"

namespace eventlog {

class SimProducer : public SimClient {
 public:
  // `id` may be that of another producer too: they fence each other. Empty: without numbers.
  SimProducer(std::string name, std::string id);

  absl::Status Act(SimWorld& world) override;
  void OnAnswer(const SimRequest& request, bool is_lost) override;

 private:
  struct Unanswered {
    SimAppend append;
    bool is_acknowledged = false;  // and the answer was lost on its way
  };

  std::vector<std::string> MakeTexts(SimRandom& random);
  SimAppend MakeNew(SimRandom& random);
  SimAppend MakeWrong(SimRandom& random);
  void BeginEpoch(int64_t epoch);

  const std::string id_;
  int64_t batches_ = 0;
  int64_t epoch_ = 0;
  int64_t next_sequence_ = 0;
  std::shared_ptr<AppendOrder> stream_;  // nullptr: unary calls
  std::deque<Unanswered> unanswered_;    // to be repeated
  std::deque<SimAppend> answered_;       // the last ones
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIM_PRODUCER_H_

// What a client of the simulation asked of the log, and what it was answered.

#ifndef TESTS_SIM_SIM_REQUEST_H_
#define TESTS_SIM_SIM_REQUEST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

struct SimAppend {
  std::vector<std::string> texts;
  std::optional<int64_t> expected_next_offset;
  std::optional<ProducerSequence> producer;
  Durability durability = Durability::kDefault;
  // Set for the batches of a stream.
  std::shared_ptr<AppendOrder> stream = nullptr;
};

class SimClient;

struct SimRequest {
  std::string client;           // its name
  SimClient* sender = nullptr;  // hears of the answer
  std::variant<SimAppend, LogChange> what;
  // Set with the answer, which is to come once.
  int answers = 0;
  absl::Status status;
  AppendResult appended;
  Cursor cursor;
  int64_t head_offset = 0;  // of the log, when the answer came
};

// As they stand in the trace.
std::string Describe(const SimRequest& request);
std::string DescribeAnswer(const SimRequest& request);
std::string Describe(const LogSettings& settings);

}  // namespace eventlog

#endif  // TESTS_SIM_SIM_REQUEST_H_

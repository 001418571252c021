// Follows the log through engine/subscription.h, with a cursor that it takes and commits, or without one. It sees all
// that comes next, once, in order; and nothing more once somebody else holds its cursor.

#ifndef TESTS_SIM_SIM_SUBSCRIBER_H_
#define TESTS_SIM_SIM_SUBSCRIBER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/subscription.h"
#include "tests/sim/sim_client.h"

namespace eventlog {

class SimSubscriber : public SimClient {
 public:
  // Without a cursor it starts anywhere.
  SimSubscriber(std::string name, std::string cursor);

  absl::Status Act(SimWorld& world) override;
  int64_t position() const override { return position_.value_or(-1); }
  void OnAnswer(const SimRequest& request, bool is_lost) override;
  void OnRestart() override { End(); }

 private:
  void Begin(SimWorld& world);
  void End();
  absl::Status Next(SimWorld& world);
  absl::Status Check(const SimWorld& world, const SubscriptionMessage& message);
  // Whether the cursor is still its own.
  bool Holds(const SimWorld& world) const;

  const std::string cursor_;
  std::optional<Cursor> taken_;  // for the next subscription, then the one that is held
  std::optional<Subscription> subscription_;
  std::optional<int64_t> position_;  // what is due; nothing before the start
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIM_SUBSCRIBER_H_

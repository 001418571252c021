// Somebody who uses the log: a small state machine that acts when the scheduler says so.

#ifndef TESTS_SIM_SIM_CLIENT_H_
#define TESTS_SIM_SIM_CLIENT_H_

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "tests/sim/sim_request.h"
#include "tests/sim/sim_world.h"

namespace eventlog {

// One thread.
class SimClient {
 public:
  explicit SimClient(std::string name) : name_(std::move(name)) {}
  virtual ~SimClient() = default;

  // Its turn, while the log is open: it sends requests, or reads. kInternal when what it read breaks a promise.
  virtual absl::Status Act(SimWorld& world) = 0;
  // A request of its own is over; `is_lost`: the client hears nothing, whatever became of it.
  virtual void OnAnswer(const SimRequest& request, bool is_lost) {}
  // The log is gone, and will be opened again.
  virtual void OnRestart() {}
  // Where it reads on; -1: it reads nothing now.
  virtual int64_t position() const { return -1; }
  // It is open again. As Act.
  virtual absl::Status OnOpened(SimWorld& world) { return absl::OkStatus(); }

 protected:
  void Send(SimWorld& world, std::variant<SimAppend, LogChange> what) {
    auto request = std::make_shared<SimRequest>();
    request->client = name_;
    request->sender = this;
    request->what = std::move(what);
    world.Send(std::move(request));
  }
  const std::string& name() const { return name_; }

 private:
  const std::string name_;
};

}  // namespace eventlog

#endif  // TESTS_SIM_SIM_CLIENT_H_

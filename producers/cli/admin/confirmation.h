// Asks somebody at a terminal before something is gone for good.

#ifndef PRODUCERS_CLI_ADMIN_CONFIRMATION_H_
#define PRODUCERS_CLI_ADMIN_CONFIRMATION_H_

#include <string>

#include "absl/status/status.h"

namespace eventlog {

class Confirmation {
 public:
  // `given`: --yes, nobody is asked. `input` is a file descriptor, not owned.
  Confirmation(bool given, int input) : given_(given), input_(input) {}

  // kFailedPrecondition where somebody must be asked and nobody can be: then nothing should be begun.
  absl::Status CheckCanAsk() const;
  bool given() const { return given_; }

  // Puts the question on standard error and waits for a line of the terminal. kCancelled unless that is "y" or "yes";
  // the end of the input is no. OK at once where it was given.
  absl::Status Ask(const std::string& question) const;

 private:
  const bool given_;
  const int input_;
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_ADMIN_CONFIRMATION_H_

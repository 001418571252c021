// The commands of the administration against a whole service in this process.

#ifndef TESTS_PRODUCERS_CLI_ADMIN_ADMIN_FIXTURE_H_
#define TESTS_PRODUCERS_CLI_ADMIN_ADMIN_FIXTURE_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "producers/cli/command.h"
#include "producers/cli/dispatcher.h"
#include "tests/conformance/live_service.h"

namespace eventlog {

struct Outcome {
  ExitCode code = kExitOk;
  std::string out;
  std::string err;
};

class AdminFixture : public testing::Test {
 protected:
  AdminFixture() : service_("memory") {}

  std::string address() { return absl::StrCat("127.0.0.1:", service_.server().grpc_address().port); }

  // The command of this name, with its arguments; prints JSON unless `json` says otherwise.
  Outcome Run(const std::vector<const Command*>& commands, const std::string& name,
              const std::vector<std::string>& arguments, bool json = true) {
    for (const Command* command : commands) {
      if (command->name != name) continue;
      testing::internal::CaptureStdout();
      testing::internal::CaptureStderr();
      Outcome outcome;
      outcome.code = RunCommand(*command, CommandContext{address(), "", json, false}, arguments);
      outcome.out = testing::internal::GetCapturedStdout();
      outcome.err = testing::internal::GetCapturedStderr();
      return outcome;
    }
    ADD_FAILURE() << "there is no command " << name;
    return {};
  }

  LiveService service_;
};

}  // namespace eventlog

#endif  // TESTS_PRODUCERS_CLI_ADMIN_ADMIN_FIXTURE_H_

// The commands that need the stored files of a log run the program that can read them: `eventlog` knows the API alone.

#ifndef PRODUCERS_CLI_ADMIN_ADMIN_PROGRAM_H_
#define PRODUCERS_CLI_ADMIN_ADMIN_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace eventlog {

inline constexpr char kAdminProgram[] = "eventlog-admin";

// Where it lies: beside `program`, the path of this program; where Bazel put it, in its output or in the program's
// runfiles; or in one of the folders of `path`, as PATH of the environment has them. kNotFound says where it was looked
// for, and what would be right.
absl::StatusOr<std::string> FindAdminProgram(const std::string& program, const std::string& path);

// Becomes that program: its arguments, with this process' streams, folder and environment, and its exit code. Returns
// only when that fails.
absl::Status BecomeAdminProgram(const std::vector<std::string>& arguments);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_ADMIN_ADMIN_PROGRAM_H_

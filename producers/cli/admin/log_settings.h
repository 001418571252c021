// The settings of a log: as flags of `logs create` and `logs update`, and as people read them.

#ifndef PRODUCERS_CLI_ADMIN_LOG_SETTINGS_H_
#define PRODUCERS_CLI_ADMIN_LOG_SETTINGS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/field_mask.pb.h"
#include "producers/cli/command_line.h"
#include "proto/eventlog/v1/log_admin.pb.h"

namespace eventlog {

const std::vector<FlagSpec>& LogSettingFlags();

// Puts what the flags say into `log`, and into `mask` which settings those are: no other is to change. kInvalidArgument
// names the flag, what is wrong with it, and what is right.
absl::Status ReadLogSettings(const CommandLine& line, v1::Log& log, google::protobuf::FieldMask& mask);

// One JSON line, without its line feed. The retention is always there, with zeros for what is not limited.
std::string LogJson(const v1::Log& log);

// A table with one line for each.
std::string LogsText(const std::vector<v1::Log>& logs);
// All of one log, a line for each setting.
std::string LogText(const v1::Log& log);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_ADMIN_LOG_SETTINGS_H_

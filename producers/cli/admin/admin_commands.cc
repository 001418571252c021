#include "producers/cli/admin/admin_commands.h"

#include "producers/cli/admin/cursors_commands.h"
#include "producers/cli/admin/logs_commands.h"
#include "producers/cli/admin/stored_log_commands.h"
#include "producers/cli/admin/verify_command.h"

namespace eventlog {

std::vector<const Command*> AdminCommands() {
  std::vector<const Command*> commands = LogsCommands();
  const std::vector<const Command*> cursors = CursorsCommands();
  commands.insert(commands.end(), cursors.begin(), cursors.end());
  commands.push_back(&VerifyCommand());
  const std::vector<const Command*> stored = StoredLogCommands();
  commands.insert(commands.end(), stored.begin(), stored.end());
  return commands;
}

}  // namespace eventlog

#include "producers/cli/commands.h"

#include "producers/cli/append_command.h"
#include "producers/cli/stats_command.h"
#include "producers/cli/tail_command.h"

namespace eventlog {

const std::vector<const Command*>& AllCommands() {
  static const auto* const commands = new std::vector<const Command*>{
      &AppendCommand(),
      &TailCommand(),
      &StatsCommand(),
  };
  return *commands;
}

}  // namespace eventlog

#include "producers/cli/commands.h"

#include "producers/cli/append_command.h"
#include "producers/cli/completion_command.h"
#include "producers/cli/stats_command.h"
#include "producers/cli/tail_command.h"

namespace eventlog {

const std::vector<const Command*>& AllCommands() {
  static const auto* const commands = [] {
    auto* const all = new std::vector<const Command*>{
        &AppendCommand(),
        &TailCommand(),
        &StatsCommand(),
    };
    all->push_back(&CompletionCommand(*all));
    return all;
  }();
  return *commands;
}

}  // namespace eventlog

#include "producers/cli/commands.h"

#include "producers/cli/admin/admin_commands.h"
#include "producers/cli/append_command.h"
#include "producers/cli/completion_command.h"
#include "producers/cli/stats_command.h"
#include "producers/cli/tail_command.h"
#include "producers/hook/flush_command.h"
#include "producers/hook/hook_command.h"
#include "producers/hook/settings_command.h"
#include "producers/hook/status_command.h"
#include "producers/load/bench_command.h"

namespace eventlog {

const std::vector<const Command*>& AllCommands() {
  static const auto* const commands = [] {
    auto* const all = new std::vector<const Command*>{
        &AppendCommand(),
        &TailCommand(),
        &StatsCommand(),
        &BenchCommand(),
    };
    for (const Command& (*const command)() :
         {&HookCommand, &HookInstallCommand, &HookUninstallCommand, &HookStatusCommand, &HookFlushCommand}) {
      all->push_back(&command());
    }
    const std::vector<const Command*> admin = AdminCommands();
    all->insert(all->end(), admin.begin(), admin.end());
    all->push_back(&CompletionCommand(*all));
    return all;
  }();
  return *commands;
}

}  // namespace eventlog

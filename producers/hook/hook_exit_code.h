// How `eventlog hook --strict` ends. None is 2: that blocks what a coding agent is about to do.

#ifndef PRODUCERS_HOOK_HOOK_EXIT_CODE_H_
#define PRODUCERS_HOOK_HOOK_EXIT_CODE_H_

namespace eventlog {

enum HookExitCode {
  kHookKept = 0,
  kHookInvalidJson = 10,
  kHookNotAnObject = 11,
  kHookPayloadTooLarge = 12,
  kHookInputUnfinished = 13,
  kHookSpoolFull = 20,
  kHookDiskFull = 21,
  kHookSpoolBusy = 22,
  kHookSpoolUnusable = 23,
  kHookNoSender = 24,
  kHookWrongLine = 25,
  kHookConfigWrong = 26,
};

inline constexpr char kHookExitCodesHelp[] =
    "Exit codes: 0 always, unless --strict is given; errors are one line on standard error. With --strict: 0 kept;\n"
    "kept as an event that says what is wrong: 10 the input is no JSON, 11 no object, 12 larger than 8 MiB, 13 it did\n"
    "not end in time; not kept: 20 the spool is full, 21 the disk is full, 22 others wrote for too long, 23 the spool\n"
    "cannot be used, 25 wrong command line; kept, but 24 nobody could be started who sends it: the next hook tries\n"
    "again; kept, but 26 something in the configuration file or the environment is wrong, and left out. Never 2, with\n"
    "which a hook blocks what the agent is about to do.\n";

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_HOOK_EXIT_CODE_H_

// `eventlog bench`: loads a log, measures, and verifies what is in it afterwards.

#ifndef PRODUCERS_LOAD_BENCH_COMMAND_H_
#define PRODUCERS_LOAD_BENCH_COMMAND_H_

#include "producers/cli/command.h"

namespace eventlog {

const Command& BenchCommand();

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_BENCH_COMMAND_H_

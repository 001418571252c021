// A terminal or a pipe, opened once more to write to it: what is set there, not to block, is set for nobody else who
// has it.
//
// A plain function; any thread. Linux.

#ifndef PRODUCERS_SESSION_REOPEN_OUTPUT_H_
#define PRODUCERS_SESSION_REOPEN_OUTPUT_H_

namespace eventlog {

// Does not block, and closes on exec; the caller closes it. Below 0 where it cannot be had (another user's, say, or a
// FIFO that nobody reads).
int ReopenOutput(int output);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_REOPEN_OUTPUT_H_

// What a program says at its end of what it has printed: a script would take what is there for all of it.

#ifndef EVENTLOG_SVC_CLIENT_STANDARD_OUTPUT_H_
#define EVENTLOG_SVC_CLIENT_STANDARD_OUTPUT_H_

namespace eventlog {

// Flushes standard output. False when something that was printed on it could not be written, as on a full disk. A
// reader that has enough, as `head` has, is no failure. For the thread that prints.
bool FlushStandardOutput();

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_STANDARD_OUTPUT_H_

// Who sends what is in the user's spool: a process of its own, started when something was added and nobody sends.
//
// Programs that must never wait for the log (hooks, wrapped commands) add to the spool and go on. The sender holds the
// folder's SpoolSenderLock, sends until the spool has been empty for a while, and ends; it tries for as long as the log
// is away. No event is left behind (SpoolDrain), but by a sender that is killed: the next who adds starts another one.
//
// Its token is that of the environment of who started it, or else of the configuration file (service_settings.h). With
// a token that must not go to the server, or none and a file that is wrong, it sends nothing and ends: the events stay
// in the spool, and the next who adds starts another one, which reads the file again.

#ifndef PRODUCERS_SPOOL_SPOOL_SENDER_H_
#define PRODUCERS_SPOOL_SPOOL_SENDER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "producers/spool/spool_folder.h"

namespace eventlog {

// The first argument of a program that is started to send; its main must then give the rest to RunSpoolSender, before
// it does anything else. Not for people.
inline constexpr char kSpoolSenderWord[] = "spool-sender";

// For how many milliseconds the spool must have been empty before the sender ends, where it is set; for tests.
inline constexpr char kSpoolLingerVariable[] = "EVENTLOG_SPOOL_LINGER_MS";

// Starts this very program (/proc/self/exe) again as the sender, on its own (StartDetached; its log is in the folder:
// SenderLog), unless somebody holds the lock. Does not wait for it.
absl::Status EnsureSpoolSender(const std::string& folder);

// The sender's main. `arguments` are those behind kSpoolSenderWord: the folder. Returns the exit code: 0 all is sent,
// or somebody else sends, or SIGTERM, SIGINT or SIGHUP came; 1 the spool failed, or the token forbids to send, see the
// log in the folder; 2 wrong arguments.
int RunSpoolSender(const std::vector<std::string>& arguments);

}  // namespace eventlog

#endif  // PRODUCERS_SPOOL_SPOOL_SENDER_H_

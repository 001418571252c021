// Where the user's spool for a server and a log is: one folder for each pair, the same for all programs.

#ifndef PRODUCERS_SPOOL_SPOOL_FOLDER_H_
#define PRODUCERS_SPOOL_SPOOL_FOLDER_H_

#include <string>

namespace eventlog {

// Below it are the spools; where it is not set, below $XDG_STATE_HOME/eventlog-spool, or else
// ~/.local/state/eventlog-spool.
inline constexpr char kSpoolDirVariable[] = "EVENTLOG_SPOOL_DIR";
// The log of the session, which `session run --log` sets: what joins the session has to be in the same.
inline constexpr char kLogVariable[] = "EVENTLOG_LOG";

// An absolute path; nothing is made. `log` empty: "events". Empty when the environment names no place and the user has
// no home.
std::string SpoolFolder(const std::string& server, const std::string& log);

// Of kLogVariable; "events" where it is not set.
std::string LogFromEnvironment();

}  // namespace eventlog

#endif  // PRODUCERS_SPOOL_SPOOL_FOLDER_H_

// What a session tells the programs in it by their environment: which one it is, and where its events go, so that what
// their hooks say comes to the same place.
//
// Plain functions; any thread.

#ifndef PRODUCERS_SESSION_SESSION_ENVIRONMENT_H_
#define PRODUCERS_SESSION_SESSION_ENVIRONMENT_H_

#include <string>
#include <vector>

namespace eventlog {

inline constexpr char kSessionIdVariable[] = "EVENTLOG_SESSION_ID";

// `environment` ("NAME=VALUE") with kSessionIdVariable, kServerVariable and kLogVariable of this session in place of
// those of one around it. An empty log, which is "events", is said by no variable. EVENTLOG_TOKEN, EVENTLOG_INSECURE
// and EVENTLOG_CONFIG are those of this process, whose server it is: no token goes to a server that it is not for.
std::vector<std::string> SessionEnvironment(std::vector<std::string> environment, const std::string& session_id,
                                            const std::string& server, const std::string& log);

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSION_ENVIRONMENT_H_

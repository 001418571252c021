// The token that every call of this process carries, as metadata `authorization: Bearer TOKEN`.
//
// A program hands it to those that it starts or becomes by its environment, which other users cannot see; never by
// their arguments, which everybody can.

#ifndef EVENTLOG_SVC_CLIENT_BEARER_TOKEN_H_
#define EVENTLOG_SVC_CLIENT_BEARER_TOKEN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

inline constexpr char kTokenVariable[] = "EVENTLOG_TOKEN";
// Whether the token may go to another machine: 1, true or yes; 0, false, no or nothing. Upper and lower case are one.
inline constexpr char kInsecureVariable[] = "EVENTLOG_INSECURE";

// From now on; once in a process at most, before its first call. An empty token sends nothing.
void SendBearerToken(const std::string& token);

// The token of the environment, which stays unsent where CheckTokenStaysHere says so, unless the environment says that
// it may go. kInvalidArgument then, when it can not be sent at all, and when the environment says neither.
absl::Status SendTokenOfEnvironment(absl::string_view server);
// What kInsecureVariable says; kInvalidArgument: neither.
absl::StatusOr<bool> EnvironmentIsInsecure();

// Whether a token may go to `server`, HOST:PORT or several with commas between: there is no TLS, so that everybody on
// the way could read it. kInvalidArgument names the address that is not this machine's own.
absl::Status CheckTokenStaysHere(absl::string_view server);

// Whether `token` can be sent: printable ASCII without spaces.
absl::Status CheckToken(absl::string_view token);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_BEARER_TOKEN_H_

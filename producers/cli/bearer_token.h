// The token that every call of this process carries, as metadata `authorization: Bearer TOKEN`.

#ifndef PRODUCERS_CLI_BEARER_TOKEN_H_
#define PRODUCERS_CLI_BEARER_TOKEN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace eventlog {

// From now on; once in a process at most, before its first call. An empty token sends nothing.
void SendBearerToken(const std::string& token);

// Whether a token may go to `server`, HOST:PORT or several with commas between: there is no TLS, so that everybody on
// the way could read it. kInvalidArgument names the address that is not this machine's own.
absl::Status CheckTokenStaysHere(absl::string_view server);

// Whether `token` can be sent: printable ASCII without spaces.
absl::Status CheckToken(absl::string_view token);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_BEARER_TOKEN_H_

// An address to listen on, as it is given on the command line.

#ifndef EVENTLOG_SVC_CLIENT_LISTEN_ADDRESS_H_
#define EVENTLOG_SVC_CLIENT_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace eventlog {

struct ListenAddress {
  std::string host;  // without brackets
  int port = 0;

  bool is_loopback() const;
  // HOST:PORT, IPv6 in brackets.
  std::string ToString() const;
};

// kInvalidArgument says what is right: HOST:PORT, IPv6 in brackets.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// The same for the value of --`flag`, which an error names. Any address but the loopback is refused unless `insecure`:
// there is no TLS and no token.
absl::StatusOr<ListenAddress> ParseListenFlag(absl::string_view flag, absl::string_view value, bool insecure);

// Whether somebody listens there already, so that a start can be refused before it has touched anything. kUnavailable
// names --`flag`. Only a first look: the port may be taken a moment later, and a name that is not known is not judged.
absl::Status CheckPortIsFree(absl::string_view flag, const ListenAddress& address);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_CLIENT_LISTEN_ADDRESS_H_

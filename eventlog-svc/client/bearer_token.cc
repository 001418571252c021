#include "eventlog-svc/client/bearer_token.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "eventlog-svc/client/listen_address.h"
#include "grpcpp/support/client_interceptor.h"

namespace eventlog {
namespace {

class TokenInterceptor : public grpc::experimental::Interceptor {
 public:
  explicit TokenInterceptor(const std::string& value) : value_(value) {}
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->emplace("authorization", value_);
    }
    methods->Proceed();
  }

 private:
  const std::string& value_;
};

class TokenInterceptorFactory : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit TokenInterceptorFactory(const std::string& token) : value_("Bearer " + token) {}
  grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo*) override {
    return new TokenInterceptor(value_);  // gRPC's own from here on
  }

 private:
  const std::string value_;
};

bool IsOfThisMachine(absl::string_view address) {
  if (absl::StartsWith(address, "unix:") || absl::StartsWith(address, "unix-abstract:")) return true;
  const absl::StatusOr<ListenAddress> parsed = ParseListenAddress(address);
  return parsed.ok() && parsed->is_loopback();
}

}  // namespace

void SendBearerToken(const std::string& token) {
  if (token.empty()) return;
  // Lives to the end of the process, as gRPC wants it.
  grpc::experimental::RegisterGlobalClientInterceptorFactory(new TokenInterceptorFactory(token));
}

absl::Status SendTokenOfEnvironment(absl::string_view server) {
  const absl::StatusOr<bool> insecure = EnvironmentIsInsecure();
  if (!insecure.ok()) return insecure.status();
  const char* const value = std::getenv(kTokenVariable);
  const std::string token = value == nullptr ? "" : value;
  if (token.empty()) return absl::OkStatus();
  absl::Status sendable = CheckToken(token);
  if (sendable.ok() && !*insecure) sendable = CheckTokenStaysHere(server);
  if (sendable.ok()) SendBearerToken(token);
  return sendable;
}

absl::StatusOr<bool> EnvironmentIsInsecure() {
  const char* const variable = std::getenv(kInsecureVariable);
  const absl::string_view value = variable == nullptr ? "" : variable;
  const auto is = [&](absl::string_view word) { return absl::EqualsIgnoreCase(value, word); };
  if (is("1") || is("true") || is("yes")) return true;
  if (is("") || is("0") || is("false") || is("no")) return false;
  return absl::InvalidArgumentError(
      absl::StrCat(kInsecureVariable, "=", absl::CHexEscape(value), ": right is 1, true or yes, or 0, false or no"));
}

absl::Status CheckTokenStaysHere(absl::string_view server) {
  for (const absl::string_view part : absl::StrSplit(server, ',')) {
    const absl::string_view address = absl::StripAsciiWhitespace(part);
    if (IsOfThisMachine(address)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the token is not sent to ", address,
                     ": the connection has no TLS, and everybody on the way could read it; right is an address of the "
                     "loopback (127.0.0.1, [::1], as through ssh -L), or --insecure (EVENTLOG_INSECURE=1) where the "
                     "network is trusted"));
  }
  return absl::OkStatus();
}

absl::Status CheckToken(absl::string_view token) {
  if (std::all_of(token.begin(), token.end(), [](unsigned char c) { return absl::ascii_isgraph(c); })) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "the token has a space or a character that is not ASCII; right is one printed word");
}

}  // namespace eventlog

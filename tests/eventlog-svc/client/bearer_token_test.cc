#include "eventlog-svc/client/bearer_token.h"

#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/client/channel.h"
#include "gmock/gmock.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/server_context.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

// Remembers who called.
class Doorman : public v1::EventLog::Service {
 public:
  grpc::Status GetLogStats(grpc::ServerContext* context, const v1::GetLogStatsRequest*, v1::LogStats*) override {
    Note(*context);
    return grpc::Status::OK;
  }
  grpc::Status Subscribe(grpc::ServerContext* context, const v1::SubscribeRequest*,
                         grpc::ServerWriter<v1::SubscribeResponse>*) override {
    Note(*context);
    return grpc::Status::OK;
  }
  std::multiset<std::string> seen() const {
    absl::MutexLock lock(&mutex_);
    return seen_;
  }

 private:
  void Note(const grpc::ServerContext& context) {
    absl::MutexLock lock(&mutex_);
    for (auto [at, end] = context.client_metadata().equal_range("authorization"); at != end; ++at) {
      seen_.emplace(at->second.data(), at->second.size());
    }
  }

  mutable absl::Mutex mutex_;
  std::multiset<std::string> seen_ ABSL_GUARDED_BY(mutex_);
};

TEST(BearerTokenTest, EveryCallOfEveryChannelCarriesIt) {
  Doorman doorman;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&doorman);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  SendBearerToken("");
  SendBearerToken("secret");
  for (int i = 0; i < 2; ++i) {
    const auto stub = v1::EventLog::NewStub(NewChannel(absl::StrCat("127.0.0.1:", port)));
    grpc::ClientContext unary;
    v1::LogStats stats;
    EXPECT_TRUE(stub->GetLogStats(&unary, v1::GetLogStatsRequest(), &stats).ok());
    grpc::ClientContext streaming;
    const auto reader = stub->Subscribe(&streaming, v1::SubscribeRequest());
    EXPECT_TRUE(reader->Finish().ok());
  }
  EXPECT_EQ(doorman.seen().count("Bearer secret"), 4U);
  EXPECT_EQ(doorman.seen().size(), 4U);
}

TEST(BearerTokenTest, TheEnvironmentSaysWhetherItMayGo) {
  unsetenv(kTokenVariable);
  unsetenv(kInsecureVariable);
  EXPECT_THAT(EnvironmentIsInsecure(), IsOkAndHolds(false));
  EXPECT_THAT(SendTokenOfEnvironment("10.0.0.1:1"), IsOk()) << "there is none";
  setenv(kTokenVariable, "top secret", 1);
  EXPECT_THAT(SendTokenOfEnvironment("127.0.0.1:1"), StatusIs(absl::StatusCode::kInvalidArgument));
  setenv(kTokenVariable, "secret", 1);
  EXPECT_THAT(SendTokenOfEnvironment("127.0.0.1:1,10.0.0.1:1"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("10.0.0.1:1")));
  setenv(kInsecureVariable, "1", 1);
  EXPECT_THAT(EnvironmentIsInsecure(), IsOkAndHolds(true));
  setenv(kInsecureVariable, "maybe", 1);
  EXPECT_THAT(SendTokenOfEnvironment("127.0.0.1:1"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("EVENTLOG_INSECURE=maybe")));
  unsetenv(kTokenVariable);
  unsetenv(kInsecureVariable);
}

TEST(BearerTokenTest, TheEnvironmentMaySayItInSeveralWays) {
  for (const auto& [value, insecure] : std::map<std::string, bool>{{"1", true},
                                                                   {"true", true},
                                                                   {"True", true},
                                                                   {"YES", true},
                                                                   {"", false},
                                                                   {"0", false},
                                                                   {"False", false},
                                                                   {"no", false}}) {
    setenv(kInsecureVariable, value.c_str(), 1);
    EXPECT_THAT(EnvironmentIsInsecure(), IsOkAndHolds(insecure)) << value;
  }
  for (const char* wrong : {"2", "on", "y", "t", " 1", "maybe"}) {
    setenv(kInsecureVariable, wrong, 1);
    EXPECT_THAT(EnvironmentIsInsecure(),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         absl::StrCat("EVENTLOG_INSECURE=", wrong, ": right is 1, true or yes, or 0, false or no")));
  }
  unsetenv(kInsecureVariable);
}

TEST(BearerTokenTest, ATokenStaysOnThisMachine) {
  for (const char* here : {"127.0.0.1:1", "localhost:1", "[::1]:1", "127.9.9.9:1, [::1]:2", "unix:/run/x"}) {
    EXPECT_THAT(CheckTokenStaysHere(here), IsOk()) << here;
  }
  for (const char* away : {"10.0.0.1:1", "log.example:1", "127.0.0.1:1,10.0.0.1:1", "[::2]:1", "dns:///localhost:1"}) {
    EXPECT_THAT(CheckTokenStaysHere(away), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no TLS"))) << away;
  }
}

TEST(BearerTokenTest, ATokenIsOnePrintedWord) {
  EXPECT_THAT(CheckToken("abc-._~+/=123"), IsOk());
  EXPECT_THAT(CheckToken(""), IsOk());
  for (const char* wrong : {"a b", "a\nb", "a\x7f", "\xc3\xbc"}) {
    EXPECT_THAT(CheckToken(wrong), StatusIs(absl::StatusCode::kInvalidArgument)) << wrong;
  }
}

}  // namespace
}  // namespace eventlog

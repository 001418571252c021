#include "gateway-svc/http/admin.h"

#include <httplib.h>

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "gateway-svc/http/shard_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/http/fake_shard.h"

namespace gateway {
namespace {

using testing::HasSubstr;

class AdminTest : public testing::Test {
 protected:
  AdminTest() : admin_(Actions()) {}

  AdminActions Actions() {
    AdminActions actions;
    actions.clients = &directory_;
    actions.disconnects = &disconnects_;
    actions.drain_default = absl::Milliseconds(1500);
    actions.drain = [this](absl::Duration over) {
      if (drained_.has_value()) return false;
      drained_ = over;
      return true;
    };
    return actions;
  }
  // The status, 0 when the path is none of admin's; its body is in body_.
  int Ask(const char* method, const std::string& path, const httplib::Params& params = {},
          const httplib::Headers& headers = {{"Host", "127.0.0.1:7433"}}) {
    httplib::Request request;
    request.method = method;
    request.path = path;
    request.params = params;
    request.headers = headers;
    httplib::Response response;
    response.status = 200;
    if (!admin_.Answer(request, response)) return 0;
    body_ = response.body;
    return response.status;
  }

  FakeShard shard_{{NamedClient("a"), NamedClient("b")}};
  ShardDirectory directory_{{&shard_}, absl::Milliseconds(10)};
  DisconnectLog disconnects_;
  std::optional<absl::Duration> drained_;
  Admin admin_;
  std::string body_;
};

TEST_F(AdminTest, ListsClients) {
  EXPECT_EQ(Ask("GET", "/admin/clients"), 200);
  EXPECT_THAT(body_, HasSubstr(R"("clients_total":2,"clients":[{"id":"a")"));
  EXPECT_EQ(Ask("GET", "/admin/clients", {{"limit", "1"}}), 200);
  EXPECT_THAT(body_, testing::Not(HasSubstr(R"("id":"b")")));
}

TEST_F(AdminTest, AWrongParameterIsSaid) {
  for (const char* limit : {"", "x", "-1", "1.5", "1000001"}) {
    EXPECT_EQ(Ask("GET", "/admin/clients", {{"limit", limit}}), 400) << limit;
    EXPECT_THAT(body_, HasSubstr("limit: right is one number from 0 to 1000000"));
  }
  EXPECT_EQ(Ask("GET", "/admin/clients", {{"limits", "1"}}), 400);
  EXPECT_THAT(body_, HasSubstr(R"(unknown parameter \"limits\"; allowed is limit)"));
  EXPECT_EQ(Ask("GET", "/admin/clients", {{"limit", "1"}, {"limit", "2"}}), 400);
  EXPECT_EQ(Ask("POST", "/admin/drain", {{"over_ms", "3600001"}}), 400);
  EXPECT_FALSE(drained_.has_value());
}

TEST_F(AdminTest, KicksInTwoWays) {
  EXPECT_EQ(Ask("DELETE", "/admin/clients/a"), 200);
  EXPECT_EQ(body_, "{\"kicked\":\"a\"}\n");
  EXPECT_EQ(Ask("POST", "/admin/clients/b/kick"), 200);
  EXPECT_EQ(Ask("GET", "/admin/clients"), 200);
  EXPECT_THAT(body_, HasSubstr(R"("clients_total":0)"));
  EXPECT_EQ(Ask("DELETE", "/admin/clients/a"), 404);
  EXPECT_THAT(body_, HasSubstr("CLIENT_NOT_FOUND"));
}

TEST_F(AdminTest, AClientThatMayBeWhereNobodyAnswersIsNotSaidToBeNone) {
  shard_.Hang();
  EXPECT_EQ(Ask("DELETE", "/admin/clients/a"), 503);
  EXPECT_EQ(Ask("GET", "/admin/clients"), 200);
  EXPECT_THAT(body_, HasSubstr(R"("complete":false)"));
}

TEST_F(AdminTest, DrainsOnce) {
  EXPECT_EQ(Ask("POST", "/admin/drain"), 202);
  EXPECT_EQ(body_, "{\"draining\":true,\"already\":false,\"over_ms\":1500}\n");
  EXPECT_EQ(Ask("POST", "/admin/drain", {{"over_ms", "9"}}), 202);
  EXPECT_EQ(body_, "{\"draining\":true,\"already\":true}\n");
  EXPECT_EQ(drained_, absl::Milliseconds(1500));
}

TEST_F(AdminTest, DrainsOverTheTimeGiven) {
  EXPECT_EQ(Ask("POST", "/admin/drain", {{"over_ms", "250"}}), 202);
  EXPECT_EQ(drained_, absl::Milliseconds(250));
}

TEST_F(AdminTest, WebPagesDoNothing) {
  for (const httplib::Headers& headers :
       {httplib::Headers{{"Host", "127.0.0.1:7433"}, {"Origin", "https://evil.example"}},
        httplib::Headers{{"Host", "127.0.0.1:7433"}, {"origin", "null"}},
        httplib::Headers{{"Host", "evil.example:7433"}}}) {
    EXPECT_EQ(Ask("POST", "/admin/drain", {}, headers), 403);
    EXPECT_EQ(Ask("POST", "/admin/clients/a/kick", {}, headers), 403);
    EXPECT_EQ(Ask("GET", "/admin/clients", {}, headers), 403);
    EXPECT_EQ(Ask("GET", "/admin/nothing", {}, headers), 403);
  }
  EXPECT_FALSE(drained_.has_value());
  EXPECT_EQ(Ask("DELETE", "/admin/clients/a"), 200) << "it is still there";
}

TEST_F(AdminTest, OtherMethodsAreRefused) {
  EXPECT_EQ(Ask("GET", "/admin/drain"), 405);
  EXPECT_EQ(Ask("POST", "/admin/clients"), 405);
  EXPECT_EQ(Ask("GET", "/admin/clients/a"), 405);
  EXPECT_EQ(Ask("GET", "/admin/clients/a/kick"), 405);
  EXPECT_EQ(Ask("DELETE", "/admin/clients/a/kick"), 405);
  EXPECT_FALSE(drained_.has_value());
}

TEST_F(AdminTest, OtherPathsAreNotItsOwn) {
  for (const char* path : {"/admin", "/admin/", "/admin/x", "/admin/clients/", "/admin/clients//kick",
                           "/admin/clients/a/b", "/admin/drain/", "/stats"}) {
    EXPECT_EQ(Ask("POST", path), 0) << path;
  }
}

}  // namespace
}  // namespace gateway

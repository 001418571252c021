#include "gateway-svc/http/ops_answer.h"

#include <httplib.h>

#include "gtest/gtest.h"

namespace gateway {
namespace {

httplib::Request Request(const char* method) {
  httplib::Request request;
  request.method = method;
  request.path = "/x";
  return request;
}

TEST(OpsAnswerTest, ARefusalIsJson) {
  httplib::Response response;
  Refuse(404, "NOT_FOUND", "no \"x\"", response);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "{\"code\":\"NOT_FOUND\",\"message\":\"no \\\"x\\\"\"}\n");
  EXPECT_EQ(response.get_header_value("Content-Type"), "application/json");
}

TEST(OpsAnswerTest, AnotherMethodIsRefusedWithThoseThatAreAllowed) {
  httplib::Response response;
  EXPECT_FALSE(CheckMethod(Request("PUT"), "GET, DELETE", response));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.get_header_value("Allow"), "GET, DELETE");
}

TEST(OpsAnswerTest, HeadIsAllowedWhereGetIs) {
  httplib::Response response;
  EXPECT_TRUE(CheckMethod(Request("HEAD"), "GET", response));
  EXPECT_TRUE(CheckMethod(Request("DELETE"), "GET, DELETE", response));
  EXPECT_FALSE(CheckMethod(Request("HEAD"), "POST", response));
}

}  // namespace
}  // namespace gateway

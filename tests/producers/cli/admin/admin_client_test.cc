#include "producers/cli/admin/admin_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "eventlog-svc/client/channel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/live_service.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

class AdminClientTest : public testing::Test {
 protected:
  AdminClientTest() : service_("memory"), client_(service_.channel(), absl::Seconds(60)) {}

  LiveService service_;
  AdminClient client_;
};

TEST_F(AdminClientTest, AllLogsAreListedInTheirOrder) {
  v1::CreateLogRequest request;
  for (int n = 0; n < 50; ++n) {
    request.set_log_id(absl::StrFormat("log-%02d", n));
    ASSERT_THAT(client_.CreateLog(request), IsOk());
  }
  const auto logs = client_.ListLogs();
  ASSERT_THAT(logs, IsOk());
  ASSERT_EQ(logs->size(), 51U);
  EXPECT_EQ(logs->front().log(), "events");
  EXPECT_EQ(logs->back().log(), "log-49");
}

TEST_F(AdminClientTest, RefusalsKeepTheirReason) {
  EXPECT_THAT(client_.GetLog("nowhere"), HasReason("LOG_NOT_FOUND"));
  EXPECT_THAT(client_.DeleteLog("events"), HasReason("LOG_REQUIRED"));
  EXPECT_THAT(client_.TrimLog("", 1), HasReason("OFFSET_OUT_OF_RANGE"));
  EXPECT_THAT(client_.GetCursor("", "none"), HasReason("CURSOR_NOT_FOUND"));
  EXPECT_THAT(client_.ListCursors("nowhere"), HasReason("LOG_NOT_FOUND"));
  EXPECT_THAT(client_.DeleteCursor("", "none"), HasReason("CURSOR_NOT_FOUND"));
}

TEST_F(AdminClientTest, AStartIsAnOffset) {
  v1::ReadRequest start;
  start.mutable_latest();
  EXPECT_THAT(client_.FindOffset(start), IsOkAndHolds(0));
  ASSERT_THAT(service_.Append({"a", "b", "c"}), IsOk());
  EXPECT_THAT(client_.FindOffset(start), IsOkAndHolds(3));
  ASSERT_THAT(client_.TrimLog("", 1), IsOk());
  start.mutable_earliest();
  EXPECT_THAT(client_.FindOffset(start), IsOkAndHolds(1));
  start.set_tail(1);
  EXPECT_THAT(client_.FindOffset(start), IsOkAndHolds(2));
  start.set_tail(100);
  EXPECT_THAT(client_.FindOffset(start), IsOkAndHolds(1));
  start.mutable_time()->set_seconds(1);
  EXPECT_THAT(client_.FindOffset(start), IsOkAndHolds(1));
  start.mutable_time()->set_seconds(1LL << 36);
  EXPECT_THAT(client_.FindOffset(start), IsOkAndHolds(3));
  start.set_offset(4);
  EXPECT_THAT(client_.FindOffset(start), HasReason("OFFSET_OUT_OF_RANGE"));
}

TEST_F(AdminClientTest, AServiceThatIsNotThereIsUnavailable) {
  AdminClient away(NewChannel("127.0.0.1:1"), absl::Seconds(60));
  EXPECT_THAT(away.ListLogs(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(AdminClientTest, AServiceThatDoesNotAnswerIsWaitedForUntilTheTimeout) {
  namespace asio = boost::asio;
  using asio::ip::tcp;
  asio::io_context io;
  const tcp::acceptor silent(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  AdminClient client(NewChannel(absl::StrCat("127.0.0.1:", silent.local_endpoint().port())), absl::Milliseconds(50));
  EXPECT_THAT(client.ListLogs(), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

}  // namespace
}  // namespace eventlog

#include "eventlog-svc/client/stream_end.h"

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

TEST(StreamEndTest, AStatusThatIsThereIsKeptAndNothingCancelled) {
  bool cancelled = false;
  const auto cancel = [&] { cancelled = true; };
  EXPECT_THAT(FinishStream([] { return grpc::Status(grpc::StatusCode::OUT_OF_RANGE, "beyond"); }, cancel),
              StatusIs(absl::StatusCode::kOutOfRange, "beyond"));
  EXPECT_THAT(FinishStream([] { return grpc::Status::OK; }, cancel), IsOk());
  EXPECT_FALSE(cancelled);
}

TEST(StreamEndTest, AStreamThatStaysOpenIsCancelledAndSaysThatAMessageWasNotRead) {
  absl::Notification cancelled;
  const auto finish = [&] {
    cancelled.WaitForNotification();
    return grpc::Status(grpc::StatusCode::CANCELLED, "CANCELLED");
  };
  EXPECT_THAT(FinishStream(
                  finish, [&] { cancelled.Notify(); }, absl::Milliseconds(10)),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("could not be read")));
}

}  // namespace
}  // namespace eventlog

#include "eventlog-svc/rpc/append_intake.h"

#include <string>

#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gmock/gmock.h"
#include "grpcpp/support/slice.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class AppendIntakeTest : public testing::Test {
 protected:
  // In one slice, or cut into two.
  absl::StatusOr<AppendIntake::Taken> Take(const std::string& bytes, size_t cut = 0) {
    const grpc::Slice slices[] = {grpc::Slice(bytes.substr(0, cut)), grpc::Slice(bytes.substr(cut))};
    const grpc::ByteBuffer buffer = cut == 0 ? grpc::ByteBuffer(slices + 1, 1) : grpc::ByteBuffer(slices, 2);
    return intake_.Take(buffer, kNow);
  }

  const std::unique_ptr<LocalEngine> engine_ = NewMemoryEngine({});
  RequestValidator validator_{{/*event_bytes_max=*/1000, /*batch_bytes_max=*/5000, /*batch_events_max=*/10}};
  AppendIntake intake_{*engine_, validator_};
};

v1::AppendRequest Request() {
  v1::AppendRequest request;
  request.add_events()->set_type("a.b");
  request.mutable_events(0)->set_id("id");
  return request;
}

TEST_F(AppendIntakeTest, ARequestGoesToTheLogThatItNames) {
  ASSERT_THAT(engine_->CreateLog("orders", {}), IsOk());
  v1::AppendRequest request = Request();
  EXPECT_EQ(Take(request.SerializeAsString())->log->name(), "events");
  request.set_log("orders");
  EXPECT_EQ(Take(request.SerializeAsString())->log->name(), "orders");
  request.set_log("none");
  EXPECT_THAT(Take(request.SerializeAsString()).status(), HasReason("LOG_NOT_FOUND"));
}

TEST_F(AppendIntakeTest, BytesInSeveralSlicesAreOneRequest) {
  const std::string bytes = Request().SerializeAsString();
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    const auto intake = Take(bytes, cut);
    ASSERT_THAT(intake, IsOk());
    ASSERT_EQ(intake->batch.events.size(), 1u);
    EXPECT_EQ((*intake->batch.events.begin()).wire, Request().events(0).SerializeAsString());
  }
}

TEST_F(AppendIntakeTest, WhatIsNotPlainIsParsed) {
  // The type stands before the id.
  const auto intake = Take(std::string("\x12\x09\x1A\x03") + "a.b\x0A\x02id");
  ASSERT_THAT(intake, IsOk());
  EXPECT_EQ((*intake->batch.events.begin()).wire, Request().events(0).SerializeAsString());
  EXPECT_THAT(
      Take(std::string("\x12\x04\x0A\x02id")).status(),
      AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("events[0].type")), HasReason("EVENT_INVALID")));
  EXPECT_THAT(Take("\xFF").status(), HasReason("REQUEST_INVALID"));
}

TEST_F(AppendIntakeTest, TheLogsLimitsHoldForPlainEventsToo) {
  LogSettings narrow;
  narrow.event_bytes_max = 20;
  narrow.batch_bytes_max = 30;
  ASSERT_THAT(engine_->CreateLog("narrow", narrow), IsOk());
  v1::AppendRequest request = Request();
  request.set_log("narrow");
  EXPECT_THAT(Take(request.SerializeAsString()), IsOk());
  for (int i = 0; i < 3; ++i) *request.add_events() = request.events(0);
  EXPECT_THAT(Take(request.SerializeAsString()).status(),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("36 bytes together; at most 30")),
                    HasReason("BATCH_TOO_LARGE")));
  request.mutable_events(1)->set_text(std::string(20, 'x'));
  EXPECT_THAT(Take(request.SerializeAsString()).status(),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("events[1]: 31 bytes; at most 20")),
                    HasReason("EVENT_TOO_LARGE")));
}

// Each ends with an event that the parser would refuse, had it seen it.
TEST_F(AppendIntakeTest, WhatIsTooMuchIsNotParsed) {
  const std::string broken = "\x12\x01\x0A";
  std::string many, heavy;
  for (int i = 0; i < 10; ++i) many += std::string("\x12\x00", 2);
  EXPECT_THAT(Take(many + broken).status(),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("events: more than 10; at most 10")),
                    HasReason("BATCH_TOO_LARGE")));
  v1::AppendRequest request = Request();
  request.mutable_events(0)->set_text(std::string(950, 'x'));
  for (int i = 0; i < 6; ++i) heavy += request.SerializeAsString();
  EXPECT_THAT(Take(heavy + broken).status(), HasReason("BATCH_TOO_LARGE"));
  request.mutable_events(0)->set_text(std::string(1000, 'x'));
  EXPECT_THAT(Take(request.SerializeAsString() + broken).status(), HasReason("EVENT_TOO_LARGE"));
  EXPECT_THAT(Take(Request().SerializeAsString() + broken).status(), HasReason("EVENT_INVALID"));
}

TEST_F(AppendIntakeTest, FieldsThatThisVersionDoesNotKnowAreRefusedBesidePlainEvents) {
  EXPECT_THAT(
      Take(Request().SerializeAsString() + "\x78\x01").status(),
      AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("field number 15")), HasReason("REQUEST_INVALID")));
}

}  // namespace
}  // namespace eventlog

// LogAdmin as its clients see it.

#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/admin_client.h"
#include "tests/conformance/engines.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Message = v1::SubscribeResponse;

ServerOptions QuickRetention() {
  ServerOptions options;
  options.retention_interval = absl::Milliseconds(20);
  return options;
}

class LogAdminTest : public testing::TestWithParam<const char*> {
 protected:
  bool is_memory() const { return GetParam() == std::string("memory"); }
  absl::StatusOr<v1::AppendResponse> AppendTo(const std::string& log, const std::vector<std::string>& texts) {
    v1::AppendRequest request = AppendOf(texts);
    request.set_log(log);
    return service_.Append(request);
  }
  v1::SubscribeRequest From(const std::string& log, int64_t offset) {
    v1::SubscribeRequest request;
    request.set_log(log);
    request.set_offset(offset);
    return request;
  }
  LiveService service_{GetParam(), QuickRetention()};
  AdminClient admin_{service_.channel()};
};

TEST_P(LogAdminTest, ALogIsMadeLookedAtAndDeleted) {
  v1::Log wanted;
  wanted.set_log("orders");
  wanted.mutable_retention()->mutable_max_age()->set_seconds(3600);
  wanted.mutable_retention()->set_max_bytes(1 << 30);
  wanted.set_max_event_bytes(1000);
  wanted.set_default_durability(v1::DURABILITY_MEMORY);
  const auto made = admin_.Create(wanted);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->engine(), GetParam());
  EXPECT_EQ(made->capabilities().survives_restart(), !is_memory());
  EXPECT_GT(made->create_time().seconds(), 0);
  EXPECT_EQ(made->epoch().size(), 16u);
  EXPECT_EQ(made->retention().SerializeAsString(), wanted.retention().SerializeAsString());
  EXPECT_EQ(made->max_event_bytes(), 1000);
  EXPECT_EQ(made->default_durability(), v1::DURABILITY_MEMORY);
  EXPECT_EQ(admin_.Get("orders")->SerializeAsString(), made->SerializeAsString());
  EXPECT_THAT(admin_.Create("orders"), AllOf(StatusIs(absl::StatusCode::kAlreadyExists), HasReason("LOG_EXISTS")));
  ASSERT_THAT(AppendTo("orders", {"a"}), IsOk());
  ASSERT_THAT(admin_.Commit("c", 1, 0, "orders"), IsOk());
  const auto follower = service_.Subscribe(From("orders", 0));
  follower->NextOf(Message::kCaughtUp);
  ASSERT_THAT(admin_.Delete("orders"), IsOk());
  follower->TextsToEnd();
  EXPECT_EQ(follower->last().ending().reason(), v1::ENDING_REASON_LOG_DELETED);
  const auto gone = AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason("LOG_NOT_FOUND"));
  EXPECT_THAT(admin_.Get("orders"), gone);
  EXPECT_THAT(admin_.Delete("orders"), gone);
  EXPECT_THAT(admin_.Trim("orders", 0), gone);
  const auto anew = admin_.Create("orders");
  ASSERT_THAT(anew, IsOk());
  EXPECT_NE(anew->epoch(), made->epoch());
  EXPECT_THAT(admin_.GetCursor("c", "orders"), HasReason("CURSOR_NOT_FOUND"));
}

TEST_P(LogAdminTest, WhatCannotBeIsRefusedByName) {
  const auto invalid = AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason("LOG_INVALID"));
  std::string accents = "x";
  for (int i = 0; i < 100; ++i) accents += "\xC3\xA9";
  for (const std::string& name : {std::string(), std::string("Upper"), std::string("../up"), std::string(64, 'a'),
                                  std::string(9000, 'a'), accents}) {
    EXPECT_THAT(admin_.Create(name), invalid);
  }
  EXPECT_THAT(admin_.Delete(""), invalid);
  EXPECT_THAT(admin_.Delete("events"),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("LOG_REQUIRED")));
  const auto refused = [&](auto change) {
    v1::Log log;
    log.set_log("bad");
    change(log);
    return admin_.Create(log).status();
  };
  EXPECT_THAT(refused([](v1::Log& log) { log.mutable_retention()->mutable_max_age()->set_seconds(-1); }), invalid);
  EXPECT_THAT(refused([](v1::Log& log) { log.mutable_retention()->set_max_bytes(-1); }), invalid);
  EXPECT_THAT(refused([](v1::Log& log) { log.mutable_retention()->set_max_records(-1); }), invalid);
  EXPECT_THAT(refused([](v1::Log& log) { log.set_max_event_bytes(1024 * 1024 + 1); }), invalid);
  EXPECT_THAT(refused([](v1::Log& log) { log.set_max_batch_bytes(4 * 1024 * 1024 + 1); }), invalid);
  const auto unsupported = AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("DURABILITY_UNSUPPORTED"));
  EXPECT_THAT(refused([](v1::Log& log) { log.set_default_durability(v1::DURABILITY_REPLICATED); }), unsupported);
  EXPECT_THAT(refused([](v1::Log& log) { log.set_default_durability(static_cast<v1::Durability>(9)); }), unsupported);
  EXPECT_THAT(refused([](v1::Log& log) { log.GetReflection()->MutableUnknownFields(&log)->AddVarint(999, 1); }),
              HasReason("REQUEST_INVALID"));
  EXPECT_THAT(admin_.Trim("", -1), HasReason("OFFSET_INVALID"));
  EXPECT_THAT(admin_.Trim("", 1), AllOf(StatusIs(absl::StatusCode::kOutOfRange), HasReason("OFFSET_OUT_OF_RANGE")));
}

TEST_P(LogAdminTest, AnUpdateChangesWhatItsMaskNames) {
  v1::UpdateLogRequest request;
  request.mutable_log()->mutable_retention()->set_max_records(100);
  request.mutable_log()->mutable_retention()->set_max_bytes(1000);
  request.mutable_log()->set_max_event_bytes(50);
  request.mutable_update_mask()->add_paths("retention.max_records");
  auto updated = admin_.Update(request);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->retention().max_records(), 100);
  EXPECT_EQ(updated->retention().max_bytes(), 0);
  EXPECT_EQ(updated->max_event_bytes(), 0);
  request.clear_update_mask();
  updated = admin_.Update(request);
  ASSERT_THAT(updated, IsOk());
  EXPECT_EQ(updated->retention().max_bytes(), 1000);
  EXPECT_EQ(updated->max_event_bytes(), 50);
  EXPECT_EQ(admin_.Get("")->SerializeAsString(), updated->SerializeAsString());
  request.mutable_update_mask()->add_paths("retention.colour");
  EXPECT_THAT(admin_.Update(request), AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("retention.colour")),
                                            HasReason("LOG_INVALID")));
  request.mutable_log()->set_log("none");
  EXPECT_THAT(admin_.Update(request), HasReason("LOG_NOT_FOUND"));
}

TEST_P(LogAdminTest, ALogHoldsItsOwnLimits) {
  v1::Log log;
  log.set_log("small");
  log.set_max_event_bytes(100);
  log.set_max_batch_bytes(150);
  ASSERT_THAT(admin_.Create(log), IsOk());
  EXPECT_THAT(AppendTo("small", {std::string(200, 'x')}), HasReason("EVENT_TOO_LARGE"));
  EXPECT_THAT(AppendTo("small", {std::string(70, 'x'), std::string(70, 'x')}), HasReason("BATCH_TOO_LARGE"));
  EXPECT_THAT(AppendTo("small", {std::string(70, 'x')}), IsOk());
  EXPECT_THAT(service_.Append({std::string(200, 'x')}), IsOk());
}

TEST_P(LogAdminTest, DurabilityIsHonouredOrRefused) {
  v1::AppendRequest request = AppendOf({"a"});
  request.set_durability(v1::DURABILITY_MEMORY);
  EXPECT_EQ(service_.Append(request)->durability(), v1::DURABILITY_MEMORY);
  request.set_durability(v1::DURABILITY_FSYNC);
  const auto synced = service_.Append(request);
  if (is_memory()) {
    EXPECT_THAT(synced, AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("DURABILITY_UNSUPPORTED")));
  } else {
    ASSERT_THAT(synced, IsOk());
    EXPECT_EQ(synced->durability(), v1::DURABILITY_FSYNC);
  }
}

TEST_P(LogAdminTest, ATrimIsAGapOrTheEndOfAReader) {
  ASSERT_THAT(service_.Append({"a", "b", "c"}), IsOk());
  EXPECT_EQ(admin_.Trim("", 2)->start_offset(), 2);
  EXPECT_EQ(admin_.Trim("", 1)->start_offset(), 2);
  const Message gap = service_.Subscribe(From("", 0))->NextOf(Message::kGap);
  EXPECT_EQ(gap.gap().next_offset(), 2);
  EXPECT_EQ(gap.gap().reason(), v1::GAP_REASON_TRIMMED);
  v1::SubscribeRequest strict = From("", 0);
  strict.set_gap_policy(v1::GAP_POLICY_FAIL);
  EXPECT_THAT(service_.Subscribe(strict)->Finish(),
              AllOf(StatusIs(absl::StatusCode::kOutOfRange), HasReason("OFFSET_OUT_OF_RANGE")));
}

TEST_P(LogAdminTest, RetentionByCountTrims) {
  v1::Log log;
  log.set_log("short");
  log.mutable_retention()->set_max_records(2);
  ASSERT_THAT(admin_.Create(log), IsOk());
  ASSERT_THAT(AppendTo("short", {"a", "b", "c", "d", "e"}), IsOk());
  // A reader at the start hears of it when it is done; the safety deadline ends a test that waits for nothing.
  int64_t start = 0;
  while (start == 0 && !HasFailure()) {
    start = service_.Subscribe(From("short", 5))->NextOf(Message::kStarted).started().start_offset();
  }
  EXPECT_EQ(start, 3);
}

TEST_P(LogAdminTest, AListGoesFromPageToPage) {
  ASSERT_THAT(admin_.Create("b"), IsOk());
  ASSERT_THAT(admin_.Create("a"), IsOk());
  const auto first = admin_.ListLogs(2, "");
  ASSERT_EQ(first->logs_size(), 2);
  EXPECT_EQ(first->logs(0).log(), "a");
  EXPECT_EQ(first->logs(1).log(), "b");
  const auto second = admin_.ListLogs(2, first->next_page_token());
  ASSERT_EQ(second->logs_size(), 1);
  EXPECT_EQ(second->logs(0).log(), "events");
  EXPECT_EQ(second->next_page_token(), "");
  EXPECT_THAT(admin_.ListLogs(-1, ""), HasReason("REQUEST_INVALID"));
}

TEST_P(LogAdminTest, WhereThereAreNoFilesVerifyAndBackupSaySo) {
  for (const absl::Status& status : {admin_.Verify("events"), admin_.Backup("events")}) {
    if (is_memory()) {
      EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kUnimplemented), HasReason("ENGINE_UNSUPPORTED")));
    } else {
      EXPECT_THAT(status, IsOk());
    }
  }
  EXPECT_THAT(admin_.Verify("none"), HasReason("LOG_NOT_FOUND"));
}

INSTANTIATE_ON_ENGINES(LogAdminTest);

TEST(LogAdminRestartTest, LogsAndSettingsSurviveARestart) {
  ServerOptions options;
  options.data_dir = testing::TempDir() + "/logs_restart";
  v1::Log log;
  log.set_log("kept");
  log.mutable_retention()->set_max_records(7);
  v1::Log made;
  {
    LiveService service("embedded", options);
    made = *AdminClient(service.channel()).Create(log);
  }
  LiveService service("embedded", options);
  EXPECT_EQ(AdminClient(service.channel()).Get("kept")->SerializeAsString(), made.SerializeAsString());
}

}  // namespace
}  // namespace eventlog

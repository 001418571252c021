#include "eventlog-svc/rpc/log_messages.h"

#include <memory>

#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

v1::Log SomeLog() {
  v1::Log log;
  log.mutable_retention()->mutable_max_age()->set_seconds(60);
  log.mutable_retention()->set_max_bytes(1);
  log.mutable_retention()->set_max_records(2);
  log.mutable_retention()->set_keep_for_cursors(true);
  log.set_max_event_bytes(3);
  log.set_max_batch_bytes(4);
  log.set_default_durability(v1::DURABILITY_MEMORY);
  return log;
}

TEST(LogMessagesTest, SettingsComeThroughTheEngineAsTheyWereSent) {
  const std::unique_ptr<LocalEngine> engine = NewMemoryEngine({});
  const absl::StatusOr<LogSettings> settings = ToLogSettings(SomeLog());
  ASSERT_THAT(settings, IsOk());
  EXPECT_EQ(settings->age_max, absl::Seconds(60));
  const v1::Log log = ToProtoLog(**engine->CreateLog("orders", *settings), *engine);
  EXPECT_EQ(log.log(), "orders");
  EXPECT_EQ(log.retention().SerializeAsString(), SomeLog().retention().SerializeAsString());
  EXPECT_EQ(log.max_event_bytes(), 3);
  EXPECT_EQ(log.max_batch_bytes(), 4);
  EXPECT_EQ(log.default_durability(), v1::DURABILITY_MEMORY);
  EXPECT_EQ(log.engine(), "memory");
  EXPECT_EQ(log.capabilities().max_durability(), v1::DURABILITY_MEMORY);
  EXPECT_FALSE(log.capabilities().survives_restart());
  EXPECT_EQ(log.epoch().size(), 16u);
  EXPECT_GT(log.create_time().seconds(), 0);
}

TEST(LogMessagesTest, WhatCannotBeKeptIsRefused) {
  v1::Log log;
  log.mutable_retention()->mutable_max_age()->set_seconds(int64_t{300} * 365 * 24 * 3600);
  EXPECT_THAT(ToLogSettings(log), HasReason("LOG_INVALID"));
  log.Clear();
  log.set_default_durability(static_cast<v1::Durability>(9));
  EXPECT_THAT(ToLogSettings(log), HasReason("DURABILITY_UNSUPPORTED"));
}

TEST(LogMessagesTest, AMaskChangesWhatItNamesAndNothingElse) {
  LogSettings before, changes;
  before.records_max = 7;
  before.bytes_max = 8;
  changes.records_max = 9;
  google::protobuf::FieldMask mask;
  mask.add_paths("retention.max_records");
  const absl::StatusOr<LogSettings> after = MaskedSettings(before, changes, mask);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->records_max, 9);
  EXPECT_EQ(after->bytes_max, 8);
  mask.add_paths("retention");
  EXPECT_EQ(MaskedSettings(before, changes, mask)->bytes_max, 0);
  mask.add_paths("epoch");
  EXPECT_THAT(MaskedSettings(before, changes, mask),
              testing::AllOf(StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("epoch")),
                             HasReason("LOG_INVALID")));
}

TEST(LogMessagesTest, ACursor) {
  const v1::Cursor cursor = ToProtoCursor("events", {"c", 5, 2, absl::FromUnixSeconds(1'700'000'000)});
  EXPECT_EQ(cursor.log(), "events");
  EXPECT_EQ(cursor.cursor(), "c");
  EXPECT_EQ(cursor.next_offset(), 5);
  EXPECT_EQ(cursor.generation(), 2);
  EXPECT_EQ(cursor.commit_time().seconds(), 1'700'000'000);
}

}  // namespace
}  // namespace eventlog

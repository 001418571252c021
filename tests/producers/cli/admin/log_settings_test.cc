#include "producers/cli/admin/log_settings.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Read {
  absl::Status status;
  v1::Log log;
  google::protobuf::FieldMask mask;
};

Read ReadOf(const std::vector<std::string>& flags) {
  Read read;
  const absl::StatusOr<CommandLine> line = CommandLine::Parse(flags, LogSettingFlags());
  read.status = line.ok() ? ReadLogSettings(*line, read.log, read.mask) : line.status();
  return read;
}

TEST(LogSettingsTest, EachFlagIsOneSettingAndOnePathOfTheMask) {
  const Read all = ReadOf({"--max_age=7d", "--max_bytes=10GiB", "--max_records=5", "--keep_for_cursors",
                           "--max_event_bytes=64KiB", "--max_batch_bytes=1MiB", "--default_durability=fsync"});
  ASSERT_THAT(all.status, IsOk());
  EXPECT_EQ(all.log.retention().max_age().seconds(), 604'800);
  EXPECT_EQ(all.log.retention().max_bytes(), 10'737'418'240);
  EXPECT_EQ(all.log.retention().max_records(), 5);
  EXPECT_TRUE(all.log.retention().keep_for_cursors());
  EXPECT_EQ(all.log.max_event_bytes(), 65'536);
  EXPECT_EQ(all.log.max_batch_bytes(), 1'048'576);
  EXPECT_EQ(all.log.default_durability(), v1::DURABILITY_FSYNC);
  EXPECT_THAT(all.mask.paths(),
              testing::UnorderedElementsAre("retention.max_age", "retention.max_bytes", "retention.max_records",
                                            "retention.keep_for_cursors", "max_event_bytes", "max_batch_bytes",
                                            "default_durability"));
}

TEST(LogSettingsTest, WhatIsNotNamedIsNotInTheMask) {
  EXPECT_THAT(ReadOf({"--max_records=0"}).mask.paths(), ElementsAre("retention.max_records"));
  EXPECT_THAT(ReadOf({"--nokeep_for_cursors"}).mask.paths(), ElementsAre("retention.keep_for_cursors"));
  EXPECT_FALSE(ReadOf({"--nokeep_for_cursors"}).log.retention().keep_for_cursors());
  EXPECT_THAT(ReadOf({"--max_age=1500ms"}).mask.paths(), ElementsAre("retention.max_age"));
  EXPECT_EQ(ReadOf({"--max_age=1500ms"}).log.retention().max_age().nanos(), 500'000'000);
  EXPECT_THAT(ReadOf({"--default_durability=best"}).mask.paths(), ElementsAre("default_durability"));
  EXPECT_TRUE(ReadOf({}).mask.paths().empty());
}

TEST(LogSettingsTest, AWrongValueIsNamedWithItsFlag) {
  for (const char* flag : {"--max_age=7", "--max_bytes=10G", "--max_event_bytes=-1", "--max_batch_bytes=x",
                           "--max_records=-1", "--default_durability=disk"}) {
    const std::string name = std::string(flag).substr(0, std::string(flag).find('='));
    EXPECT_THAT(ReadOf({flag}).status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(name))) << flag;
    EXPECT_THAT(ReadOf({flag}).status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("right is"))) << flag;
  }
  EXPECT_THAT(ReadOf({"--keep_for_cursors", "--nokeep_for_cursors"}).status,
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("right is one of them")));
}

TEST(LogSettingsTest, PeopleReadLimitsInTheirUnits) {
  v1::Log log = ReadOf({"--max_age=7d", "--max_bytes=10GiB", "--default_durability=memory"}).log;
  log.set_log("orders");
  log.mutable_create_time()->set_seconds(1);
  EXPECT_EQ(LogsText({log}),
            "LOG     MAX_AGE  MAX_BYTES  MAX_RECORDS  FOR_CURSORS  MAX_EVENT  MAX_BATCH  DURABILITY  CREATED\n"
            "orders       7d   10.0 GiB            -  no                   -          -  memory      "
            "1970-01-01T00:00:01Z\n");
  EXPECT_THAT(LogText(log),
              HasSubstr("\nmax_age             7d\nmax_bytes           10.0 GiB\nmax_records         -\n"));
  EXPECT_THAT(LogText(log), HasSubstr("\ncompare_and_append  no\n"));
}

TEST(LogSettingsTest, ProgramsFindTheRetentionOfEveryLog) {
  EXPECT_THAT(LogJson(v1::Log()), HasSubstr("\"retention\":{\"max_age_s\":0,\"max_bytes\":0,\"max_records\":0,"
                                            "\"keep_for_cursors\":false}"));
}

}  // namespace
}  // namespace eventlog

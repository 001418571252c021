#include "eventlog-svc/engine/log_name.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

TEST(LogNameTest, GoodNames) {
  for (const std::string& name :
       {std::string("events"), std::string("a"), std::string("0.a-b_c"), std::string(63, 'x')}) {
    EXPECT_THAT(CheckLogName(name), IsOk()) << name;
  }
}

TEST(LogNameTest, NamesThatAreNoFolderOrTwoInAnotherCase) {
  for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("-a"),
                                  std::string("a/b"), std::string("Events"), std::string("a b"),
                                  std::string("\xc3\xa9"), std::string("a\0b", 3), std::string(64, 'x')}) {
    EXPECT_THAT(CheckLogName(name), HasReason("LOG_INVALID")) << name;
  }
}

TEST(LogNameTest, SettingsWithinTheLimitsOfTheApi) {
  LogSettings settings;
  EXPECT_THAT(CheckLogSettings(settings, Durability::kMemory), IsOk());
  settings.batch_bytes_max = settings.event_bytes_max = 4 << 20;
  settings.default_durability = Durability::kFsync;
  EXPECT_THAT(CheckLogSettings(settings, Durability::kFsync), IsOk());
  EXPECT_THAT(CheckLogSettings(settings, Durability::kMemory), HasReason("DURABILITY_UNSUPPORTED"));
}

TEST(LogNameTest, SettingsOutsideOfThem) {
  const auto with = [](auto change) {
    LogSettings settings;
    change(settings);
    return CheckLogSettings(settings, Durability::kFsync);
  };
  EXPECT_THAT(with([](LogSettings& s) { s.age_max = -absl::Seconds(1); }), HasReason("LOG_INVALID"));
  EXPECT_THAT(with([](LogSettings& s) { s.bytes_max = -1; }), HasReason("LOG_INVALID"));
  EXPECT_THAT(with([](LogSettings& s) { s.records_max = -1; }), HasReason("LOG_INVALID"));
  EXPECT_THAT(with([](LogSettings& s) { s.event_bytes_max = (4 << 20) + 1; }), HasReason("LOG_INVALID"));
  EXPECT_THAT(with([](LogSettings& s) { s.event_bytes_max = -1; }), HasReason("LOG_INVALID"));
  EXPECT_THAT(with([](LogSettings& s) { s.batch_bytes_max = (4 << 20) + 1; }), HasReason("LOG_INVALID"));
  EXPECT_THAT(with([](LogSettings& s) { s.batch_bytes_max = -1; }), HasReason("LOG_INVALID"));
}

}  // namespace
}  // namespace eventlog

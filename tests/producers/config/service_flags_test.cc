#include "producers/config/service_flags.h"

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "gtest/gtest.h"

ABSL_DECLARE_FLAG(std::string, server);
ABSL_DECLARE_FLAG(std::string, token);
ABSL_DECLARE_FLAG(std::string, config);
ABSL_DECLARE_FLAG(bool, insecure);
ABSL_DECLARE_FLAG(std::string, log);

namespace eventlog {
namespace {

TEST(ServiceFlagsTest, WhatIsEmptyIsNotGiven) {
  const ServiceFlags none = ProgramServiceFlags();
  EXPECT_FALSE(none.server || none.token || none.config || none.insecure);
  EXPECT_EQ(ProgramLogFlag(), "");
  absl::SetFlag(&FLAGS_server, "a:1");
  absl::SetFlag(&FLAGS_token, "t");
  absl::SetFlag(&FLAGS_config, "c");
  absl::SetFlag(&FLAGS_insecure, true);
  absl::SetFlag(&FLAGS_log, "l");
  const ServiceFlags all = ProgramServiceFlags();
  EXPECT_EQ(all.server, "a:1");
  EXPECT_EQ(all.token, "t");
  EXPECT_EQ(all.config, "c");
  EXPECT_TRUE(all.insecure);
  EXPECT_EQ(ProgramLogFlag(), "l");
}

}  // namespace
}  // namespace eventlog

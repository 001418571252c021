#include "producers/cli/service_flag_specs.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

CommandLine Line(const std::vector<std::string>& arguments) {
  const auto line = CommandLine::Parse(arguments, {kServerFlag, kTokenFlag, kConfigFlag, kInsecureFlag, kLogFlag});
  EXPECT_THAT(line, IsOk());
  return line.ok() ? *line : CommandLine();
}

TEST(ServiceFlagSpecsTest, WhatIsNotGivenIsAbsent) {
  const ServiceFlags flags = ServiceFlagsOf(CommandLine(), Line({"--log=x"}));
  EXPECT_FALSE(flags.server || flags.token || flags.config || flags.insecure);
}

TEST(ServiceFlagSpecsTest, TheLineIsBeforeTheLeadingFlags) {
  const ServiceFlags flags = ServiceFlagsOf(Line({"--server=a:1", "--token=t", "--insecure"}),
                                            Line({"--server=b:2", "--config=c", "--token="}));
  EXPECT_EQ(flags.server, "b:2");
  EXPECT_EQ(flags.token, "") << "given, and empty";
  EXPECT_EQ(flags.config, "c");
  EXPECT_TRUE(flags.insecure);
}

}  // namespace
}  // namespace eventlog

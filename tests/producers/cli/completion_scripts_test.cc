#include "producers/cli/completion_scripts.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

// That they work is shown with the real shells: tests/e2e/cli_completion_test.py.
TEST(CompletionScriptsTest, EachShellHasItsOwnAndAsksTheProgram) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_THAT(CompletionScript(shell), HasSubstr(shell));
    EXPECT_THAT(CompletionScript(shell), HasSubstr("completion candidates --"));
  }
  EXPECT_EQ(CompletionScript("csh"), "");
}

}  // namespace
}  // namespace eventlog

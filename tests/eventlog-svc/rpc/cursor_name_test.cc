#include "eventlog-svc/rpc/cursor_name.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

TEST(CursorNameTest, LengthAndControlCharactersAreChecked) {
  EXPECT_THAT(CheckCursorName("billing/2"), IsOk());
  EXPECT_THAT(CheckCursorName(std::string(255, 'x')), IsOk());
  for (const std::string& name : {std::string(), std::string(256, 'x'), std::string("a\tb"), std::string(1, '\0')}) {
    EXPECT_THAT(CheckCursorName(name), HasReason("CURSOR_INVALID"));
  }
}

}  // namespace
}  // namespace eventlog

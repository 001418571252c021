#include "eventlog-svc/client/terminal_json.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(TerminalJsonTest, ControlsAreWrittenOutAndMeanTheSame) {
  EXPECT_EQ(TerminalJson("{\"a\":\"\xc2\x9b\"}"), "{\"a\":\"\\u009b\"}");
  EXPECT_EQ(TerminalJson("\"\xc2\x80\xc2\x9f\x7f\""), "\"\\u0080\\u009f\\u007f\"");
}

TEST(TerminalJsonTest, AllElseStays) {
  // U+00A0, U+00FF, U+4E9B with the bytes e4 ba 9b, U+1F69B; and what is cut.
  for (const char* json :
       {"", "{}", "\"\xc2\xa0\xc3\xbf\"", "\"\xe4\xba\x9b\xf0\x9f\x9a\x9b\"", "\"\\u009b\"", "\xc2"}) {
    EXPECT_EQ(TerminalJson(json), json);
  }
}

TEST(TerminalJsonTest, OnlyATerminalGetsItOtherwise) {
  const std::string json = "{\"a\":\"\xc2\x9b\"}";
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(terminal, 0);
  EXPECT_EQ(JsonFor(terminal, json), "{\"a\":\"\\u009b\"}");
  close(terminal);
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  EXPECT_EQ(JsonFor(ends[1], json), json);
  for (const int end : ends) close(end);
}

}  // namespace
}  // namespace eventlog

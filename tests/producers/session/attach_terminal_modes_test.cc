#include "producers/session/attach_terminal_modes.h"

#include <string>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

TerminalModes After(absl::string_view bytes) {
  TerminalModes modes;
  modes.Feed(bytes);
  return modes;
}

TEST(TerminalModesTest, TextChangesNothing) {
  const TerminalModes modes = After("plain \xc3\xbc\r\n\x1b[1;31mred\x1b[m");
  EXPECT_TRUE(modes.AtBoundary());
  EXPECT_EQ("", modes.Restore());
  EXPECT_EQ("\x1b[m", modes.Undo());
}

TEST(TerminalModesTest, WhatAnEditorSwitchesOnIsRestoredAndUndone) {
  const TerminalModes modes = After("\x1b[?2004h\x1b[?1049h\x1b[?1h\x1b=\x1b[?25l\x1b[2;20r");
  EXPECT_EQ("\x1b[?1049h\x1b[?1h\x1b[?25l\x1b[?2004h\x1b=", modes.Restore());
  EXPECT_EQ(
      "\x1b[?1l\x1b[?25h\x1b[?2004l\x1b[?1049l\x1b"
      "7\x1b[r\x1b"
      "8\x1b>\x1b[m",
      modes.Undo());
}

TEST(TerminalModesTest, WhatIsSwitchedOffAgainIsForgotten) {
  EXPECT_EQ("", After("\x1b[?1049;2004h\x1b[?25l\x1b[?25h\x1b[?2004;1049l\x1b=\x1b>").Restore());
  EXPECT_EQ("", After("\x1b[?1049h\x1b=\x1b"
                      "c")
                    .Restore());
  EXPECT_EQ("", After("\x1b[?1h\x1b[!p").Restore());
}

TEST(TerminalModesTest, SequencesAndCharactersAreNotCut) {
  for (absl::string_view whole : {"\x1b[38;5;1m", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\", "\x1bPq#0\x1b\\",
                                  "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\x1b(B", "\x1b#8",
                                  "\x1b"
                                  "7"}) {
    for (size_t cut = 1; cut < whole.size(); ++cut) {
      EXPECT_FALSE(After(whole.substr(0, cut)).AtBoundary()) << whole << " at " << cut;
    }
    EXPECT_TRUE(After(whole).AtBoundary()) << whole;
  }
}

TEST(TerminalModesTest, ACutSequenceIsCancelledFirst) { EXPECT_EQ("\x18\x1b[m", After("\x1b]0;tit").Undo()); }

TEST(TerminalModesTest, BytesThatAreNotUtf8EndAtTheNextCharacter) {
  EXPECT_TRUE(After("\xff\xfe\x80\x80").AtBoundary());
  EXPECT_TRUE(After("\xe2x").AtBoundary());
}

TEST(TerminalModesTest, MemoryIsBounded) {
  TerminalModes modes;
  for (int mode = 0; mode < 100'000; ++mode) modes.Feed("\x1b[?" + std::to_string(10'000 + mode) + "h");
  EXPECT_LT(modes.Restore().size(), 1000U);
  modes.Feed("\x1b[?" + std::string(1'000'000, '1'));
  modes.Feed("h");
  EXPECT_TRUE(modes.AtBoundary());
}

}  // namespace
}  // namespace eventlog

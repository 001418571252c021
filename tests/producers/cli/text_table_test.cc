#include "producers/cli/text_table.h"

#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(TextTableTest, ColumnsAreAsWideAsTheyMustBe) {
  TextTable table({"LOG", "BYTES>", "ENGINE"});
  table.Add({"events", "5", "embedded"});
  table.Add({"a", "123456", ""});
  EXPECT_EQ(table.Text(),
            "LOG      BYTES  ENGINE\n"
            "events       5  embedded\n"
            "a       123456\n");
}

TEST(TextTableTest, CharactersAreCountedAndNotBytes) {
  TextTable table({"CURSOR", "N>"});
  table.Add({"größer", "1"});
  table.Add({"ab", "2"});
  EXPECT_EQ(table.Text(),
            "CURSOR  N\n"
            "größer  1\n"
            "ab      2\n");
}

TEST(TextTableTest, ANameCannotMoveTheCursor) {
  TextTable table({"CURSOR"});
  table.Add({"a\x1b[2Jb\x7f"});
  EXPECT_EQ(table.Text(), "CURSOR\na\\x1b[2Jb\\x7f\n");
}

}  // namespace
}  // namespace eventlog

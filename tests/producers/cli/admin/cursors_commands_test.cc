#include "producers/cli/admin/cursors_commands.h"

#include "gmock/gmock.h"
#include "tests/producers/cli/admin/admin_fixture.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class CursorsCommandsTest : public AdminFixture {
 protected:
  CursorsCommandsTest() { EXPECT_THAT(service_.Append({"a", "b", "c", "d", "e"}), IsOk()); }

  Outcome Cursors(const std::string& name, const std::vector<std::string>& arguments, bool json = true) {
    return Run(CursorsCommands(), "cursors " + name, arguments, json);
  }
};

TEST_F(CursorsCommandsTest, ACursorIsMadeMovedShownAndForgotten) {
  const Outcome made = Cursors("commit", {"indexer", "--next_offset=2"});
  EXPECT_EQ(made.code, kExitOk);
  EXPECT_THAT(made.out, StartsWith("{\"log\":\"events\",\"cursor\":\"indexer\",\"next_offset\":2,\"generation\":0,"));
  EXPECT_THAT(made.out, HasSubstr(",\"lag_records\":3,\"lag_s\":"));
  EXPECT_EQ(made.err, "");
  EXPECT_THAT(Cursors("get", {"indexer"}).out, HasSubstr("\"next_offset\":2,"));
  EXPECT_EQ(Cursors("delete", {"indexer"}).out, "{\"deleted\":\"indexer\"}\n");
  const Outcome gone = Cursors("get", {"indexer"});
  EXPECT_EQ(gone.code, kExitRefused);
  EXPECT_THAT(gone.err, HasSubstr("CURSOR_NOT_FOUND"));
}

TEST_F(CursorsCommandsTest, ACommitThatMovesNothingSaysSo) {
  Cursors("commit", {"indexer", "--next_offset=4"});
  const Outcome back = Cursors("commit", {"indexer", "--next_offset=2"});
  EXPECT_EQ(back.code, kExitOk);
  EXPECT_THAT(back.out, HasSubstr("\"next_offset\":4,"));
  EXPECT_THAT(back.err, HasSubstr("the cursor is at 4"));
}

TEST_F(CursorsCommandsTest, AResetGoesAnywhere) {
  for (const auto& [to, offset] : std::vector<std::pair<std::string, std::string>>{
           {"latest", "5"}, {"earliest", "0"}, {"3", "3"}, {"tail:1", "4"}, {"time:1h", "0"}, {"time:now", "5"}}) {
    EXPECT_THAT(Cursors("reset", {"indexer", "--to", to}).out, HasSubstr("\"next_offset\":" + offset + ",")) << to;
  }
  EXPECT_THAT(Cursors("reset", {"indexer", "--to=6"}).err, HasSubstr("OFFSET_OUT_OF_RANGE"));
}

TEST_F(CursorsCommandsTest, APersonSeesEachInALine) {
  Cursors("reset", {"a", "--to=earliest"});
  Cursors("reset", {"b", "--to=latest"});
  const std::string table = Cursors("list", {}, /*json=*/false).out;
  EXPECT_THAT(table, StartsWith("CURSOR  NEXT_OFFSET  LAG_RECORDS  LAG_TIME  GENERATION  COMMITTED\n"
                                "a                 0            5"));
  EXPECT_THAT(table, HasSubstr("\nb                 5            0        0s           0  2"));
  EXPECT_EQ(Cursors("delete", {"a"}, /*json=*/false).out, "cursor \"a\" is deleted\n");
}

TEST_F(CursorsCommandsTest, OnlyWhoHoldsItsGenerationMovesIt) {
  Cursors("reset", {"indexer", "--to=0"});
  const Outcome fenced = Cursors("commit", {"indexer", "--next_offset=1", "--generation=7"});
  EXPECT_EQ(fenced.code, kExitRefused);
  EXPECT_THAT(fenced.err, HasSubstr("CURSOR_FENCED"));
  EXPECT_THAT(fenced.err, HasSubstr("(actual=7, cursor=indexer, expected=0)"));
}

TEST_F(CursorsCommandsTest, AWrongLineIsRefusedBeforeTheServiceIsAsked) {
  for (const auto& [name, arguments] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"get", {}},
           {"get", {"a", "b"}},
           {"commit", {"a"}},
           {"commit", {"a", "--next_offset=-1"}},
           {"commit", {"a", "--next_offset=1", "--generation=x"}},
           {"reset", {"a"}},
           {"reset", {"a", "--to=newest"}},
           {"list", {"a"}},
           {"delete", {}}}) {
    const Outcome outcome = Cursors(name, arguments);
    EXPECT_EQ(outcome.code, kExitUsage) << name << " " << outcome.err;
    EXPECT_THAT(outcome.err, StartsWith("eventlog cursors " + name + ": "));
  }
}

}  // namespace
}  // namespace eventlog

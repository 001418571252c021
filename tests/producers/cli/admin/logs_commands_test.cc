#include "producers/cli/admin/logs_commands.h"

#include <fcntl.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "tests/producers/cli/admin/admin_fixture.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class LogsCommandsTest : public AdminFixture {
 protected:
  Outcome Logs(const std::string& name, const std::vector<std::string>& arguments, bool json = true) {
    return Run(LogsCommands(), "logs " + name, arguments, json);
  }
};

TEST_F(LogsCommandsTest, ALogIsMadeShownChangedAndDeleted) {
  const Outcome made = Logs("create", {"orders", "--max_age=7d", "--max_records=100"});
  EXPECT_EQ(made.code, kExitOk);
  EXPECT_THAT(made.out, HasSubstr("\"log\":\"orders\",\"retention\":{\"max_age_s\":604800,\"max_bytes\":0,"
                                  "\"max_records\":100,\"keep_for_cursors\":false}"));
  EXPECT_EQ(Logs("get", {"orders"}).out, made.out);
  const Outcome changed = Logs("update", {"orders", "--max_bytes=1KiB"});
  EXPECT_THAT(changed.out, HasSubstr("\"max_age_s\":604800,\"max_bytes\":1024,\"max_records\":100,"));
  EXPECT_THAT(Logs("update", {"orders", "--max_age=0"}).out,
              HasSubstr("\"max_age_s\":0,\"max_bytes\":1024,\"max_records\":100,"));
  EXPECT_EQ(Logs("delete", {"orders", "--yes"}).out, "{\"deleted\":\"orders\"}\n");
  EXPECT_EQ(Logs("get", {"orders"}).code, kExitRefused);
}

TEST_F(LogsCommandsTest, EachLogIsOneLine) {
  Logs("create", {"orders"});
  const Outcome listed = Logs("list", {});
  EXPECT_THAT(listed.out, StartsWith("{\"log\":\"events\","));
  EXPECT_THAT(listed.out, HasSubstr("}\n{\"log\":\"orders\","));
  EXPECT_THAT(Logs("list", {}, /*json=*/false).out, StartsWith("LOG     MAX_AGE"));
  EXPECT_THAT(Logs("get", {"orders"}, /*json=*/false).out, StartsWith("log                 orders\n"));
}

TEST_F(LogsCommandsTest, TheOldestAreTrimmedByOffsetTimeAndCount) {
  for (const char* text : {"a", "b", "c", "d", "e"}) ASSERT_THAT(service_.Append({text}), IsOk());
  EXPECT_EQ(Logs("trim", {"events", "--next_offset=1", "--yes"}).out, "{\"start_offset\":1}\n");
  EXPECT_EQ(Logs("trim", {"events", "--before=1h", "--yes"}).out, "{\"start_offset\":1}\n");
  EXPECT_EQ(Logs("trim", {"events", "--keep_last=2", "--yes"}).out, "{\"start_offset\":3}\n");
  EXPECT_EQ(Logs("trim", {"events", "--keep_last=2", "--yes"}, /*json=*/false).out,
            "log \"events\" begins at offset 3\n");
  EXPECT_EQ(Logs("trim", {"events", "--before=now", "--yes"}).out, "{\"start_offset\":5}\n");
  const Outcome beyond = Logs("trim", {"events", "--next_offset=6", "--yes"});
  EXPECT_EQ(beyond.code, kExitRefused);
  EXPECT_THAT(beyond.err, HasSubstr("OFFSET_OUT_OF_RANGE"));
  EXPECT_THAT(beyond.err, HasSubstr("(head_offset=5, offset=6)"));
}

TEST_F(LogsCommandsTest, WithoutATerminalNothingIsGoneWithoutYes) {
  Logs("create", {"orders"});
  ASSERT_THAT(service_.Append({"a"}), IsOk());
  const int input = dup(STDIN_FILENO);
  const int nothing = open("/dev/null", O_RDONLY);
  ASSERT_EQ(dup2(nothing, STDIN_FILENO), STDIN_FILENO);
  for (const Outcome& outcome : {Logs("delete", {"orders"}), Logs("trim", {"events", "--keep_last=0"})}) {
    EXPECT_EQ(outcome.code, kExitUsage);
    EXPECT_THAT(outcome.err, HasSubstr("right is --yes"));
  }
  dup2(input, STDIN_FILENO);
  close(input);
  close(nothing);
  EXPECT_EQ(Logs("get", {"orders"}).code, kExitOk);
  EXPECT_EQ(service_.Stats().start_offset(), 0);
}

TEST_F(LogsCommandsTest, AWrongLineIsRefusedBeforeTheServiceIsAsked) {
  for (const auto& [name, arguments] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"create", {}},
           {"create", {"a", "b"}},
           {"create", {"a", "--max_age=7"}},
           {"update", {"events"}},
           {"update", {"events", "--max_bytes=x"}},
           {"delete", {"--yes"}},
           {"trim", {"events", "--yes"}},
           {"trim", {"events", "--yes", "--keep_last=1", "--next_offset=1"}},
           {"trim", {"events", "--yes", "--before=yesterday"}},
           {"trim", {"events", "--yes", "--keep_last=-1"}},
           {"list", {"word"}},
           {"get", {"events", "--timeout_s=x"}}}) {
    const Outcome outcome = Logs(name, arguments);
    EXPECT_EQ(outcome.code, kExitUsage) << name << " " << outcome.err;
    EXPECT_THAT(outcome.err, StartsWith("eventlog logs " + name + ": "));
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(LogsCommandsTest, RefusalsOfTheServiceAreNotTheCommandLinesFault) {
  Logs("create", {"orders"});
  EXPECT_THAT(Logs("create", {"orders"}).err, HasSubstr("LOG_EXISTS"));
  EXPECT_THAT(Logs("create", {"Orders"}).err, HasSubstr("LOG_INVALID"));
  EXPECT_THAT(Logs("create", {"a", "--default_durability=replicated"}).err, HasSubstr("DURABILITY_UNSUPPORTED"));
  EXPECT_THAT(Logs("update", {"nowhere", "--max_records=1"}).err, HasSubstr("LOG_NOT_FOUND"));
  EXPECT_THAT(Logs("delete", {"events", "--yes"}).err, HasSubstr("LOG_REQUIRED"));
  EXPECT_EQ(Logs("create", {"orders"}).code, kExitRefused);
}

}  // namespace
}  // namespace eventlog

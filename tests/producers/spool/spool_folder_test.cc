#include "producers/spool/spool_folder.h"

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

class SpoolFolderTest : public testing::Test {
 protected:
  SpoolFolderTest() {
    for (const char* name : {kSpoolDirVariable, kLogVariable, "XDG_STATE_HOME", "HOME"}) unsetenv(name);
  }
};

TEST_F(SpoolFolderTest, IsBelowWhatTheEnvironmentNamesFirst) {
  setenv("HOME", "/people/ann", 1);
  EXPECT_EQ("/people/ann/.local/state/eventlog-spool/events@127.0.0.1:7431", SpoolFolder("127.0.0.1:7431", ""));
  setenv("XDG_STATE_HOME", "/state", 1);
  EXPECT_EQ("/state/eventlog-spool/events@127.0.0.1:7431", SpoolFolder("127.0.0.1:7431", "events"));
  setenv(kSpoolDirVariable, "/spools", 1);
  EXPECT_EQ("/spools/other@[::1]:7431,b:1", SpoolFolder("[::1]:7431,b:1", "other"));
}

TEST_F(SpoolFolderTest, LogIsThatOfTheEnvironment) {
  EXPECT_EQ("events", LogFromEnvironment());
  setenv(kLogVariable, "other", 1);
  EXPECT_EQ("other", LogFromEnvironment());
}

TEST_F(SpoolFolderTest, RelativePathIsMadeAbsolute) {
  setenv(kSpoolDirVariable, "spools", 1);
  EXPECT_EQ((std::filesystem::current_path() / "spools" / "events@a:1").string(), SpoolFolder("a:1", ""));
}

TEST_F(SpoolFolderTest, EachServerAndLogHasItsOwnAndNoneLeadsElsewhere) {
  setenv(kSpoolDirVariable, "/spools", 1);
  const std::string long_name(500, 'x');
  std::set<std::string> folders;
  for (const std::string& server : {std::string("a:1"), std::string("a%3A1"), std::string("../a:1"),
                                    std::string("unix:/tmp/a"), std::string("b@a:1"), long_name, long_name + "y"}) {
    for (const std::string& log : {std::string(""), std::string(".."), std::string("b@a"), long_name}) {
      const std::string folder = SpoolFolder(server, log);
      EXPECT_TRUE(folders.insert(folder).second) << folder;
      EXPECT_EQ("/spools", std::filesystem::path(folder).parent_path()) << folder;
      const std::string name = std::filesystem::path(folder).filename();
      EXPECT_NE('.', name[0]) << folder;
      EXPECT_LE(name.size(), 255u) << folder;
    }
  }
}

}  // namespace
}  // namespace eventlog

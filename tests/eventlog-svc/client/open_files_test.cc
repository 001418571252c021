#include "eventlog-svc/client/open_files.h"

#include <fcntl.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::Contains;
using testing::Not;

TEST(OpenFilesTest, AFileIsListedWhileItIsOpen) {
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(file, 0);
  const auto with = OpenFiles();
  ASSERT_TRUE(with.ok()) << with.status();
  EXPECT_THAT(*with, Contains(file));
  close(file);
  const auto without = OpenFiles();
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_THAT(*without, Not(Contains(file)));
  EXPECT_EQ(without->size() + 1, with->size()) << "what lists them is not listed";
}

}  // namespace
}  // namespace eventlog

#include "eventlog-svc/client/file_limit.h"

#include <sys/resource.h>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

TEST(FileLimitTest, TheLimitBecomesWhatTheSystemAllows) {
  rlimit files{};
  ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &files));
  files.rlim_cur = 100;
  ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
  EXPECT_THAT(RaiseFileLimit(), IsOk());
  ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &files));
  EXPECT_EQ(files.rlim_max, files.rlim_cur);
  EXPECT_GT(files.rlim_cur, 100u);
  EXPECT_THAT(RaiseFileLimit(), IsOk());
}

}  // namespace
}  // namespace eventlog

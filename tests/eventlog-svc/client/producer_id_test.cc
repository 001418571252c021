#include "eventlog-svc/client/producer_id.h"

#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(ProducerIdTest, ChildrenOfOneForkHaveDifferentNames) {
  std::set<std::string> names;
  names.insert(NewProducerId());
  for (int i = 0; i < 5; ++i) {
    int said[2];
    ASSERT_EQ(pipe(said), 0);
    const pid_t child = fork();
    if (child == 0) {
      const std::string name = NewProducerId();
      _exit(write(said[1], name.data(), name.size()) == static_cast<ssize_t>(name.size()) ? 0 : 1);
    }
    close(said[1]);
    std::string name(32, '?');
    ASSERT_EQ(read(said[0], name.data(), name.size()), 32);
    close(said[0]);
    waitpid(child, nullptr, 0);
    names.insert(name);
  }
  EXPECT_EQ(names.size(), 6u);
}

}  // namespace
}  // namespace eventlog

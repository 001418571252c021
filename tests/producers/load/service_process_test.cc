#include "producers/load/service_process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

TEST(ServiceProcessTest, WhoListensIsFound) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string port = absl::StrCat(":", ntohs(address.sin_port));
  EXPECT_FALSE(FindListener("127.0.0.1" + port).has_value()) << "bound, but nobody listens";
  ASSERT_EQ(listen(listener, 1), 0);
  EXPECT_EQ(FindListener("127.0.0.1" + port), getpid());
  EXPECT_EQ(FindListener("localhost" + port), getpid());
  EXPECT_FALSE(FindListener("192.0.2.1" + port).has_value()) << "another machine's port is not ours";
  EXPECT_FALSE(FindListener("192.0.2.1:1,127.0.0.1" + port).has_value()) << "nobody knows which one is meant";
  close(listener);
}

TEST(ServiceProcessTest, ProcessorTimeGrows) {
  const auto before = ProcessorTime(getpid());
  ASSERT_TRUE(before.has_value());
  uint64_t value = 1;
  while (ProcessorTime(getpid()) == before) {
    for (int i = 0; i < 1'000'000; ++i) value = value * 6364136223846793005u + 1;
  }
  EXPECT_NE(value, 0u);
  EXPECT_GT(*ProcessorTime(getpid()), *before);
}

TEST(ServiceProcessTest, NobodyHasNoTime) {
  EXPECT_FALSE(ProcessorTime(0).has_value());
  EXPECT_FALSE(FindListener("nonsense").has_value());
}

}  // namespace
}  // namespace eventlog

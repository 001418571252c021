// This program is started again by its own tests: with kReport and a FIFO it says there what it finds itself to be.

#include "producers/spool/detached_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

constexpr char kReport[] = "report-what-you-are";
// 32 and 33, which no program can reset.
constexpr uint64_t kSignalsOfTheCLibrary = uint64_t{3} << 31;

int Report(const char* fifo) {
  std::string descriptors;
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) >= 0) absl::StrAppend(&descriptors, descriptor, " ");
  }
  std::string report =
      absl::StrCat("descriptors=", descriptors, "\nparent=", getppid(), "\nleader=", getsid(0) == getpid(),
                   "\nsession=", getsid(0), "\nfolder=", std::filesystem::current_path().string(), "\nmask=", umask(0),
                   "\ninput=", std::filesystem::read_symlink("/proc/self/fd/0").string(),
                   "\nerror=", std::filesystem::read_symlink("/proc/self/fd/2").string(),
                   "\nvariable=", std::getenv("DETACHED_TEST") != nullptr ? std::getenv("DETACHED_TEST") : "", "\n");
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    const std::vector<std::string> words = absl::StrSplit(line, ":\t");
    if (words.size() == 2) absl::StrAppend(&report, words[0], "=", words[1], "\n");
  }
  std::ofstream(fifo) << report;
  return 0;
}

class DetachedProcessTest : public testing::Test {
 protected:
  // What a process that was started says of itself. Blocks until it does.
  std::map<std::string, std::string> StartAndRead(const std::string& name) {
    const std::string fifo = testing::TempDir() + "/" + name;
    EXPECT_EQ(0, mkfifo(fifo.c_str(), 0600));
    EXPECT_THAT(StartDetached({kReport, fifo}), IsOk());
    std::ifstream report(fifo);
    const std::string text((std::istreambuf_iterator<char>(report)), {});
    std::map<std::string, std::string> said;
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      said.insert(std::pair<std::string, std::string>(absl::StrSplit(line, absl::MaxSplits('=', 1))));
    }
    return said;
  }
};

TEST_F(DetachedProcessTest, HasNothingOfOurs) {
  int pipe_of_somebody[2];
  ASSERT_EQ(0, pipe(pipe_of_somebody));  // without O_CLOEXEC
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ASSERT_EQ(0, pthread_sigmask(SIG_BLOCK, &blocked, nullptr));
  ASSERT_NE(SIG_ERR, signal(SIGPIPE, SIG_IGN));
  setenv("DETACHED_TEST", "kept", 1);
  std::map<std::string, std::string> said = StartAndRead("nothing");
  EXPECT_EQ("0 1 2 ", said["descriptors"]);
  EXPECT_EQ("/dev/null", said["input"]);
  EXPECT_EQ("/dev/null", said["error"]);
  EXPECT_NE(absl::StrCat(getpid()), said["parent"]);
  EXPECT_NE(absl::StrCat(getsid(0)), said["session"]);
  EXPECT_EQ("0", said["leader"]) << "it could get a terminal";
  EXPECT_EQ("/", said["folder"]);
  EXPECT_EQ(absl::StrCat(077), said["mask"]);
  EXPECT_EQ("0000000000000000", said["SigBlk"]);
  uint64_t ignored = 0;
  ASSERT_TRUE(absl::SimpleHexAtoi(said["SigIgn"], &ignored));
  EXPECT_EQ(0u, ignored & ~kSignalsOfTheCLibrary);
  EXPECT_EQ("kept", said["variable"]);
  close(pipe_of_somebody[0]);
  close(pipe_of_somebody[1]);
}

TEST_F(DetachedProcessTest, IsStartedWithoutStandardStreamsToo) {
  const int input = dup(STDIN_FILENO);
  close(STDIN_FILENO);
  std::map<std::string, std::string> said = StartAndRead("streams");
  dup2(input, STDIN_FILENO);
  close(input);
  EXPECT_EQ("0 1 2 ", said["descriptors"]);
}

TEST_F(DetachedProcessTest, IsStartedFromManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      std::map<std::string, std::string> said = StartAndRead(absl::StrCat("thread", i));
      EXPECT_EQ("0 1 2 ", said["descriptors"]);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(DetachedProcessTest, SaysWhatTheSystemRefuses) {
  const absl::Status status = StartDetached({kReport, std::string(1 << 20, 'x')});
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("Argument list too long"));
}

}  // namespace
}  // namespace eventlog

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == eventlog::kReport) return eventlog::Report(argv[2]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

#include "eventlog-svc/client/folder_watch.h"

#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

class FolderWatchTest : public testing::Test {
 protected:
  FolderWatchTest() {
    std::string pattern = testing::TempDir() + "/watch-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~FolderWatchTest() override { std::filesystem::remove_all(folder_); }
  void Write(const std::string& name) {
    std::ofstream(folder_ + "/" + name, std::ios::app) << "x";
    FolderWatch::Tell(folder_ + "/" + name);
  }
  static absl::Duration SafetyNet() { return absl::Seconds(60); }
  static absl::Duration Soon() { return absl::Milliseconds(20); }

  std::string folder_;
};

TEST_F(FolderWatchTest, TellsOfTheFilesThatCountAndOfNoOthers) {
  FolderWatch watch(folder_, "mine-");
  EXPECT_FALSE(watch.Await(Soon()));
  Write("yours");
  EXPECT_FALSE(watch.Await(Soon()));
  Write("mine-1");
  EXPECT_TRUE(watch.Await(SafetyNet()));
  while (watch.Await(Soon())) {
  }
  Write("mine-1");
  EXPECT_TRUE(watch.Await(SafetyNet())) << "also when it is there already";
}

TEST_F(FolderWatchTest, ItCanBeWokenBeforeAndAmidWaiting) {
  FolderWatch watch(folder_, "mine-");
  watch.Wake();
  watch.Wake();
  EXPECT_FALSE(watch.Await(absl::InfiniteDuration()));
  EXPECT_FALSE(watch.Await(Soon())) << "both were one";
  std::thread waker([&] { watch.Wake(); });
  EXPECT_FALSE(watch.Await(absl::InfiniteDuration()));
  waker.join();
}

TEST_F(FolderWatchTest, AFolderThatGoesAndComesIsWatchedAgain) {
  FolderWatch watch(folder_, "mine-");
  std::filesystem::remove_all(folder_);
  EXPECT_TRUE(watch.Await(SafetyNet()));
  EXPECT_FALSE(watch.Await(Soon()));
  std::filesystem::create_directories(folder_);
  EXPECT_TRUE(watch.Await(SafetyNet())) << "nobody knows what it has";
  Write("mine-2");
  EXPECT_TRUE(watch.Await(SafetyNet()));
}

TEST_F(FolderWatchTest, WithoutADescriptorTimePassesUntilThereIsOneAgain) {
  // UBSan's look at an object with virtual functions, as this one and what a thread runs, wants a descriptor, too.
  const std::string folder = folder_;
  std::optional<FolderWatch> watch;
  absl::Notification up, waits;
  std::thread waker([&] {
    up.Notify();
    waits.WaitForNotification();
    watch->Wake();
  });
  up.WaitForNotification();
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none = {2, before.rlim_max};  // the standard streams have them; poll(2) wants as many as it is given
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  watch.emplace(folder, "mine-");
  EXPECT_FALSE(watch->Await(Soon()));
  watch->Wake();
  EXPECT_FALSE(watch->Await(absl::InfiniteDuration()));
  waits.Notify();
  EXPECT_FALSE(watch->Await(absl::InfiniteDuration()));
  waker.join();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(watch->Await(SafetyNet())) << "nobody knows what it has";
  Write("mine-1");
  EXPECT_TRUE(watch->Await(SafetyNet()));
}

}  // namespace
}  // namespace eventlog

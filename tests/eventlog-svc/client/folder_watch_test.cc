#include "eventlog-svc/client/folder_watch.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "absl/time/clock.h"
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
  void Write(const std::string& name) { std::ofstream(folder_ + "/" + name, std::ios::app) << "x"; }
  static absl::Time SafetyNet() { return absl::Now() + absl::Seconds(60); }
  static absl::Time Soon() { return absl::Now() + absl::Milliseconds(20); }

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
  EXPECT_FALSE(watch.Await(absl::InfiniteFuture()));
  EXPECT_FALSE(watch.Await(Soon())) << "both were one";
  std::thread waker([&] { watch.Wake(); });
  EXPECT_FALSE(watch.Await(absl::InfiniteFuture()));
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

}  // namespace
}  // namespace eventlog

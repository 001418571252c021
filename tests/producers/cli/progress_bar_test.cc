#include "producers/cli/progress_bar.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class ProgressBarTest : public testing::Test {
 protected:
  ProgressBarTest() : file_(open_memstream(&text_, &size_)) {}
  ~ProgressBarTest() override {
    std::fclose(file_);
    std::free(text_);
  }
  ProgressBarOptions Options(std::optional<int64_t> total, int columns = 80) {
    return {file_, true, total, columns, [this] { return now_; }};
  }
  std::string drawn() {
    std::fflush(file_);
    return std::string(text_, size_);
  }

  absl::Time now_ = absl::FromUnixSeconds(1);
  char* text_ = nullptr;
  size_t size_ = 0;
  std::FILE* const file_;
};

TEST_F(ProgressBarTest, ShowsThePartOfAFile) {
  ProgressBar bar(Options(1000));
  now_ += absl::Seconds(2);
  bar.Show(5000, 500);
  EXPECT_EQ(drawn(), "\r\x1b[K[##########..........]  50%  5,000 events  2,500/s  500 B");
}

TEST_F(ProgressBarTest, ShowsCountsOfAPipe) {
  ProgressBar bar(Options({}));
  now_ += absl::Seconds(1);
  bar.Show(12'345, 3 * 1024 * 1024);
  EXPECT_EQ(drawn(), "\r\x1b[K12,345 events  12,345/s  3.0 MiB");
}

TEST_F(ProgressBarTest, WhatIsDoneAtOnceShowsNothing) {
  {
    ProgressBar bar(Options(1000));
    now_ += ProgressBar::kFirstAfter - absl::Milliseconds(1);
    bar.Show(1, 1);
  }
  EXPECT_EQ(drawn(), "");
}

TEST_F(ProgressBarTest, IsDrawnAtMostOnceAnInterval) {
  ProgressBar bar(Options(1000));
  now_ += absl::Seconds(1);
  bar.Show(1, 1);
  const std::string once = drawn();
  now_ += ProgressBar::kInterval - absl::Milliseconds(1);
  bar.Show(2, 2);
  EXPECT_EQ(drawn(), once);
  now_ += absl::Milliseconds(1);
  bar.Show(3, 3);
  EXPECT_THAT(drawn(), HasSubstr("3 events"));
}

TEST_F(ProgressBarTest, WhatIsSaidStandsAboveIt) {
  ProgressBar bar(Options(1000));
  bar.Say("early");
  now_ += absl::Seconds(1);
  bar.Show(1, 1);
  bar.Say("line 3: wrong");
  EXPECT_THAT(drawn(), HasSubstr("early\n\r\x1b[K[...."));
  EXPECT_THAT(drawn(), HasSubstr("\r\x1b[Kline 3: wrong\n[...."));
  bar.Remove();
  EXPECT_THAT(drawn(), EndsWith("\r\x1b[K"));
}

TEST_F(ProgressBarTest, WithoutATerminalItOnlySays) {
  ProgressBarOptions options = Options(1000);
  options.visible = false;
  ProgressBar bar(options);
  now_ += absl::Seconds(1);
  bar.Show(1, 1);
  bar.Say("x");
  bar.Remove();
  EXPECT_EQ(drawn(), "x\n");
}

TEST_F(ProgressBarTest, IsNoLongerThanTheTerminalIsWide) {
  ProgressBar bar(Options(1000, 10));
  now_ += absl::Seconds(1);
  bar.Show(1, 1);
  EXPECT_EQ(drawn(), "\r\x1b[K[........");
}

}  // namespace
}  // namespace eventlog

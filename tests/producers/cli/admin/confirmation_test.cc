#include "producers/cli/admin/confirmation.h"

#include <pty.h>
#include <unistd.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

// Somebody at a terminal, who types `text`.
class Terminal {
 public:
  explicit Terminal(const std::string& text) {
    EXPECT_EQ(openpty(&master_, &slave_, nullptr, nullptr, nullptr), 0);
    EXPECT_EQ(write(master_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  ~Terminal() {
    close(master_);
    close(slave_);
  }
  int input() const { return slave_; }

 private:
  int master_ = -1;
  int slave_ = -1;
};

absl::Status AskWho(const std::string& types) {
  const Terminal terminal(types);
  testing::internal::CaptureStderr();
  const absl::Status answer = Confirmation(/*given=*/false, terminal.input()).Ask("Delete all?");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "Delete all? [y/N] ");
  return answer;
}

TEST(ConfirmationTest, YesIsYes) {
  for (const char* text : {"y\n", "Y\n", "yes\n", " Yes \n"}) EXPECT_THAT(AskWho(text), IsOk()) << text;
}

TEST(ConfirmationTest, EverythingElseIsNo) {
  // The last is the end of the input, with and without something before it.
  for (const char* text : {"n\n", "\n", "yess\n", "ja\n", "ny\n", "\x04", "y\x04\x04"}) {
    EXPECT_THAT(AskWho(text), StatusIs(absl::StatusCode::kCancelled, HasSubstr("nothing was changed"))) << text;
  }
}

TEST(ConfirmationTest, WithoutATerminalNobodyIsAsked) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  ASSERT_EQ(write(pipe_ends[1], "y\n", 2), 2);
  const Confirmation confirmation(/*given=*/false, pipe_ends[0]);
  for (const absl::Status& status : {confirmation.CheckCanAsk(), confirmation.Ask("Delete all?")}) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("right is --yes")));
  }
  const Confirmation given(/*given=*/true, pipe_ends[0]);
  EXPECT_THAT(given.CheckCanAsk(), IsOk());
  EXPECT_THAT(given.Ask("Delete all?"), IsOk());
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

}  // namespace
}  // namespace eventlog

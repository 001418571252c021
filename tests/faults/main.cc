// Runs the tests with their own flags beside GoogleTest's.

#include "absl/flags/parse.h"
#include "absl/synchronization/mutex.h"
#include "glog/logging.h"
#include "gmock/gmock.h"

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  absl::ParseCommandLine(argc, argv);
  // It costs these runs a tenth of their time; the sanitizers look for deadlocks.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Each of thousands of damaged logs has something to say.
  FLAGS_minloglevel = google::GLOG_FATAL;
  return RUN_ALL_TESTS();
}

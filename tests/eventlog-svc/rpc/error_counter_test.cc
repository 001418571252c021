#include "eventlog-svc/rpc/error_counter.h"

#include "eventlog-svc/engine/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(ErrorCounterTest, RefusalsAreCountedByReason) {
  ErrorCounter errors;
  errors.Count(Error(absl::StatusCode::kInvalidArgument, "EMPTY_APPEND", ""));
  errors.Count(Error(absl::StatusCode::kInvalidArgument, "EMPTY_APPEND", ""));
  errors.Count(absl::InternalError("no reason"));
  EXPECT_THAT(errors.counts(), ElementsAre(Pair("EMPTY_APPEND", 2), Pair("OTHER", 1)));
}

}  // namespace
}  // namespace eventlog

#include "producers/load/bench_options.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

absl::StatusOr<BenchOptions> Options(const std::vector<std::string>& arguments) {
  const absl::StatusOr<CommandLine> line = CommandLine::Parse(arguments, BenchFlags());
  EXPECT_THAT(line, IsOk());
  return BenchOptionsFromFlags(*line);
}

TEST(BenchOptionsTest, WithoutFlagsItIsAShortClosedLoadOnALogOfItsOwn) {
  const auto options = Options({});
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->log, "");
  EXPECT_FALSE(options->rate_per_s.has_value());
  EXPECT_EQ(options->outstanding, 64);
  EXPECT_EQ(options->append, AppendWay::kClient);
  EXPECT_EQ(options->batch_events, 1000);
  EXPECT_EQ(options->duration, absl::Seconds(10));
  EXPECT_EQ(options->warmup, absl::Seconds(1));
}

TEST(BenchOptionsTest, FlagsAreTaken) {
  const auto options = Options({"--rate_per_s=500", "--producers=3", "--append=stream", "--payload=binary",
                                "--payload_bytes=10-20", "--count=7", "--warmup_s=0", "--log=x", "--keep_log",
                                "--subscribers=2", "--drain_s=4", "--timeout_s=5", "--seed=9"});
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->rate_per_s, 500);
  EXPECT_EQ(options->producers, 3);
  EXPECT_EQ(options->append, AppendWay::kStream);
  EXPECT_EQ(options->batch_events, 1) << "without the client library an append has one event";
  EXPECT_TRUE(options->binary);
  EXPECT_EQ(options->sizes.max, 20);
  EXPECT_EQ(options->count, 7);
  EXPECT_EQ(options->warmup, absl::ZeroDuration());
  EXPECT_EQ(options->log, "x");
  EXPECT_TRUE(options->keep_log);
  EXPECT_EQ(options->subscribers, 2);
  EXPECT_EQ(options->drain, absl::Seconds(4));
  EXPECT_EQ(options->timeout, absl::Seconds(5));
  EXPECT_EQ(options->seed, 9);
  EXPECT_EQ(Options({"--append=unary", "--batch_events=5"})->batch_events, 5);
}

TEST(BenchOptionsTest, WrongOnesAreRefusedByName) {
  const std::pair<std::vector<std::string>, const char*> kWrong[] = {
      {{"--rate_per_s=0"}, "--rate_per_s=0"},
      {{"--rate_per_s=fast"}, "--rate_per_s=fast"},
      {{"--producers=1001"}, "--producers=1001: at most 1000"},
      {{"--outstanding=100000"}, "--outstanding=100000"},
      {{"--rate_per_s=5", "--outstanding=5"}, "one of --rate_per_s and --outstanding"},
      {{"--count=5", "--duration_s=5"}, "one of --count and --duration_s"},
      {{"--payload_bytes=many"}, "--payload_bytes=many"},
      {{"--verify_only"}, "--verify_only needs --log"},
      {{"--verify_only", "--log=x", "--count=5"}, "takes no --count"},
  };
  for (const auto& [arguments, words] : kWrong) {
    EXPECT_THAT(Options(arguments), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(words)));
  }
}

}  // namespace
}  // namespace eventlog

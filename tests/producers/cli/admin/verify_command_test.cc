#include "producers/cli/admin/verify_command.h"

#include <fstream>
#include <iterator>
#include <optional>

#include "gmock/gmock.h"
#include "tests/producers/cli/admin/admin_fixture.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

class VerifyCommandTest : public testing::Test {
 protected:
  VerifyCommandTest()
      : folder_(absl::StrCat(testing::TempDir(), "/", testing::UnitTest::GetInstance()->current_test_info()->name())) {
    ServerOptions options;
    options.data_dir = folder_;
    service_.emplace("embedded", options);
    EXPECT_THAT(service_->Append({"a", "needle"}), IsOk());
    EXPECT_THAT(service_->Append({"c"}), IsOk());
  }

  Outcome Verify(const std::vector<std::string>& arguments, bool json = true) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Outcome outcome;
    const std::string address = absl::StrCat("127.0.0.1:", service_->server().grpc_address().port);
    outcome.code = RunCommand(VerifyCommand(), CommandContext{address, "", json, false}, arguments);
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.err = testing::internal::GetCapturedStderr();
    return outcome;
  }

  // Changes one byte of the first batch.
  void ChangeAByte() {
    const std::string path = folder_ + "/logs/events/00000000000000000000.log";
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const size_t position = bytes.find("needle");
    ASSERT_NE(position, std::string::npos);
    file.seekp(static_cast<std::streamoff>(position));
    file.put('N');
    ASSERT_TRUE(file.flush().good());
  }

  const std::string folder_;
  std::optional<LiveService> service_;
};

TEST_F(VerifyCommandTest, ASoundLogHasALineForEachSegmentAndOneForAll) {
  const Outcome outcome = Verify({"--log=events"}, /*json=*/false);
  EXPECT_EQ(outcome.code, kExitOk);
  EXPECT_THAT(outcome.out, HasSubstr("00000000000000000000.log base_offset=0 next_offset=3 records=3 bytes="));
  EXPECT_THAT(outcome.out, HasSubstr(" sound\nlog=events segments=1 records=3 bytes="));
  EXPECT_THAT(outcome.out, HasSubstr(" damaged_segments=0 lost_records=0\n"));
}

TEST_F(VerifyCommandTest, DamageHasItsOwnExitCode) {
  ChangeAByte();
  const Outcome people = Verify({}, /*json=*/false);
  EXPECT_EQ(people.code, kExitDamaged);
  EXPECT_THAT(people.out, HasSubstr(" DAMAGED\n  lost: offsets 0 to 1\n"));
  const Outcome programs = Verify({});
  EXPECT_EQ(programs.code, kExitDamaged);
  EXPECT_THAT(programs.out, HasSubstr("\"gaps\":[{\"start_offset\":0,\"next_offset\":2,\"reason\":\"CORRUPT\"}]"));
  EXPECT_THAT(programs.out, HasSubstr("{\"log\":\"events\",\"summary\":{\"segment_count\":1,\"record_count\":1,"));
}

TEST_F(VerifyCommandTest, ALogThatCannotBeCheckedIsNamed) {
  const Outcome outcome = Verify({"--log=nowhere"});
  EXPECT_EQ(outcome.code, kExitRefused);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("eventlog verify: log \"nowhere\": LOG_NOT_FOUND: "));
}

}  // namespace
}  // namespace eventlog

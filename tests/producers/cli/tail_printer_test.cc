#include "producers/cli/tail_printer.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::HasSubstr;

v1::SubscribeResponse::Batch BatchOf(int64_t first, int count) {
  v1::SubscribeResponse::Batch batch;
  for (int i = 0; i < count; ++i) {
    batch.add_records()->set_offset(first + i);
    batch.mutable_records(i)->mutable_event()->set_type("t");
  }
  batch.set_next_offset(first + count);
  return batch;
}

// Prints into memory.
class TailPrinterTest : public testing::Test {
 protected:
  TailPrinterTest() : file_(open_memstream(&text_, &size_)) {}
  ~TailPrinterTest() override {
    std::fclose(file_);
    std::free(text_);
  }
  std::string printed() {
    std::fflush(file_);
    return std::string(text_, size_);
  }

  char* text_ = nullptr;
  size_t size_ = 0;
  std::FILE* const file_;
};

TEST_F(TailPrinterTest, PrintsLinesForPeopleOrJson) {
  auto batch = BatchOf(7, 1);
  TailPrinter people({file_, {}, false, false, nullptr});
  people.OnBatch(batch);
  EXPECT_EQ(printed(), "1970-01-01T00:00:00Z 7 t\n");
  TailPrinter json({file_, {}, true, false, nullptr});
  json.OnBatch(batch);
  EXPECT_THAT(printed(), HasSubstr("t\n{\"offset\":7,"));
}

TEST_F(TailPrinterTest, EndsAfterCountInTheMiddleOfABatch) {
  TailPrinter printer({file_, 3, false, false, nullptr});
  auto first = BatchOf(0, 2);
  auto second = BatchOf(2, 2);
  printer.OnBatch(first);
  printer.OnBatch(second);
  printer.OnBatch(second);
  EXPECT_EQ(printed(), "1970-01-01T00:00:00Z 0 t\n1970-01-01T00:00:00Z 1 t\n1970-01-01T00:00:00Z 2 t\n");
  EXPECT_THAT(printer.Await(absl::InfiniteDuration()), IsOk());
}

TEST_F(TailPrinterTest, NothingIsPrintedBehindTheEnd) {
  TailPrinter printer({file_, {}, false, false, nullptr});
  printer.End(absl::AbortedError("first"));
  printer.End(absl::OkStatus());
  auto batch = BatchOf(0, 2);
  testing::internal::CaptureStderr();
  printer.OnBatch(batch);
  printer.OnGap(v1::Gap());
  printer.OnDisconnected(absl::UnavailableError("gone"));
  EXPECT_EQ(printed(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(printer.Await(absl::ZeroDuration()), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(TailPrinterTest, AReaderThatIsGoneIsAQuietEndAndAFullDiskIsNot) {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  std::FILE* const broken = fdopen(ends[1], "w");
  TailPrinter quiet({broken, {}, false, false, nullptr});
  auto batch = BatchOf(0, 1);
  quiet.OnBatch(batch);
  EXPECT_THAT(quiet.Await(absl::InfiniteDuration()), IsOk());
  std::fclose(broken);
  std::FILE* const full = std::fopen("/dev/full", "w");
  TailPrinter loud({full, {}, false, false, nullptr});
  loud.OnBatch(batch);
  EXPECT_THAT(loud.Await(absl::InfiniteDuration()), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("No space left")));
  std::fclose(full);
}

TEST_F(TailPrinterTest, AConnectionThatIsLostForTooLongIsTheEnd) {
  TailPrinter printer({file_, {}, true, false, nullptr});
  printer.OnStarted({});
  testing::internal::CaptureStderr();
  printer.OnDisconnected(absl::UnavailableError("gone"));
  printer.OnDisconnected(absl::UnavailableError("gone"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "eventlog tail: reconnecting: gone\n");
  EXPECT_THAT(printer.Await(absl::ZeroDuration()), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(TailPrinterTest, AGapIsSaid) {
  TailPrinter printer({file_, {}, true, false, nullptr});
  v1::Gap gap;
  gap.set_start_offset(3);
  gap.set_next_offset(9);
  gap.set_reason(v1::GAP_REASON_TRIMMED);
  testing::internal::CaptureStderr();
  printer.OnGap(gap);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("offsets 3 to 8 cannot be delivered: GAP_REASON_TRIMMED"));
}

}  // namespace
}  // namespace eventlog

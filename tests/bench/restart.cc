// Compares the restart of a service with a large log to that with a small one, and the check of a whole log with a bare
// scan of the same bytes. `bazel run //tests/bench:restart`; `-- --bytes=10737418240` is the long form.

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/storage/crc32c.h"
#include "glog/logging.h"
#include "grpcpp/grpcpp.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"
#include "tests/bench/append_load.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/child_process.h"
#include "tests/bench/comparison.h"
#include "tests/bench/samples.h"

ABSL_FLAG(int64_t, bytes, 1024 * 1024 * 1024, "size of the large log's events; 24 MiB under --quick");

namespace eventlog::bench {
namespace {

constexpr int kEventBytes = 256;
constexpr int64_t kSmallBytes = 10 * 1024 * 1024;
constexpr int kStartsPerRun = 7;
constexpr size_t kChunkBytes = 256 * 1024;

enum class Stopped { kByTerm, kByKill };

void Fill(const std::string& folder, int64_t bytes) {
  const ChildProcess service(EventLogCommand(folder));
  AppendEvents(service.Address("grpc"), {100, 64, kEventBytes}, bytes / kEventBytes);
}

// The median time from exec to the ready line, in milliseconds, of some starts on this folder.
double StartMs(const std::string& folder, Stopped stopped) {
  Samples ms;
  for (int start = 0; start < kStartsPerRun; ++start) {
    const absl::Time before = absl::Now();
    ChildProcess service(EventLogCommand(folder));
    ms.Add(absl::ToDoubleMilliseconds(absl::Now() - before));
    if (stopped == Stopped::kByKill) service.Kill();
  }
  return ms.Median();
}

// Bytes that VerifyLog looked at.
int64_t Verify(const std::string& address) {
  const auto stub = v1::LogAdmin::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const auto stream = stub->VerifyLog(&context, v1::VerifyLogRequest());
  v1::VerifyLogResponse response;
  v1::VerifyLogResponse::Summary summary;
  while (stream->Read(&response)) summary = response.summary();
  const grpc::Status status = stream->Finish();
  CHECK(status.ok()) << status.error_message();
  CHECK(summary.damaged_segment_count() == 0 && summary.byte_count() > 0) << summary.ShortDebugString();
  return summary.byte_count();
}

// Bytes of all files of the folder, read and summed.
int64_t Scan(const std::string& folder) {
  int64_t bytes = 0;
  std::vector<char> chunk(kChunkBytes);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const int fd = open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    PCHECK(fd >= 0) << entry.path();
    uint32_t crc = 0;
    ssize_t count = 0;
    for (off_t at = 0; (count = pread(fd, chunk.data(), chunk.size(), at)) > 0; at += count) {
      crc = Crc32c(absl::string_view(chunk.data(), static_cast<size_t>(count)), crc);
      bytes += count;
    }
    PCHECK(count == 0) << entry.path();
    CHECK(crc != 0 || entry.file_size() == 0) << entry.path();
    close(fd);
  }
  return bytes;
}

// MiB in a second.
double Rate(const std::function<int64_t()>& bytes) {
  const absl::Time start = absl::Now();
  return static_cast<double>(bytes()) / (1 << 20) / absl::ToDoubleSeconds(absl::Now() - start);
}

// Milliseconds of CPU time for a GiB, by a clock of the process that works.
double CpuMs(const std::function<absl::Duration()>& clock, const std::function<int64_t()>& bytes) {
  const absl::Duration before = clock();
  const double gib = static_cast<double>(bytes()) / (1 << 30);
  return absl::ToDoubleMilliseconds(clock() - before) / gib;
}

absl::Duration OwnCpuTime() {
  timespec time{};
  PCHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0);
  return absl::DurationFromTimespec(time);
}

void Run() {
  const BenchFolder folder;
  const int64_t large_bytes = Quick() ? 24 * 1024 * 1024 : absl::GetFlag(FLAGS_bytes);
  const std::string large = folder.Path("large"), small = folder.Path("small");
  Fill(large, large_bytes);
  Fill(small, kSmallBytes);
  PrintComparisonHead(absl::StrCat("restart: ms from exec to the ready line, medians of ", kStartsPerRun,
                                   " starts; ratio = log of ", large_bytes >> 20, " MiB / log of ", kSmallBytes >> 20,
                                   " MiB. verify: MiB/s, and ms of CPU a GiB; ratio = VerifyLog / pread and CRC32C"));
  for (const Stopped stopped : {Stopped::kByTerm, Stopped::kByKill}) {
    Compare(
        stopped == Stopped::kByTerm ? "restart after SIGTERM, large / small" : "restart after SIGKILL, large / small",
        Better::kLower, [&] { return StartMs(large, stopped); }, [&] { return StartMs(small, stopped); });
  }
  const ChildProcess service(EventLogCommand(large));
  const auto verify = [address = service.Address("grpc")] { return Verify(address); };
  const auto scan = [&large] { return Scan(large); };
  Compare(
      "VerifyLog of the large log / scan", Better::kHigher, [&] { return Rate(verify); }, [&] { return Rate(scan); });
  Compare(
      "VerifyLog of the large log / scan, CPU", Better::kLower,
      [&] { return CpuMs([&service] { return service.CpuTime(); }, verify); }, [&] { return CpuMs(OwnCpuTime, scan); });
}

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Restart by size of the log, and its check against a bare scan, as ratios.");
  absl::ParseCommandLine(argc, argv);
  eventlog::bench::Run();
}

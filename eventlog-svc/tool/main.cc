// eventlog-admin: looks into the folder of a log that is not in use, without changing anything there.
//
// Exit codes: 0 done and sound, 1 damaged, 2 wrong command line, 3 the folder cannot be read.

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/program_flags.h"
#include "eventlog-svc/engine/log_name.h"
#include "eventlog-svc/storage/log_verifier.h"
#include "eventlog-svc/storage/posix_file_system.h"
#include "eventlog-svc/storage/stored_folder.h"
#include "eventlog-svc/tool/log_dump.h"
#include "glog/logging.h"

ABSL_FLAG(std::string, data_dir, "", "the data folder of a stopped service");
ABSL_FLAG(std::string, log, "events", "the log");

namespace {

constexpr int kExitDamaged = 1;
constexpr int kExitUnreadable = 3;

int Say(const absl::Status& status, int code) {
  std::fprintf(stderr, "eventlog-admin: %s\n", std::string(status.message()).c_str());
  return code;
}

void PrintReport(const eventlog::SegmentReport& report) {
  std::printf("%s base_offset=%lld next_offset=%lld records=%lld bytes=%lld %s\n", report.file.c_str(),
              static_cast<long long>(report.base_offset), static_cast<long long>(report.next_offset),
              static_cast<long long>(report.record_count), static_cast<long long>(report.byte_count),
              report.damaged() ? "DAMAGED" : "sound");
  for (const eventlog::Gap& gap : report.gaps) {
    std::printf("  lost: offsets %lld to %lld\n", static_cast<long long>(gap.start_offset),
                static_cast<long long>(gap.next_offset - 1));
  }
  for (const std::string& problem : report.problems) std::printf("  %s\n", problem.c_str());
  if (report.torn_bytes > 0) {
    std::printf("  a torn tail of %lld bytes, which the next start cuts off\n",
                static_cast<long long>(report.torn_bytes));
  }
}

int Verify(eventlog::FileSystem& files, const std::string& folder) {
  absl::StatusOr<std::vector<eventlog::StoredSegment>> segments = eventlog::FindStoredSegments(files, folder);
  if (!segments.ok()) return Say(segments.status(), kExitUnreadable);
  if (segments->empty()) {
    return Say(absl::NotFoundError(absl::StrCat("there is no segment in ", folder)), kExitUnreadable);
  }
  eventlog::LogVerifier verifier(*std::move(segments), {});
  while (true) {
    const absl::StatusOr<std::optional<eventlog::SegmentReport>> report = verifier.Next();
    if (!report.ok()) return Say(report.status(), kExitUnreadable);
    if (!report->has_value()) break;
    PrintReport(**report);
  }
  const eventlog::VerifySummary& summary = verifier.summary();
  std::printf("segments=%lld records=%lld bytes=%lld damaged_segments=%lld lost_records=%lld\n",
              static_cast<long long>(summary.segment_count), static_cast<long long>(summary.record_count),
              static_cast<long long>(summary.byte_count), static_cast<long long>(summary.damaged_segment_count),
              static_cast<long long>(summary.lost_record_count));
  return summary.damaged_segment_count == 0 ? 0 : kExitDamaged;
}

}  // namespace

int main(int argc, char** argv) {
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  // The command is the first word; the rest are flags.
  std::string command;
  if (argc > 1 && argv[1][0] != '-') {
    command = argv[1];
    argv[1] = argv[0];
    --argc;
    ++argv;
  }
  eventlog::ParseProgramFlags(
      {"eventlog-admin verify|dump --data_dir=FOLDER [--log=NAME]\n\n"
       "verify: holds every stored byte against its checksum; a line for each segment. dump: the log as JSON lines.\n"
       "Both are for the folder of a stopped service, and change nothing there.\n"
       "Exit codes: 0 done and sound, 1 damaged, 2 wrong command line, 3 the folder cannot be read.",
       "eventlog-svc/tool/main.cc"},
      argc, argv);
  const std::string data_dir = absl::GetFlag(FLAGS_data_dir);
  const std::string log = absl::GetFlag(FLAGS_log);
  absl::Status valid = eventlog::CheckLogName(log);
  if (data_dir.empty()) valid = absl::InvalidArgumentError("--data_dir is missing; see --help");
  if (command != "verify" && command != "dump") {
    valid = absl::InvalidArgumentError(absl::StrCat("\"", command, "\" is no command; right is verify or dump"));
  }
  if (!valid.ok()) return Say(valid, eventlog::kExitFlagsWrong);
  eventlog::PosixFileSystem files;
  const std::string folder = absl::StrCat(data_dir, "/logs/", log);
  if (command == "verify") return Verify(files, folder);
  const absl::Status dumped = eventlog::DumpLog(
      files, folder, [](absl::string_view line) { std::printf("%.*s\n", static_cast<int>(line.size()), line.data()); });
  return dumped.ok() ? 0 : Say(dumped, absl::IsDataLoss(dumped) ? kExitDamaged : kExitUnreadable);
}

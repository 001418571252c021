#include "producers/load/bench_command.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/file_limit.h"
#include "eventlog-svc/client/rpc_error.h"
#include "eventlog-svc/client/terminal_json.h"
#include "producers/load/bench_options.h"
#include "producers/load/bench_report.h"
#include "producers/load/bench_run.h"

namespace eventlog {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(100);
constexpr absl::string_view kVerification = "verification";

// SIGINT and SIGTERM: the first one ends the load, a second one the process. Made before any thread, so that all of
// them leave the signals to this one.
class StopSignal {
 public:
  StopSignal() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~StopSignal() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Waits, but not for long. True once, when one has come.
  bool Wait(absl::Duration wait) {
    const timespec limit = absl::ToTimespec(wait);
    if (sigtimedwait(&signals_, nullptr, &limit) < 0 || came_) return false;
    came_ = true;
    std::fprintf(stderr,
                 "\neventlog bench: ended early by a signal; what was sent is verified; a second one ends it at "
                 "once\n");
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
    return true;
  }

 private:
  sigset_t signals_;
  sigset_t before_;
  bool came_ = false;
};

// One line that is written over, not more often than eyes can follow.
class ProgressLine {
 public:
  ~ProgressLine() { Clear(); }
  void Show(const BenchProgress& progress) {
    if (!is_terminal_ || (shown_ && progress.elapsed - drawn_ < kTick)) return;
    drawn_ = progress.elapsed;
    std::string line = absl::StrFormat("%3.0f s  %s: ", absl::ToDoubleSeconds(progress.elapsed), progress.phase);
    if (progress.phase == kVerification) {
      absl::StrAppend(&line, "read back to offset ", progress.verified);
    } else {
      absl::StrAppend(&line, progress.sent, " sent, ", progress.acknowledged, " acknowledged");
    }
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
    shown_ = true;
  }
  void Clear() {
    if (shown_) std::fprintf(stderr, "\r\033[K");
    shown_ = false;
  }

 private:
  const bool is_terminal_ = isatty(STDERR_FILENO) == 1;
  bool shown_ = false;
  absl::Duration drawn_;
};

ExitCode Refuse(const std::string& server, const absl::Status& status) {
  const ExitCode code = ToExitCode(status);
  std::string hint;
  if (code == kExitUnreachable) {
    hint = absl::StrCat("; ", server,
                        " was not reached: is eventlog-svc running there? --server names another "
                        "address, --timeout_s waits longer");
  }
  std::fprintf(stderr, "eventlog bench: %s%s\n", RpcErrorText(status).c_str(), hint.c_str());
  return code;
}

ExitCode Run(const CommandContext& context, const CommandLine& line) {
  absl::StatusOr<BenchOptions> options = BenchOptionsFromFlags(line);
  if (!options.ok()) {
    std::fprintf(stderr, "eventlog bench: %s\n", std::string(options.status().message()).c_str());
    return kExitUsage;
  }
  RaiseFileLimit().IgnoreError();  // many producers are many connections; a low limit shows as an error of them
  StopSignal stop;
  ProgressLine line_of_progress;
  const auto tick = [&](const BenchProgress& progress) {
    line_of_progress.Show(progress);
    // Reading back has its own pace.
    return stop.Wait(progress.phase == kVerification ? absl::ZeroDuration() : kTick);
  };
  BenchRun run(context.server, *std::move(options), tick);
  const absl::StatusOr<BenchReport> report = run.Run();
  line_of_progress.Clear();
  if (!report.ok()) return Refuse(context.server, report.status());
  std::printf("%s", (context.json ? JsonFor(STDOUT_FILENO, ToJson(*report)) + "\n" : ToText(*report)).c_str());
  return report->sound() ? kExitOk : kExitRefused;
}

}  // namespace

const Command& BenchCommand() {
  static constexpr Command kCommand = {
      "bench",
      "",
      "Load a log, measure, and verify that every event came back",
      "Appends events to a log of its own, measures rate and latency, and reads all of it back: each event carries "
      "its\n"
      "producer, its number, the hash of its content and of the one before it, so that an event which is missing,\n"
      "changed, repeated or out of order is found, and told with its offset; then the exit code is 1 and the log "
      "stays.\n"
      "With --rate_per_s latency counts from when an event was due, also when it could only be sent later.\n"
      "Ctrl-C ends the load early; what was sent is verified and reported. The JSON fields are in "
      "producers/load/README.md.\n",
      "  eventlog bench\n"
      "      64 events on their way at any time, for ten seconds\n"
      "  eventlog bench --rate_per_s=2000 --subscribers=3 --duration_s=60\n"
      "      two thousand events a second, whatever the log takes, and how long they take to three subscribers\n"
      "  eventlog bench --producers=8 --append=stream --batch_events=100 --outstanding=400 --payload_bytes=session\n"
      "      without the client library, with sizes as of a coding agent's events\n"
      "  eventlog bench --log=trial --keep_log && eventlog bench --verify_only --log=trial\n"
      "      verify again, after the service has been restarted or the log been moved\n",
      &BenchFlags,
      &Run,
      "Exit codes: 0 sound, 1 not sound, or refused by the service, 2 wrong command line, 3 service not reached at the "
      "start.\n",
  };
  return kCommand;
}

}  // namespace eventlog

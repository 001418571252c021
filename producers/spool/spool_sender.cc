#include "producers/spool/spool_sender.h"

#include <signal.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/bearer_token.h"
#include "eventlog-svc/client/spool.h"
#include "eventlog-svc/client/spool_sender_lock.h"
#include "glog/logging.h"
#include "producers/config/service_settings.h"
#include "producers/spool/detached_process.h"
#include "producers/spool/sender_log.h"
#include "producers/spool/spool_drain.h"

namespace eventlog {
namespace {

constexpr int64_t kLogBytesMax = 256 * 1024;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

absl::Duration Linger() {
  const char* value = std::getenv(kSpoolLingerVariable);
  int64_t milliseconds = 0;
  if (value == nullptr || !absl::SimpleAtoi(value, &milliseconds) || milliseconds < 0) {
    return SpoolDrainOptions().linger;
  }
  return absl::Milliseconds(milliseconds);
}

// Before there is any thread: all of them inherit the mask.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// False when one came.
bool WaitWithoutSignal(const sigset_t& signals, absl::Duration time) {
  const timespec timeout = absl::ToTimespec(time);
  const int signal = sigtimedwait(&signals, nullptr, &timeout);
  if (signal > 0) LOG(INFO) << "ended by signal " << signal;
  return signal <= 0;
}

// Of the environment of who started this, or else of the configuration file as it is now; for where the spool's events
// go.
absl::Status SendToken(const std::string& folder) {
  SpoolOptions options;
  options.folder = folder;
  const absl::StatusOr<std::unique_ptr<Spool>> spool = Spool::OpenExisting(options);
  if (!spool.ok()) return spool.status();
  ServiceFlags target;
  target.server = (*spool)->target().server;
  const absl::StatusOr<ServiceSettings> found = FindServiceSettings(target);
  if (!found.ok()) return found.status();
  for (const std::string& problem : found->problems) LOG(WARNING) << "left out: " << problem;
  // Whether a token was meant is not known, and one that is found later is too late for this process.
  if (found->token.empty() && !found->problems.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("nothing is sent, for the token may be missing: ", found->problems.front()));
  }
  if (!found->token.empty() && !found->insecure) {
    const absl::Status stays = CheckTokenStaysHere(*target.server);
    if (!stays.ok()) return stays;
  }
  SendBearerToken(found->token);
  return absl::OkStatus();
}

}  // namespace

absl::Status EnsureSpoolSender(const std::string& folder) {
  absl::StatusOr<std::unique_ptr<SpoolSenderLock>> lock = SpoolSenderLock::TryTake(folder);
  if (!lock.ok()) return lock.status();
  if (*lock == nullptr) return absl::OkStatus();
  // The sender must find it free. Who has seen us hold it relies on the sender that we are about to start.
  lock->reset();
  return StartDetached({kSpoolSenderWord, folder});
}

int RunSpoolSender(const std::vector<std::string>& arguments) {
  if (arguments.size() != 1) return kExitUsage;
  const sigset_t signals = BlockStopSignals();
  FLAGS_logtostderr = true;
  if (!google::IsGoogleLoggingInitialized()) google::InitGoogleLogging(kSpoolSenderWord);
  SenderLog log(arguments[0], kLogBytesMax);
  // A disk that is full is no reason not to send.
  bool logs = log.Redirect().ok();

  SpoolDrainOptions options;
  options.folder = arguments[0];
  options.linger = Linger();
  options.wait = [&](absl::Duration time) {
    if (logs) logs = log.Redirect().ok();
    return WaitWithoutSignal(signals, time);
  };
  const absl::Status token = SendToken(arguments[0]);
  // Without it the log would refuse, for good, what is safe in the spool.
  const absl::StatusOr<SpoolDrainEnd> end = token.ok() ? DrainSpool(options) : token;
  if (end.ok()) return EXIT_SUCCESS;
  LOG(ERROR) << "sending from " << arguments[0] << ": " << end.status();
  return kExitFailed;
}

}  // namespace eventlog

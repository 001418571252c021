#include "producers/session/output_taps.h"

#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "producers/session/close_all_but.h"
#include "producers/spool/fork_without_handlers.h"

namespace eventlog {
namespace {

constexpr size_t kStreamsMax = 2;
const OutputTap::Seen kNobody = nullptr;

}  // namespace

void OutputTaps::Open(int output, int error) {
  const bool taps_output = OutputTap::CanTap(output);
  const bool taps_error = OutputTap::CanTap(error);
  if (taps_output && taps_error && OutputTap::IsOneStream(output, error)) {
    Add({output, error}, session::v1::OUTPUT_STREAM_UNSPECIFIED);
    return;
  }
  if (taps_output) Add({output}, session::v1::OUTPUT_STREAM_STDOUT);
  if (taps_error) Add({error}, session::v1::OUTPUT_STREAM_STDERR);
}

void OutputTaps::Add(std::vector<int> targets, session::v1::OutputStream name) {
  absl::StatusOr<std::unique_ptr<OutputTap>> tap = OutputTap::Open(targets[0]);
  if (!tap.ok()) return;
  streams_.push_back(
      {*std::move(tap), std::move(targets), name, [this, name](absl::string_view bytes) { seen_(bytes, name); }});
}

void OutputTaps::BecomeCommands() const {
  for (const Stream& stream : streams_) {
    for (const int target : stream.targets) dup2(stream.tap->command_end(), target);
  }
}

void OutputTaps::CloseCommandEnds() {
  for (const Stream& stream : streams_) stream.tap->CloseCommandEnd();
}

bool OutputTaps::WaitAndServe(int also, int timeout_ms) { return Serve(also, timeout_ms, /*unseen=*/false); }

bool OutputTaps::Serve(int also, int timeout_ms, bool unseen) {
  std::array<pollfd, 1 + 2 * kStreamsMax> ready;
  size_t count = 0;
  ready[count++] = {also, POLLIN, 0};
  for (const Stream& stream : streams_) {
    for (const pollfd& wanted : stream.tap->Wanted()) ready[count++] = wanted;
  }
  if (poll(ready.data(), count, timeout_ms) <= 0) return false;
  bool moved = false;
  for (size_t i = 0; i < streams_.size(); ++i) {
    const OutputTap::Seen& seen = unseen ? kNobody : streams_[i].seen;
    if (streams_[i].tap->Serve(&ready[1 + 2 * i], seen)) moved = true;
  }
  return moved;
}

void OutputTaps::CommandEnded() {
  for (const Stream& stream : streams_) stream.tap->LimitToWritten();
}

bool OutputTaps::delivered() const {
  return std::all_of(streams_.begin(), streams_.end(), [](const Stream& stream) { return stream.tap->done(); });
}

void OutputTaps::LeaveBehind() {
  const bool more = std::any_of(streams_.begin(), streams_.end(),
                                [](const Stream& stream) { return stream.tap->HasWriters() || !stream.tap->done(); });
  if (more && ForkWithoutHandlers() == 0) RelayAndExit();
  streams_.clear();
}

// Without memory: other threads may have been about to get some when this process was made. The signals that could
// reach it are blocked; it is there for others, and ends when they do.
void OutputTaps::RelayAndExit() {
  prctl(PR_SET_NAME, "session-relay");
  std::array<int, 2 * kStreamsMax> kept;
  kept.fill(-1);
  size_t count = 0;
  for (const Stream& stream : streams_) {
    for (const int file : stream.tap->descriptors()) kept[count++] = file;
    stream.tap->Unlimit();
  }
  CloseAllBut(absl::MakeSpan(kept));
  while (!delivered()) {
    // Whoever waits for the end of one stream must not wait for that of the other.
    for (const Stream& stream : streams_) {
      if (stream.tap->done()) stream.tap->CloseOutput();
    }
    Serve(-1, -1, /*unseen=*/true);
  }
  _exit(0);
}

absl::Status OutputTaps::status() const {
  for (const Stream& stream : streams_) {
    if (absl::Status status = stream.tap->status(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace eventlog

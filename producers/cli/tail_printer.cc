#include "producers/cli/tail_printer.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/client/event_json.h"
#include "eventlog-svc/client/rpc_error.h"
#include "eventlog-svc/client/terminal_json.h"
#include "producers/cli/event_line.h"

namespace eventlog {

void TailPrinter::OnStarted(const v1::SubscribeResponse::Started& started) {
  reconnecting_for_.clear();
  SetConnected(true);
  if (options_.cursor == nullptr) return;
  if (started_) {
    // The subscription goes on by its offset and does not hold the cursor: another one may have taken it.
    Committed(options_.cursor->Confirm());
  } else {
    options_.cursor->SetGeneration(started.generation());
  }
  started_ = true;
}

void TailPrinter::OnBatch(v1::SubscribeResponse::Batch& batch) {
  if (Ended()) return;
  std::string out;
  int64_t next_offset = batch.next_offset();
  for (const v1::Record& record : batch.records()) {
    if (!options_.json) {
      AppendEventLine(record, options_.color, out);
    } else if (options_.terminal) {
      std::string json;
      AppendEventJson(record, /*line=*/true, json);
      out += TerminalJson(json);
    } else {
      AppendEventJson(record, /*line=*/true, out);
    }
    out.push_back('\n');
    if (left_.has_value() && --*left_ <= 0) {
      next_offset = record.offset() + 1;
      break;
    }
  }
  if (!Write(out)) return;
  // Behind the print: who is ended between the two sees events again, and misses none.
  if (options_.cursor != nullptr) Committed(options_.cursor->Commit(next_offset));
  if (left_.has_value() && *left_ <= 0) End(absl::OkStatus());
}

void TailPrinter::OnGap(const v1::Gap& gap) {
  if (Ended()) return;
  std::fprintf(stderr, "eventlog tail: offsets %lld to %lld cannot be delivered: %s\n",
               static_cast<long long>(gap.start_offset()), static_cast<long long>(gap.next_offset() - 1),
               v1::GapReason_Name(gap.reason()).c_str());
}

void TailPrinter::OnHeartbeat(int64_t next_offset) {
  // What the filter left out was looked at, too.
  if (options_.cursor != nullptr && !Ended()) Committed(options_.cursor->Commit(next_offset));
}

void TailPrinter::OnDisconnected(const absl::Status& status) {
  SetConnected(false);
  if (!Ended()) SayReconnecting(status);
}

void TailPrinter::SayReconnecting(const absl::Status& status) {
  const std::string reason = RpcErrorText(status);
  if (reason != reconnecting_for_) std::fprintf(stderr, "eventlog tail: reconnecting: %s\n", reason.c_str());
  reconnecting_for_ = reason;
}

void TailPrinter::End(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (!end_.has_value()) end_ = status;
}

absl::Status TailPrinter::Await(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  while (!end_.has_value()) {
    const auto changed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return end_.has_value() || connected_; };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&changed), timeout)) {
      return absl::UnavailableError("the service did not answer in time");
    }
    const auto lost = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return end_.has_value() || !connected_; };
    mutex_.Await(absl::Condition(&lost));
  }
  return *end_;
}

void TailPrinter::SetConnected(bool connected) {
  absl::MutexLock lock(&mutex_);
  connected_ = connected;
}

bool TailPrinter::Ended() {
  absl::MutexLock lock(&mutex_);
  return end_.has_value();
}

bool TailPrinter::Write(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), options_.output) == text.size() && std::fflush(options_.output) == 0) {
    return true;
  }
  const int error = errno;
  // A reader that has enough, as `head` has, is no failure.
  End(error == EPIPE ? absl::OkStatus()
                     : absl::DataLossError(absl::StrCat("cannot write standard output: ", std::strerror(error))));
  return false;
}

void TailPrinter::Committed(const absl::Status& status) {
  if (!status.ok()) End(status);
}

}  // namespace eventlog

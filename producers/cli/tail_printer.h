// What `eventlog tail` does with a subscription: prints it, commits its cursor behind what is printed, and knows when
// it is enough.

#ifndef PRODUCERS_CLI_TAIL_PRINTER_H_
#define PRODUCERS_CLI_TAIL_PRINTER_H_

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/event_stream.h"
#include "producers/cli/tail_cursor.h"

namespace eventlog {

struct TailPrinterOptions {
  std::FILE* output = stdout;
  std::optional<int64_t> count;  // end after so many events
  bool json = true;              // else lines for people
  bool color = false;            // those in colour
  TailCursor* cursor = nullptr;  // null: none
  bool terminal = false;         // a terminal gets the JSON, and obeys what is in it
};

// Hears the stream on its thread; Await and End are for any.
class TailPrinter : public EventStreamHandler {
 public:
  explicit TailPrinter(TailPrinterOptions options) : options_(options), left_(options.count) {}

  void OnStarted(const v1::SubscribeResponse::Started& started) override;
  void OnBatch(v1::SubscribeResponse::Batch& batch) override;
  void OnGap(const v1::Gap& gap) override;
  void OnHeartbeat(int64_t next_offset) override;
  void OnDisconnected(const absl::Status& status) override;
  void OnEnded(const absl::Status& status) override { End(status); }

  // Says why there is no connection; once for a reason, however often it is tried.
  void SayReconnecting(const absl::Status& status);
  // The first end counts; nothing is printed after it.
  void End(const absl::Status& status);
  // Waits for the end; kUnavailable when there was no connection for `timeout`.
  absl::Status Await(absl::Duration timeout);

 private:
  void SetConnected(bool connected);
  bool Ended();
  // Whether all of it was taken; else this is the end.
  bool Write(const std::string& text);
  void Committed(const absl::Status& status);

  const TailPrinterOptions options_;
  // The stream's thread's.
  std::optional<int64_t> left_;
  std::string reconnecting_for_;
  bool started_ = false;
  absl::Mutex mutex_;
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace eventlog

#endif  // PRODUCERS_CLI_TAIL_PRINTER_H_

// Reads what a hook is given, and does not trust its end: bounded in bytes and in time.

#ifndef PRODUCERS_HOOK_PAYLOAD_READER_H_
#define PRODUCERS_HOOK_PAYLOAD_READER_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace eventlog {

struct PayloadReaderOptions {
  // What comes behind it is read, so that the writer is not held up, and counted, but not kept.
  int64_t bytes_max = 8 * 1024 * 1024;
  absl::Duration timeout = absl::Seconds(5);
  // When nothing has come for so long, and what is there is whole, no end of the input is waited for.
  absl::Duration pause = absl::Milliseconds(100);
};

struct Payload {
  std::string bytes;
  int64_t bytes_read = 0;   // all that came
  bool unfinished = false;  // the time was over, or reading failed, before the end
  absl::Status status;      // of reading
};

// Reads from the descriptor, which stays open. `is_whole` is asked in pauses.
Payload ReadPayload(int descriptor, const PayloadReaderOptions& options,
                    absl::FunctionRef<bool(absl::string_view)> is_whole);

}  // namespace eventlog

#endif  // PRODUCERS_HOOK_PAYLOAD_READER_H_

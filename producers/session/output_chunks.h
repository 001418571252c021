// What a command prints, as the data of session.output events: gathered for a moment, cut between characters, and no
// more than a rate, which all its streams have together. What is above the rate is counted, not kept. Chunks of several
// streams come in the order of their first bytes.
//
// Thread compatible. Time is given, not taken.

#ifndef PRODUCERS_SESSION_OUTPUT_CHUNKS_H_
#define PRODUCERS_SESSION_OUTPUT_CHUNKS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/session/v1/session.pb.h"

namespace eventlog {

struct OutputChunksOptions {
  int64_t bytes_per_second_max = 256 * 1024;
  int64_t burst_bytes_max = 1024 * 1024;
  int64_t chunk_bytes_max = 16 * 1024;
  // How long the first byte of a chunk waits for more.
  absl::Duration linger = absl::Milliseconds(200);
  // Takes a chunk, which has no session's id yet; false when there is no room for it.
  std::function<bool(session::v1::SessionOutput)> emit;
};

// At this rate, and four seconds of it at once.
OutputChunksOptions OutputAtRate(int64_t bytes_per_second_max);

// `bytes` as UTF-8: each malformed sequence is replaced by U+FFFD. Where they end within a character that may yet
// become whole, those last bytes are left out, and `used` says how many are not.
std::string ToUtf8(absl::string_view bytes, size_t& used);

class OutputChunks {
 public:
  OutputChunks(OutputChunksOptions options, absl::Time now);

  void Add(absl::string_view bytes, absl::Time now,
           session::v1::OutputStream stream = session::v1::OUTPUT_STREAM_UNSPECIFIED);
  // Emits what has waited long enough.
  void Tick(absl::Time now);
  // When Tick has something to do.
  absl::Time due() const;
  // Emits what is left: the end of the output.
  void Finish();

 private:
  struct Stream {
    session::v1::OutputStream name;
    std::string pending;
    int64_t first_byte = 0;  // of `pending`, in all that the stream had
    int64_t left_out = 0;    // right before `pending`
    absl::Time since = absl::InfiniteFuture();
  };

  Stream& Find(session::v1::OutputStream name);
  // How many of so many bytes are below the rate.
  size_t Take(size_t bytes, absl::Time now);
  // At most a chunk. `all`: also the beginning of a character whose rest has not come.
  void Emit(Stream& stream, bool all);
  // What began to wait before that, the oldest first.
  void EmitOlder(absl::Time since);
  void LeaveOut(Stream& stream, int64_t bytes);

  const OutputChunksOptions options_;
  std::vector<Stream> streams_;  // those that have printed something
  double tokens_;                // bytes that may be taken now
  absl::Time filled_;            // when tokens_ was right
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_OUTPUT_CHUNKS_H_

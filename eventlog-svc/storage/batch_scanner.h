// Walks the batches of a segment's file, one after the other, and finds the next whole one behind damage.
//
// Offsets only rise: what claims one that is behind the scan, or further ahead than what was skipped could have held,
// is damage too.

#ifndef EVENTLOG_SVC_STORAGE_BATCH_SCANNER_H_
#define EVENTLOG_SVC_STORAGE_BATCH_SCANNER_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/storage/batch_codec.h"
#include "eventlog-svc/storage/file_system.h"

namespace eventlog {

// Not thread safe. The file must outlive it.
class BatchScanner {
 public:
  enum class Step {
    kBatch,  // header() and records() describe it
    kEnd,    // nothing but zeros up to the end
    kBad,    // something that is not a whole batch begins at position(); SkipDamage() goes on
  };

  // What is scanned: [position, end) of the file. No batch of it begins below `offset`.
  struct Range {
    int64_t position = 0;
    int64_t offset = 0;
    int64_t end = 0;
  };

  BatchScanner(const File& file, const BatchSeal& seal, const Range& range, size_t chunk_bytes = 256 * 1024);

  // What one read asks for from now on, unless a batch is larger.
  void SetChunk(size_t bytes) { chunk_bytes_ = bytes; }
  // Takes the next batch. A failed read is an error.
  absl::StatusOr<Step> Next();
  // The header of the batch that begins at position(), valid until the scanner moves; its records are neither read nor
  // checked. Null where none begins that could be taken: Next() tells why.
  absl::StatusOr<const BatchHeader*> Peek();
  // Passes over the batch that Peek() gave.
  void Skip();
  // Moves to the next whole batch behind position(), or to the end. Returns whether there is one: then Next() gives it.
  absl::StatusOr<bool> SkipDamage();

  // The batch that Next() gave; valid until the next call.
  const BatchHeader& header() const { return header_; }
  absl::string_view records() const { return records_; }
  // Where that batch begins.
  int64_t batch_position() const { return batch_position_; }
  // Where the next one begins, or where the damage does.
  int64_t position() const { return position_; }

 private:
  // Makes at least `size` bytes from position_ on available, if the range has them.
  absl::StatusOr<absl::string_view> Fill(size_t size);
  // Moves what is read from position_ on to the front of a buffer of at least `capacity` bytes.
  void KeepFromPosition(size_t capacity);
  absl::StatusOr<bool> OnlyZerosLeft();
  // Whether what begins at position_ is the header of a batch that the range has room for.
  absl::StatusOr<bool> IsHeader(BatchHeader& header);
  // Whether a whole batch begins at position_, given that its header does.
  absl::StatusOr<bool> IsWhole(BatchHeader& header, absl::string_view& records);
  // Behind the batch that begins at position_ and has that header.
  void MoveBehind(const BatchHeader& header);

  const File& file_;
  const BatchSeal seal_;
  const int64_t end_;
  size_t chunk_bytes_;
  int64_t position_;
  int64_t next_offset_;     // behind the last batch
  int64_t sound_position_;  // and where that one ends
  int64_t batch_position_ = 0;
  // Not a string: filling one with zeros before each read costs as much as the read itself.
  std::unique_ptr<char[]> buffer_;
  size_t buffer_capacity_ = 0;
  size_t buffer_size_ = 0;       // bytes that are read
  int64_t buffer_position_ = 0;  // of the buffer's first byte in the file
  BatchHeader header_;
  absl::string_view records_;
  bool peeked_ = false;  // header_ is that of the batch at position_
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_BATCH_SCANNER_H_

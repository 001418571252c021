// Collects the records of a page, going forward over batches, within the limits of a read.

#ifndef EVENTLOG_SVC_STORAGE_PAGE_BUILDER_H_
#define EVENTLOG_SVC_STORAGE_PAGE_BUILDER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/log.h"

namespace eventlog {

// Not thread safe.
class PageBuilder {
 public:
  enum class Progress { kMore, kFull, kDamaged };

  // Takes records with offsets in [from, until), at most the limits of `options`, at least one.
  PageBuilder(const ReadOptions& options, int64_t from, int64_t until);

  // Says that at most so many bytes are still to come, so that an empty page makes room for them once.
  void Expect(size_t bytes);
  // It takes no more.
  bool full() const { return record_count_ >= options_.records_max || bytes_left() == 0; }
  // Whether Add of a run of so many records and bytes that begins at next() ends the page without taking anything.
  bool EndsBefore(int64_t count, size_t bytes) const;
  // The bytes of records that the page still takes.
  size_t bytes_left() const { return options_.bytes_max - std::min(options_.bytes_max, page_.wire.size()); }
  // Takes what fits of a run of records with offsets [base_offset, next_offset). kFull ends the page: the limits are
  // reached, or the run begins behind next() and the records before it are to be delivered first. kDamaged: from next()
  // on the run does not hold the records that it should.
  // A run that is taken as a whole is not looked into: its checksum was good. Nothing is taken from `end` on.
  Progress Add(absl::string_view run, int64_t base_offset, int64_t next_offset, absl::Time append_time,
               int64_t end = std::numeric_limits<int64_t>::max());
  // The offset behind all that was taken or skipped.
  int64_t next() const { return page_.next_offset; }
  bool empty() const { return page_.empty(); }
  // The page; when it is empty and next() has not reached `reached`, a gap up to there.
  RecordPage Finish(int64_t reached);

 private:
  bool HasRoom(int64_t count, size_t bytes) const;
  bool TakesWhole(absl::string_view run, int64_t base_offset, int64_t next_offset) const;
  // Takes a part of the run, record by record.
  Progress AddSome(absl::string_view run, int64_t base_offset, int64_t next_offset, absl::Time append_time);
  void Take(absl::string_view run, int64_t base_offset, int64_t count, absl::Time append_time);

  const ReadOptions options_;
  const int64_t until_;
  RecordPage page_;
  int64_t record_count_ = 0;
};

// kOutOfRange OFFSET_OUT_OF_RANGE when `from` lies outside of [0, head].
absl::Status CheckInBounds(int64_t from, const LogBounds& bounds);

// Keeps only the last records of a forward page that the limits of a backward read allow; next_offset becomes the first
// kept.
void KeepTail(const ReadOptions& options, RecordPage& page);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_PAGE_BUILDER_H_

// Reads the log below the ring. Implemented by the feed on EventLog.Read; faked in tests.

#ifndef GATEWAY_SVC_HUB_PAGE_READER_H_
#define GATEWAY_SVC_HUB_PAGE_READER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway-svc/hub/event_block.h"

namespace gateway {

struct LogPage {
  std::string epoch;
  std::vector<EventBlockPtr> blocks;  // contiguous, ascending, from the offset asked for; gaps are blocks
  int64_t next_offset = 0;
};

// A place in one life of the log.
struct LogPosition {
  std::string epoch;
  int64_t offset = 0;
};

// Any thread. `done` is called exactly once, on any thread, also from within the call.
class PageReader {
 public:
  virtual ~PageReader() = default;
  // One page forward from `offset`, nothing of it from `until_offset` on.
  virtual void ReadPage(int64_t offset, int64_t until_offset, std::function<void(absl::StatusOr<LogPage>)> done) = 0;
  // The first offset whose record's append time is not before `time`; the head when there is none. Where a gap lies
  // before that record, the begin of the gap: who starts there is told of it.
  virtual void FindTime(absl::Time time, std::function<void(absl::StatusOr<LogPosition>)> done) = 0;
  // The offset of the record that is `count` records before the head; the log's start when it has fewer. Gaps as above.
  virtual void FindTail(int64_t count, std::function<void(absl::StatusOr<LogPosition>)> done) = 0;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_HUB_PAGE_READER_H_

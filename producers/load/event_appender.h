// One of the ways in which a producer of a load appends.

#ifndef PRODUCERS_LOAD_EVENT_APPENDER_H_
#define PRODUCERS_LOAD_EVENT_APPENDER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "eventlog-svc/client/append_queue.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

// Append, Push and Finish from one thread; the others from any.
class EventAppender {
 public:
  virtual ~EventAppender() = default;

  // Takes the event, and waits for room where there is none. OK: `done` will hear of the outcome, once, on any thread,
  // also before this returns. Otherwise it was not taken, nor ever sent.
  virtual absl::Status Append(v1::Event event, AppendDone done) = 0;
  // Sends what is gathered for a batch.
  virtual void Push() = 0;
  // Waits until everything is answered. Append must not follow.
  virtual void Finish() = 0;
  // Gives up: the other calls return soon, and what is not answered hears an error.
  virtual void Abort() = 0;
  // Times that a stream was begun; 0 where there is none.
  virtual int64_t connections() const = 0;
  // Events that were sent once more, each time counted. 0 where nothing is tried again.
  virtual int64_t retries() const { return 0; }
  // Acknowledged events that the log had from an earlier try, whose answer was lost. 0 where nothing is tried again.
  virtual int64_t duplicates() const { return 0; }
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_EVENT_APPENDER_H_

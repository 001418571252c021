// Keeps the registry's entries of sessiond's sessions in step with the events that are kept, so that what is left of
// them after a SIGKILL is repaired with exactly the events that are missing.
//
// session.created and client.connected are in the entry, as they are, before they are kept, and until they are seen to
// be; a client is in it from before its client.connected is kept until its client.disconnected is. How a session ended
// is in it before session.removed is kept, and the entry goes when all of the session's events are kept. After a
// SIGKILL between keeping and the change of the entry the repair adds an event a second time, with the same id, by
// which the spool leaves it out (SpoolAdder).
//
// For the thread of an EventSink. The entries are made by whoever starts the session.

#ifndef PRODUCERS_SESSION_SESSIOND_JOURNAL_H_
#define PRODUCERS_SESSION_SESSIOND_JOURNAL_H_

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "producers/session/event_sink.h"
#include "producers/session/session_registry.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

class SessiondJournal {
 public:
  // `add` keeps events. The registry outlives it.
  SessiondJournal(const SessionRegistry& registry, AddEvents add) : registry_(registry), add_(std::move(add)) {}

  // As `add`, for an EventSink. May be given again what was not kept.
  absl::Status Add(const std::vector<v1::Event>& events);

 private:
  void Prepare(const v1::Event& event) const;
  void Settle(const v1::Event& event) const;

  const SessionRegistry& registry_;
  const AddEvents add_;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_JOURNAL_H_

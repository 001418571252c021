// An event of a load, sealed so that what comes back can be held against what was sent: it names its run, its producer
// and its number there, and carries the hash of its own content and that of the producer's event before it.
//
//   id       RUN.PRODUCER.SEQUENCE.PREVIOUS.HASH   the last two in 16 hexadecimal digits
//   type     bench.event
//   source   /eventlog/bench
//   subject  RUN/PRODUCER
//   time     when it was due
//
// HASH covers everything of the event but itself. The last event of each producer of a kept log has the type bench.end:
// its data says which of the producer's events were acknowledged.

#ifndef PRODUCERS_LOAD_CHAIN_EVENT_H_
#define PRODUCERS_LOAD_CHAIN_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

inline constexpr char kChainType[] = "bench.event";
inline constexpr char kChainEndType[] = "bench.end";
inline constexpr char kChainSource[] = "/eventlog/bench";

struct ChainLink {
  std::string run;  // letters and digits
  int64_t producer = 0;
  int64_t sequence = 0;
  uint64_t previous = 0;  // the hash of the one before; 0 before the first
};

// Sets id, source and subject of an event whose other fields are final, and returns its hash. Type, time and data are
// the caller's. Thread safe, as are the others.
uint64_t SealChainEvent(const ChainLink& link, v1::Event& event);

struct ChainSeal {
  ChainLink link;
  uint64_t hash = 0;   // as the event says
  bool whole = false;  // the content has that hash
};

// What an event says of itself; nothing when its id does not have the form.
std::optional<ChainSeal> ReadChainSeal(const v1::Event& event);
// The run that its subject names, where source or type say that it is of a load: what is left to go by when the id is
// damaged. Empty when it is none.
std::string RunOfChainEvent(const v1::Event& event);

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_CHAIN_EVENT_H_

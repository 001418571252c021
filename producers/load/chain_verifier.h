// Holds the records of a log against what the producers of a load sent: every acknowledged event is there once,
// unchanged, in its producer's order, at the offset of its acknowledgement; one that was not acknowledged at most once.
//
// With a ledger it judges one run, all of which is known. Without, it judges every run in the log by its chains alone,
// and by the event bench.end with which each producer's chain ends: the loss of a chain's end, and of whole chains, is
// then only seen where that event is there.

#ifndef PRODUCERS_LOAD_CHAIN_VERIFIER_H_
#define PRODUCERS_LOAD_CHAIN_VERIFIER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "producers/load/chain_event.h"
#include "producers/load/run_ledger.h"
#include "producers/load/verification.h"
#include "proto/eventlog/v1/event.pb.h"
#include "proto/eventlog/v1/event_log.pb.h"

namespace eventlog {

// Not thread safe.
class ChainVerifier {
 public:
  // `ledger` may be null; it must outlive the object and tell of nothing new any more.
  explicit ChainVerifier(const RunLedger* ledger);

  // The records and gaps of the log in their order.
  void Add(const v1::Record& record);
  void Add(const v1::Gap& gap) { gaps_.push_back(gap); }
  // Once, at the end.
  Verification Finish();

 private:
  using ChainName = std::pair<std::string, int64_t>;  // run and producer
  struct Sighting {
    int64_t offset = 0;
    uint64_t hash = 0;
    int times = 0;
  };
  struct Chain {
    std::vector<RunLedger::Entry> sent;  // of the ledger
    absl::flat_hash_map<int64_t, Sighting> seen;
    absl::flat_hash_set<int64_t> changed;                                  // sequences that a changed event claims
    int64_t highest = -1;                                                  // of those whose order counts
    std::optional<std::vector<std::pair<int64_t, int64_t>>> acknowledged;  // as bench.end says
  };

  bool IsOurs(const v1::Event& event, const std::optional<ChainSeal>& seal) const;
  // Those of Finish().
  void JudgeSent(const ChainName& name, const Chain& chain);
  void JudgeChain(const ChainName& name, const Chain& chain);
  void Expect(const ChainName& name, const Chain& chain, int64_t first, int64_t last);
  void TellMissing();

  // False: it is not what was sent, which is told.
  bool CheckIdentity(const v1::Record& record, const ChainSeal& seal, const Chain& chain);
  void AddChanged(const v1::Record& record, const std::optional<ChainSeal>& seal, absl::string_view why);
  void AddEnd(const v1::Record& record, Chain& chain);
  std::string GapAt(int64_t offset) const;

  const RunLedger* const ledger_;
  Verification result_;
  std::map<ChainName, Chain> chains_;
  std::vector<v1::Gap> gaps_;
  absl::flat_hash_set<int64_t> changed_offsets_;
  absl::flat_hash_set<int64_t> foreign_offsets_;
  std::vector<int64_t> missing_offsets_;
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_CHAIN_VERIFIER_H_

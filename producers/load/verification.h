// What came of holding a log against what was sent to it.

#ifndef PRODUCERS_LOAD_VERIFICATION_H_
#define PRODUCERS_LOAD_VERIFICATION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace eventlog {

// What can be wrong with an event; `kForeign` alone is not wrong.
enum class Fault {
  kMissing,     // acknowledged, and not in the log
  kChanged,     // its content does not have the hash that it was sent with
  kRepeated,    // in the log once more
  kOutOfOrder,  // behind a later one of its producer
  kMisplaced,   // not at the offset at which it was acknowledged
  kUnknown,     // of this run, and never sent
  kForeign,     // of somebody else
};
inline constexpr size_t kFaults = 7;

// "missing", "out_of_order": as in JSON.
absl::string_view FaultName(Fault fault);

// A value. Not thread safe.
class Verification {
 public:
  // Findings of each fault that are kept with their words; all are counted.
  static constexpr size_t kFindingsMax = 20;
  struct Finding {
    Fault fault;
    std::string text;  // with the offset
  };

  int64_t expected = 0;   // acknowledged events; without the run's ledger, those that its chains tell of
  int64_t unchanged = 0;  // of these, the ones that are there once, as sent, at their place
  int64_t unacknowledged_found = 0;
  int64_t unacknowledged_absent = 0;
  int64_t records_read = 0;
  int64_t producers = 0;
  // Producers whose end nothing tells: whether events are missing behind their last one is not known.
  int64_t ends_unknown = 0;
  std::string incomplete;  // why it is not known whether all is there; empty when it is

  void Add(Fault fault, std::string text, int64_t events = 1);
  int64_t count(Fault fault) const { return counts_[static_cast<size_t>(fault)]; }
  const std::vector<Finding>& findings() const { return findings_; }
  // Nothing is wrong, and all was read.
  bool sound() const;
  // One sentence: "every event came back unchanged: 100 of 100", or what is wrong.
  std::string Headline() const;

 private:
  std::array<int64_t, kFaults> counts_{};
  std::array<size_t, kFaults> kept_{};
  std::vector<Finding> findings_;
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_VERIFICATION_H_

#include "producers/load/verification.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

struct FaultWords {
  absl::string_view name;
  absl::string_view words;  // behind a number, in the headline
};

constexpr FaultWords kWords[kFaults] = {
    {"missing", "missing"},
    {"changed", "changed"},
    {"repeated", "repeated"},
    {"out_of_order", "out of order"},
    {"misplaced", "not at the offset of their acknowledgement"},
    {"unknown", "that were never sent"},
    {"foreign", "of others"},
};

}  // namespace

absl::string_view FaultName(Fault fault) { return kWords[static_cast<size_t>(fault)].name; }

void Verification::Add(Fault fault, std::string text, int64_t events) {
  const size_t index = static_cast<size_t>(fault);
  counts_[index] += events;
  if (kept_[index]++ < kFindingsMax) findings_.push_back({fault, std::move(text)});
}

bool Verification::sound() const {
  if (!incomplete.empty()) return false;
  for (size_t i = 0; i < kFaults; ++i) {
    if (static_cast<Fault>(i) != Fault::kForeign && counts_[i] > 0) return false;
  }
  return true;
}

std::string Verification::Headline() const {
  const std::string of = absl::StrCat(unchanged, " of ", expected);
  if (sound()) {
    return expected > 0 ? absl::StrCat("every event came back unchanged: ", of)
                        : "no event was acknowledged, and none is missing";
  }
  std::string wrong;
  for (size_t i = 0; i < kFaults; ++i) {
    if (static_cast<Fault>(i) == Fault::kForeign || counts_[i] == 0) continue;
    absl::StrAppend(&wrong, wrong.empty() ? "" : ", ", counts_[i], " ", kWords[i].words);
  }
  if (!incomplete.empty()) {
    absl::StrAppend(&wrong, wrong.empty() ? "" : "; ", incomplete);
  }
  return absl::StrCat("NOT every event came back unchanged: ", of, "; ", wrong);
}

}  // namespace eventlog

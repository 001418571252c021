#include "producers/load/chain_verifier.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

std::string NameOf(const std::pair<std::string, int64_t>& chain, int64_t sequence) {
  return absl::StrCat("event ", sequence, " of producer ", chain.second, " of run ", chain.first);
}

std::string At(int64_t offset) { return absl::StrCat("offset ", offset, ": "); }

std::string Range(absl::string_view one, absl::string_view many, int64_t first, int64_t last) {
  return first == last ? absl::StrCat(one, " ", first) : absl::StrCat(many, " ", first, " to ", last);
}

}  // namespace

ChainVerifier::ChainVerifier(const RunLedger* ledger) : ledger_(ledger) {
  if (ledger == nullptr) return;
  for (int producer = 0; producer < ledger->producers(); ++producer) {
    chains_[{ledger->run(), producer}].sent = ledger->entries(producer);
  }
}

bool ChainVerifier::IsOurs(const v1::Event& event, const std::optional<ChainSeal>& seal) const {
  if (ledger_ == nullptr) return seal.has_value() || !RunOfChainEvent(event).empty();
  return (seal.has_value() && seal->link.run == ledger_->run()) || RunOfChainEvent(event) == ledger_->run();
}

void ChainVerifier::AddChanged(const v1::Record& record, const std::optional<ChainSeal>& seal, absl::string_view why) {
  changed_offsets_.insert(record.offset());
  std::string claims = "an event of a load";
  if (seal.has_value()) {
    const ChainName name(seal->link.run, seal->link.producer);
    claims = NameOf(name, seal->link.sequence);
    const auto chain = chains_.find(name);
    if (chain != chains_.end()) chain->second.changed.insert(seal->link.sequence);
  }
  result_.Add(Fault::kChanged, absl::StrCat(At(record.offset()), claims, why));
}

bool ChainVerifier::CheckIdentity(const v1::Record& record, const ChainSeal& seal, const Chain& chain) {
  const ChainName name(seal.link.run, seal.link.producer);
  const int64_t sequence = seal.link.sequence;
  if (ledger_ != nullptr) {
    if (sequence >= static_cast<int64_t>(chain.sent.size())) {
      result_.Add(Fault::kUnknown, absl::StrCat(At(record.offset()), NameOf(name, sequence), " was never sent"));
      return false;
    }
    if (chain.sent[static_cast<size_t>(sequence)].hash != seal.hash) {
      AddChanged(record, seal, " is whole, but has another hash than it was sent with");
      return false;
    }
    return true;
  }
  const auto before = chain.seen.find(sequence - 1);
  if (before != chain.seen.end() && before->second.hash != seal.link.previous) {
    AddChanged(record, seal, " is whole, but not linked to the event before it");
    return false;
  }
  return true;
}

void ChainVerifier::Add(const v1::Record& record) {
  ++result_.records_read;
  const v1::Event& event = record.event();
  const std::optional<ChainSeal> seal = ReadChainSeal(event);
  if (!IsOurs(event, seal)) {
    foreign_offsets_.insert(record.offset());
    result_.Add(Fault::kForeign, absl::StrCat(At(record.offset()), "type ", event.type(), ", id ", event.id()));
    return;
  }
  if (!seal.has_value() || !seal->whole) {
    AddChanged(record, seal, seal.has_value() ? " does not have the hash that it carries" : " has no legible id");
    return;
  }
  const ChainName name(seal->link.run, seal->link.producer);
  if (ledger_ != nullptr && chains_.count(name) == 0) {
    result_.Add(Fault::kUnknown,
                absl::StrCat(At(record.offset()), "run ", name.first, " has no producer ", name.second));
    return;
  }
  Chain& chain = chains_[name];
  if (event.type() == kChainEndType) return AddEnd(record, chain);
  if (!CheckIdentity(record, *seal, chain)) return;
  const int64_t sequence = seal->link.sequence;
  const int64_t due_at =
      ledger_ == nullptr ? RunLedger::kNotAcknowledged : chain.sent[static_cast<size_t>(sequence)].offset;
  Sighting& seen = chain.seen[sequence];
  if (++seen.times > 1) {
    result_.Add(Fault::kRepeated,
                absl::StrCat(At(record.offset()), NameOf(name, sequence), " is at ", seen.offset, " already"));
    if (record.offset() != due_at) return;
  } else if (ledger_ == nullptr || due_at != RunLedger::kNotAcknowledged) {
    if (sequence < chain.highest) {
      result_.Add(Fault::kOutOfOrder,
                  absl::StrCat(At(record.offset()), NameOf(name, sequence), " comes behind event ", chain.highest));
    }
    chain.highest = std::max(chain.highest, sequence);
  }
  seen.offset = record.offset();
  seen.hash = seal->hash;
}

void ChainVerifier::AddEnd(const v1::Record& record, Chain& chain) {
  // {"acknowledged":"0-99,101"}: the hash has shown that it is what was written.
  const std::string& text = record.event().text();
  const size_t begin = text.find(":\"");
  const size_t end = text.rfind('"');
  if (begin == std::string::npos || end < begin + 2) return;
  auto ranges = ParseRanges(absl::string_view(text).substr(begin + 2, end - begin - 2));
  if (ranges.ok()) chain.acknowledged = *std::move(ranges);
}

void ChainVerifier::JudgeSent(const ChainName& name, const Chain& chain) {
  for (int64_t sequence = 0; sequence < static_cast<int64_t>(chain.sent.size()); ++sequence) {
    const int64_t offset = chain.sent[static_cast<size_t>(sequence)].offset;
    const auto seen = chain.seen.find(sequence);
    const bool found = seen != chain.seen.end();
    if (offset == RunLedger::kNotAcknowledged) {
      ++(found ? result_.unacknowledged_found : result_.unacknowledged_absent);
      continue;
    }
    ++result_.expected;
    if (!found) {
      if (!changed_offsets_.contains(offset)) missing_offsets_.push_back(offset);
    } else if (seen->second.offset != offset) {
      result_.Add(Fault::kMisplaced,
                  absl::StrCat(At(seen->second.offset), NameOf(name, sequence), " was acknowledged at ", offset));
    } else if (seen->second.times == 1) {
      ++result_.unchanged;
    }
  }
}

void ChainVerifier::Expect(const ChainName& name, const Chain& chain, int64_t first, int64_t last) {
  const auto is_missing = [&](int64_t sequence) {
    return !chain.seen.contains(sequence) && !chain.changed.contains(sequence);
  };
  result_.expected += last - first + 1;
  for (int64_t sequence = first; sequence <= last; ++sequence) {
    const auto seen = chain.seen.find(sequence);
    if (seen != chain.seen.end() && seen->second.times == 1) ++result_.unchanged;
    if (!is_missing(sequence)) continue;
    int64_t end = sequence;
    while (end < last && is_missing(end + 1)) ++end;
    std::string text = absl::StrCat("run ", name.first, ", producer ", name.second, ": ",
                                    Range("event", "events", sequence, end), " not there");
    for (const v1::Gap& gap : gaps_) {
      absl::StrAppend(&text,
                      "; the log has a gap: ", Range("offset", "offsets", gap.start_offset(), gap.next_offset() - 1),
                      ", ", v1::GapReason_Name(gap.reason()));
    }
    result_.Add(Fault::kMissing, std::move(text), end - sequence + 1);
    sequence = end;
  }
}

void ChainVerifier::JudgeChain(const ChainName& name, const Chain& chain) {
  if (!chain.acknowledged.has_value()) {
    ++result_.ends_unknown;
    Expect(name, chain, 0, chain.highest);
    return;
  }
  int64_t acknowledged_found = 0;
  for (const auto& [first, last] : *chain.acknowledged) {
    Expect(name, chain, first, last);
    for (int64_t sequence = first; sequence <= last; ++sequence) {
      acknowledged_found += chain.seen.contains(sequence) ? 1 : 0;
    }
  }
  result_.unacknowledged_found += static_cast<int64_t>(chain.seen.size()) - acknowledged_found;
}

std::string ChainVerifier::GapAt(int64_t offset) const {
  for (const v1::Gap& gap : gaps_) {
    if (gap.start_offset() <= offset && offset < gap.next_offset()) return v1::GapReason_Name(gap.reason());
  }
  return foreign_offsets_.contains(offset) ? "another event is there" : "";
}

void ChainVerifier::TellMissing() {
  std::sort(missing_offsets_.begin(), missing_offsets_.end());
  for (size_t first = 0; first < missing_offsets_.size();) {
    const std::string why = GapAt(missing_offsets_[first]);
    size_t end = first + 1;
    while (end < missing_offsets_.size() && missing_offsets_[end] == missing_offsets_[end - 1] + 1 &&
           GapAt(missing_offsets_[end]) == why) {
      ++end;
    }
    const int64_t count = static_cast<int64_t>(end - first);
    result_.Add(Fault::kMissing,
                absl::StrCat(Range("offset", "offsets", missing_offsets_[first], missing_offsets_[end - 1]), ": ",
                             count, " acknowledged, not there", why.empty() ? "" : ": ", why),
                count);
    first = end;
  }
}

Verification ChainVerifier::Finish() {
  for (const auto& [name, chain] : chains_) {
    ++result_.producers;
    if (ledger_ != nullptr) {
      JudgeSent(name, chain);
    } else {
      JudgeChain(name, chain);
    }
  }
  TellMissing();
  return std::move(result_);
}

}  // namespace eventlog

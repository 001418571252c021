// Logs that are right, and logs that are wrong in each known way: the verifier must say which.

#include "producers/load/chain_verifier.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kProducers = 2;
constexpr int kEvents = 20;  // of all producers, which take turns

v1::Event SomeEvent(int producer, int64_t sequence, uint64_t previous, uint64_t& hash, const std::string& run = "run") {
  v1::Event event;
  event.set_type(kChainType);
  event.mutable_time()->set_seconds(sequence);
  event.set_text(absl::StrCat("{\"n\":", sequence, "}"));
  hash = SealChainEvent({run, producer, sequence, previous}, event);
  return event;
}

// A log as a run without faults leaves it; tests then change it. Verified with the ledger and, where `with_ledger` is
// false, by the chains alone.
class ChainVerifierTest : public testing::TestWithParam<bool> {
 protected:
  ChainVerifierTest() {
    uint64_t hashes[kProducers] = {};
    for (int64_t offset = 0; offset < kEvents; ++offset) {
      const int producer = static_cast<int>(offset % kProducers);
      const int64_t sequence = offset / kProducers;
      v1::Event event = SomeEvent(producer, sequence, hashes[producer], hashes[producer]);
      ledger_.Sent(producer, hashes[producer]);
      ledger_.Acknowledged(producer, sequence, offset);
      Push(std::move(event));
    }
    for (int producer = 0; producer < kProducers; ++producer) {
      v1::Event end;
      end.set_type(kChainEndType);
      end.set_text(absl::StrCat("{\"acknowledged\":\"", AcknowledgedRanges(ledger_.entries(producer)), "\"}"));
      SealChainEvent({"run", producer, kEvents / kProducers, hashes[producer]}, end);
      Push(std::move(end));
    }
  }
  void Push(v1::Event event) {
    v1::Record record;
    *record.mutable_event() = std::move(event);
    record.set_offset(static_cast<int64_t>(log_.size()));
    log_.push_back(std::move(record));
  }
  // Events take other places; the places keep their numbers.
  void Swap(size_t a, size_t b) { log_[a].mutable_event()->Swap(log_[b].mutable_event()); }
  Verification Verify() {
    ChainVerifier verifier(GetParam() ? &ledger_ : nullptr);
    for (const v1::Gap& gap : gaps_) verifier.Add(gap);
    for (const v1::Record& record : log_) verifier.Add(record);
    return verifier.Finish();
  }
  static std::vector<std::string> Texts(const Verification& verification) {
    std::vector<std::string> texts;
    for (const auto& finding : verification.findings()) {
      texts.push_back(absl::StrCat(FaultName(finding.fault), ": ", finding.text));
    }
    return texts;
  }
  // That fault is the only one, and so often.
  static void ExpectOnly(const Verification& verification, std::vector<std::pair<Fault, int64_t>> wanted) {
    for (size_t i = 0; i < kFaults; ++i) {
      const Fault fault = static_cast<Fault>(i);
      const auto found =
          std::find_if(wanted.begin(), wanted.end(), [&](const auto& pair) { return pair.first == fault; });
      EXPECT_EQ(verification.count(fault), found == wanted.end() ? 0 : found->second)
          << FaultName(fault) << " of " << testing::PrintToString(Texts(verification));
    }
  }

  RunLedger ledger_{"run", kProducers};
  std::vector<v1::Record> log_;
  std::vector<v1::Gap> gaps_;
};

TEST_P(ChainVerifierTest, RightLogIsSound) {
  const Verification verification = Verify();
  EXPECT_TRUE(verification.sound()) << verification.Headline();
  EXPECT_EQ(verification.Headline(), "every event came back unchanged: 20 of 20");
  EXPECT_EQ(verification.records_read, kEvents + kProducers);
  EXPECT_EQ(verification.producers, kProducers);
  EXPECT_EQ(verification.ends_unknown, 0);
}

TEST_P(ChainVerifierTest, AnyMissingEventIsFound) {
  for (size_t at = 0; at < kEvents; ++at) {
    const std::vector<v1::Record> whole = log_;
    log_.erase(log_.begin() + static_cast<std::ptrdiff_t>(at));
    const Verification verification = Verify();
    ExpectOnly(verification, {{Fault::kMissing, 1}});
    EXPECT_FALSE(verification.sound());
    EXPECT_EQ(verification.unchanged, kEvents - 1);
    EXPECT_THAT(Texts(verification).at(0),
                HasSubstr(GetParam() ? absl::StrCat("missing: offset ", at, ": 1 acknowledged, not there")
                                     : absl::StrCat("producer ", at % 2, ": event ", at / 2, " not there")));
    log_ = whole;
  }
}

TEST_P(ChainVerifierTest, MissingOnesThatFollowOneAnotherAreToldTogether) {
  log_.erase(log_.begin() + 4, log_.begin() + 12);
  const Verification verification = Verify();
  ExpectOnly(verification, {{Fault::kMissing, 8}});
  EXPECT_EQ(verification.findings().size(), GetParam() ? 1u : 2u);
  EXPECT_THAT(Texts(verification).at(0), HasSubstr(GetParam() ? "offsets 4 to 11: 8 acknowledged" : "events 2 to 5"));
}

TEST_P(ChainVerifierTest, AnyBitThatChangedIsFound) {
  const std::string wire = log_[7].event().SerializeAsString();
  int parsed = 0;
  for (size_t bit = 0; bit < wire.size() * 8; ++bit) {
    std::string damaged = wire;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    v1::Event event;
    // One that protobuf itself refuses, or a lost field of no known number, is not what the log hands out.
    if (!event.ParseFromString(damaged) || !event.GetReflection()->GetUnknownFields(event).empty()) continue;
    ++parsed;
    *log_[7].mutable_event() = event;
    const Verification verification = Verify();
    EXPECT_FALSE(verification.sound()) << bit << " " << event.ShortDebugString();
    EXPECT_EQ(verification.unchanged, kEvents - 1);
    EXPECT_EQ(verification.count(Fault::kChanged) + verification.count(Fault::kForeign), 1) << bit;
    EXPECT_EQ(verification.count(Fault::kRepeated) + verification.count(Fault::kOutOfOrder), 0) << bit;
  }
  EXPECT_GT(parsed, 500);
}

TEST_P(ChainVerifierTest, ChangedEventIsNotCalledMissing) {
  log_[7].mutable_event()->set_text("{\"n\":4}");
  const Verification verification = Verify();
  ExpectOnly(verification, {{Fault::kChanged, 1}});
  EXPECT_THAT(Texts(verification),
              ElementsAre(HasSubstr("offset 7: event 3 of producer 1 of run run does not have the hash")));
}

TEST_P(ChainVerifierTest, ContentThatWasSealedAnewIsFound) {
  // Whole in itself, but not what was sent: the next event, or the ledger, knows another hash.
  uint64_t hash = 0;
  v1::Event event = SomeEvent(1, 3, 0x1234, hash);
  *log_[7].mutable_event() = event;
  const Verification verification = Verify();
  ExpectOnly(verification, {{Fault::kChanged, 1}});
  EXPECT_FALSE(verification.sound());
}

TEST_P(ChainVerifierTest, RepeatedEventIsFound) {
  Push(log_[7].event());
  const Verification verification = Verify();
  ExpectOnly(verification, {{Fault::kRepeated, 1}});
  EXPECT_EQ(verification.unchanged, kEvents - 1);
  EXPECT_THAT(Texts(verification),
              ElementsAre(HasSubstr("offset 22: event 3 of producer 1 of run run is at 7 already")));
}

TEST_P(ChainVerifierTest, RepeatBehindItsOriginalShiftsWhatFollows) {
  // As an append that was stored twice leaves it.
  log_.insert(log_.begin() + 8, log_[7]);
  for (size_t at = 8; at < log_.size(); ++at) log_[at].set_offset(static_cast<int64_t>(at));
  const Verification verification = Verify();
  EXPECT_EQ(verification.count(Fault::kRepeated), 1);
  EXPECT_EQ(verification.count(Fault::kMisplaced), GetParam() ? kEvents - 8 : 0);
  EXPECT_EQ(verification.count(Fault::kMissing), 0);
}

TEST_P(ChainVerifierTest, SwappedEventsOfAProducerAreFound) {
  Swap(6, 8);
  const Verification verification = Verify();
  EXPECT_EQ(verification.count(Fault::kOutOfOrder), 1);
  EXPECT_EQ(verification.count(Fault::kMisplaced), GetParam() ? 2 : 0);
  EXPECT_EQ(verification.count(Fault::kMissing) + verification.count(Fault::kRepeated), 0);
  EXPECT_FALSE(verification.sound());
  EXPECT_THAT(Texts(verification).at(0), HasSubstr("offset 8: event 3 of producer 0 of run run comes behind event 4"));
}

TEST_P(ChainVerifierTest, ForeignEventIsToldAndIsNoFault) {
  v1::Event event;
  event.set_id("0193");
  event.set_type("session.created");
  Push(event);
  const Verification verification = Verify();
  ExpectOnly(verification, {{Fault::kForeign, 1}});
  EXPECT_TRUE(verification.sound());
  EXPECT_THAT(Texts(verification), ElementsAre(HasSubstr("offset 22: type session.created, id 0193")));
}

TEST_P(ChainVerifierTest, GapIsNamedWithWhatIsMissing) {
  log_.erase(log_.begin(), log_.begin() + 10);
  gaps_.emplace_back();
  gaps_[0].set_next_offset(10);
  gaps_[0].set_reason(v1::GAP_REASON_TRIMMED);
  const Verification verification = Verify();
  ExpectOnly(verification, {{Fault::kMissing, 10}});
  EXPECT_THAT(Texts(verification).at(0), HasSubstr("GAP_REASON_TRIMMED"));
}

INSTANTIATE_TEST_SUITE_P(WithLedgerAndWithout, ChainVerifierTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Ledger" : "ChainsAlone"; });

using LedgerTest = ChainVerifierTest;

TEST_P(LedgerTest, EventsOfAnotherRunAreForeign) {
  uint64_t hash = 0;
  Push(SomeEvent(0, 0, 0, hash, "other"));
  const Verification verification = Verify();
  ExpectOnly(verification, {{Fault::kForeign, 1}});
}

TEST_P(LedgerTest, EventThatNobodySentIsFound) {
  uint64_t hash = 0;
  Push(SomeEvent(0, kEvents, 0, hash));
  Push(SomeEvent(kProducers, 0, 0, hash));
  const Verification verification = Verify();
  ExpectOnly(verification, {{Fault::kUnknown, 2}});
  EXPECT_FALSE(verification.sound());
}

TEST_P(LedgerTest, UnacknowledgedEventMayBeThereOnceOrNot) {
  uint64_t hash = 0;
  v1::Event event = SomeEvent(0, kEvents / 2, 0, hash);
  ledger_.Sent(0, hash);
  EXPECT_TRUE(Verify().sound());
  EXPECT_EQ(Verify().unacknowledged_absent, 1);
  Push(event);
  EXPECT_TRUE(Verify().sound());
  EXPECT_EQ(Verify().unacknowledged_found, 1);
  EXPECT_EQ(Verify().Headline(), "every event came back unchanged: 20 of 20");
  Push(event);
  ExpectOnly(Verify(), {{Fault::kRepeated, 1}});
}

TEST_P(LedgerTest, AcknowledgedElsewhereIsFound) {
  log_[4].set_offset(100);
  ExpectOnly(Verify(), {{Fault::kMisplaced, 1}});
}

INSTANTIATE_TEST_SUITE_P(Alone, LedgerTest, testing::Values(true));

using ChainsTest = ChainVerifierTest;

TEST_P(ChainsTest, EndThatIsCutOffWithItsMarkIsSaidToBeUnknown) {
  log_.resize(kEvents - 4);
  const Verification verification = Verify();
  EXPECT_TRUE(verification.sound());
  EXPECT_EQ(verification.ends_unknown, 2);
  EXPECT_EQ(verification.expected, kEvents - 4);
}

TEST_P(ChainsTest, WhatWasNotAcknowledgedIsNotMissed) {
  log_.resize(kEvents);
  log_.erase(log_.begin() + 6);  // event 3 of producer 0
  v1::Event end;
  end.set_type(kChainEndType);
  end.set_text("{\"acknowledged\":\"0-2,4-8\"}");
  SealChainEvent({"run", 0, 10, 0}, end);
  Push(end);
  const Verification verification = Verify();
  EXPECT_TRUE(verification.sound()) << verification.Headline();
  EXPECT_EQ(verification.ends_unknown, 1);
  EXPECT_EQ(verification.unacknowledged_found, 1);
}

INSTANTIATE_TEST_SUITE_P(Alone, ChainsTest, testing::Values(false));

}  // namespace
}  // namespace eventlog

// The power goes at every operation of the file system in turn; what was acknowledged is there when it comes back.

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/embedded/embedded_engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

constexpr int kRounds = 12;
constexpr int kBatchesPerRound = 3;

absl::StatusOr<std::unique_ptr<LocalEngine>> Open(FakeFileSystem& file_system, GatedClock& clock) {
  EmbeddedEngineOptions options;
  options.data_dir = "/data";
  options.storage.segment_bytes_max = 4096;
  options.storage.index_interval_bytes = 512;
  options.commit.clock = [&clock] { return clock.Now(); };
  return OpenEmbeddedEngine(file_system, options);
}

AppendBatch Batch(int number) {
  const std::string text = absl::StrCat(number, ":");
  return MakeBatch({text + "first", text + std::string(300, 'x'), text + "last"}, {"p", 1, number * 3});
}

// What the producer knows, outside of the process that is tested.
struct Oracle {
  std::map<int, AppendResult> acknowledged;  // by the number of the batch
  int sent = 0;
};

// Appends groups of batches until something fails.
void Load(Log& log, GatedClock& clock, Oracle& oracle) {
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::pair<int, PendingAppend>> pending;
    {
      HeldGroup held(log, clock);
      for (int i = 0; i < kBatchesPerRound; ++i, ++oracle.sent) {
        pending.emplace_back(oracle.sent, BeginAppend(log, Batch(oracle.sent)));
      }
    }
    for (const auto& [number, append] : pending) {
      const absl::StatusOr<AppendResult> result = append.Wait();
      if (!result.ok()) return;
      oracle.acknowledged[number] = *result;
    }
  }
}

// Holds the log against what the producer knows, and returns how many batches it has.
int Compare(const Log& log, const Oracle& oracle) {
  const std::vector<StoredEvent> events = ReadAll(log);
  EXPECT_EQ(events.size() % 3, 0u) << "half a batch";
  const int batches = static_cast<int>(events.size()) / 3;
  EXPECT_LE(batches, oracle.sent);
  for (int number = 0; number < batches; ++number) {
    const size_t at = static_cast<size_t>(number) * 3;
    EXPECT_EQ(events[at].text, absl::StrCat(number, ":first"));
    EXPECT_EQ(events[at + 2].text, absl::StrCat(number, ":last"));
    EXPECT_EQ(events[at].offset, number * 3);
  }
  for (const auto& [number, result] : oracle.acknowledged) {
    EXPECT_LT(number, batches) << "an acknowledged batch is gone";
    if (number >= batches) continue;
    EXPECT_EQ(events[static_cast<size_t>(number) * 3].offset, result.first_offset);
    EXPECT_EQ(events[static_cast<size_t>(number) * 3].append_time, result.append_time);
  }
  return batches;
}

// How many operations a load without a power cut takes.
int64_t OperationsOfALoad() {
  FakeFileSystem file_system;
  GatedClock clock;
  Oracle oracle;
  auto engine = Open(file_system, clock);
  EXPECT_THAT(engine, IsOk());
  Load(*(*engine)->logs().at(0), clock, oracle);
  EXPECT_EQ(static_cast<int>(oracle.acknowledged.size()), kRounds * kBatchesPerRound);
  EXPECT_EQ(Compare(*(*engine)->logs().at(0), oracle), oracle.sent);
  return file_system.operations();
}

void CutAt(int64_t operation, uint32_t seed) {
  SCOPED_TRACE(absl::StrCat("power cut at operation ", operation, ", seed ", seed));
  FakeFileSystem file_system;
  GatedClock clock;
  Oracle oracle;
  file_system.CutPowerAt(operation);
  if (auto engine = Open(file_system, clock); engine.ok()) {
    Log& log = *(*engine)->logs().at(0);
    Load(log, clock, oracle);
    EXPECT_EQ(log.bounds().head_offset, static_cast<int64_t>(oracle.acknowledged.size()) * 3)
        << "readers see what is acknowledged";
  }
  // A second cut, in the middle of the recovery.
  file_system.Restart(seed);
  file_system.CutPowerAt(file_system.operations() + 1 + operation % 5);
  { const auto engine = Open(file_system, clock); }
  file_system.Restart(seed);

  auto engine = Open(file_system, clock);
  ASSERT_THAT(engine, IsOk());
  Log& log = *(*engine)->logs().at(0);
  const int kept = Compare(log, oracle);
  // The producer repeats what it does not know of, and goes on.
  for (int number = static_cast<int>(oracle.acknowledged.size()); number <= oracle.sent; ++number) {
    const absl::StatusOr<AppendResult> result = Append(log, Batch(number));
    ASSERT_THAT(result, IsOk());
    EXPECT_EQ(result->first_offset, number * 3);
    EXPECT_EQ(result->duplicate, number < kept);
    oracle.acknowledged[number] = *result;
  }
  oracle.sent += 1;
  EXPECT_EQ(Compare(log, oracle), oracle.sent);
}

TEST(PowerCutTest, WhatWasAcknowledgedIsKeptWhereverThePowerGoes) {
  const int64_t operations = OperationsOfALoad();
  ASSERT_GT(operations, kRounds * 2);
  for (int64_t operation = 1; operation <= operations; ++operation) {
    for (uint32_t seed = 0; seed < 6; ++seed) CutAt(operation, seed);
  }
}

}  // namespace
}  // namespace eventlog

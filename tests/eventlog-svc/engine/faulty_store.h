// A store for tests of what stands before it.

#ifndef TESTS_EVENTLOG_SVC_ENGINE_FAULTY_STORE_H_
#define TESTS_EVENTLOG_SVC_ENGINE_FAULTY_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/engine/memory/memory_store.h"
#include "eventlog-svc/storage/batch_store.h"

namespace eventlog {

// A store in memory that notes what it is asked for, and fails as it is told. `on` is set before the log is made or
// while nothing is appended.
class FaultyStore : public BatchStore {
 public:
  bool WantsRoll(size_t group_bytes, int64_t) const override { return group_bytes > roll_above; }
  absl::Status Roll(absl::string_view state) override {
    calls.push_back("roll");
    states.emplace_back(state);
    return on_roll;
  }
  absl::Status Append(absl::Span<EncodedBatch> batches) override {
    calls.push_back(absl::StrCat("append ", batches.size()));
    return on_append.ok() ? memory_.Append(batches) : on_append;
  }
  absl::Status Sync() override {
    calls.push_back("sync");
    const absl::Status result = on_append.ok() || !on_sync_of_cut.has_value() ? on_sync : *on_sync_of_cut;
    if (result.ok()) synced_ = memory_.next_offset();
    return result;
  }
  void Publish() override {
    calls.push_back("publish");
    memory_.Publish();
  }
  int64_t next_offset() const override { return memory_.next_offset(); }
  absl::Time last_append_time() const override { return memory_.last_append_time(); }
  const std::string& epoch() const override { return memory_.epoch(); }
  absl::StatusOr<RecordPage> Read(const ReadOptions& options) const override { return memory_.Read(options); }
  absl::StatusOr<int64_t> OffsetAt(absl::Time time) const override { return memory_.OffsetAt(time); }
  LogSize size() const override { return memory_.size(); }
  void Trim(int64_t start_offset) override {
    calls.push_back(absl::StrCat("trim ", start_offset));
    memory_.Trim(start_offset);
  }
  int64_t synced_offset() const override { return synced_; }
  int64_t StartForBytes(int64_t bytes_max) const override { return memory_.StartForBytes(bytes_max); }

  size_t roll_above = 1 << 30;
  absl::Status on_roll, on_append, on_sync;
  // What Sync gives when the append before it failed.
  std::optional<absl::Status> on_sync_of_cut;
  std::vector<std::string> calls, states;

 private:
  MemoryStore memory_{"0123456789abcdef", 1 << 20};
  int64_t synced_ = 0;
};

inline absl::Status DiskFull() { return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no space"); }
inline absl::Status Broken() { return Error(absl::StatusCode::kUnavailable, "STORAGE_FAILED", "I/O error"); }

}  // namespace eventlog

#endif  // TESTS_EVENTLOG_SVC_ENGINE_FAULTY_STORE_H_

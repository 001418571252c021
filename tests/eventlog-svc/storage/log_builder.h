// A small log on a fake disk, for the tests of what reads and recovers it.

#ifndef TESTS_EVENTLOG_SVC_STORAGE_LOG_BUILDER_H_
#define TESTS_EVENTLOG_SVC_STORAGE_LOG_BUILDER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/storage/record_spans.h"
#include "eventlog-svc/storage/segmented_log.h"
#include "gtest/gtest.h"
#include "tests/support/fake_file_system.h"
#include "tests/support/status_matchers.h"

namespace eventlog {

inline constexpr char kLogDirectory[] = "/log";

// What an opening found.
struct OpenedLog {
  std::unique_ptr<SegmentedLog> log;
  std::string state;
  std::vector<int64_t> recovered_bases;
};

inline absl::StatusOr<OpenedLog> OpenLog(FakeFileSystem& files, SegmentedLogOptions options = {64 * 1024, 200}) {
  OpenedLog opened;
  const RecoveryVisitor visitor{[&](absl::string_view state) {
                                  opened.state = std::string(state);
                                  return absl::OkStatus();
                                },
                                [&](const BatchHeader& header, absl::string_view) {
                                  opened.recovered_bases.push_back(header.base_offset);
                                  return absl::OkStatus();
                                }};
  absl::StatusOr<std::unique_ptr<SegmentedLog>> log = SegmentedLog::Open(files, kLogDirectory, options, visitor);
  if (!log.ok()) return log.status();
  opened.log = *std::move(log);
  return opened;
}

// A batch of `count` events at the log's end, a second later than the one before.
inline EncodedBatch NextBatch(const SegmentedLog& log, int count) {
  BatchHeader header;
  header.base_offset = log.next_offset();
  header.synced_offset = log.next_offset();
  header.append_time = absl::FromUnixSeconds(1'000'000 + log.next_offset());
  EventList events;
  for (int i = 0; i < count; ++i) events.Add(absl::StrCat("event ", log.next_offset() + i), false);
  return EncodeBatch(std::move(header), events);
}

// Appends, syncs and publishes one batch.
inline absl::Status Commit(SegmentedLog& log, int count) {
  EncodedBatch batch = NextBatch(log, count);
  absl::Status status = log.Append({&batch, 1});
  if (status.ok()) status = log.Sync();
  if (status.ok()) log.Publish();
  return status;
}

// Reads the whole log in steps of these limits: offsets of records as they are, and each gap as -(start) - 1, -(next)
// - 1.
inline std::vector<int64_t> ScanLog(const SegmentedLog& log, ReadOptions options) {
  std::vector<int64_t> found;
  const LogBounds bounds = log.size().bounds;
  const bool forward = options.direction == Direction::kForward;
  options.from = forward ? bounds.start_offset : bounds.head_offset;
  while (forward ? options.from < bounds.head_offset : options.from > bounds.start_offset) {
    const absl::StatusOr<RecordPage> page = log.Read(options);
    EXPECT_THAT(page, IsOk());
    if (!page.ok() || page->next_offset == options.from) break;
    EXPECT_TRUE(page->gap.has_value() != !page->empty());
    if (page->gap.has_value()) {
      found.insert(found.end(), {-page->gap->start_offset - 1, -page->gap->next_offset - 1});
    }
    const std::vector<RecordSpan> spans = SpansOf(*page);
    EXPECT_EQ(page->record_count(), static_cast<int64_t>(spans.size()));
    for (size_t i = 0; i < spans.size(); ++i) found.push_back(spans[forward ? i : spans.size() - 1 - i].offset);
    options.from = page->next_offset;
  }
  return found;
}

}  // namespace eventlog

#endif  // TESTS_EVENTLOG_SVC_STORAGE_LOG_BUILDER_H_

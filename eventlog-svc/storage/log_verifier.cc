#include "eventlog-svc/storage/log_verifier.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/storage/segment_index.h"

namespace eventlog {
namespace {

void AddProblem(std::string problem, SegmentReport& report) {
  if (report.problems.size() < LogVerifier::kProblemsMax) {
    report.problems.push_back(std::move(problem));
  } else if (report.problems.size() == LogVerifier::kProblemsMax) {
    report.problems.push_back("and more");
  }
}

}  // namespace

// The index of a closed segment, held against the batches as they come by.
class LogVerifier::IndexCheck {
 public:
  // Nothing is said of an index while nobody knows the log's salt.
  IndexCheck(const StoredContent& content, const std::optional<BatchSeal>& seal, SegmentReport& report) {
    if (content.index == nullptr || !seal.has_value()) return;
    const absl::StatusOr<int64_t> size = content.index->Size();
    std::string bytes;
    // An entry stands for a batch, so that no sound index is longer than its segment.
    if (size.ok() && *size <= content.end_position) {
      bytes.resize(static_cast<size_t>(*size));
      const absl::StatusOr<size_t> count = content.index->Read(0, bytes.size(), bytes.data());
      bytes.resize(count.ok() ? *count : 0);
    }
    if (!index_.Decode(*seal, bytes, extent_)) {
      AddProblem("its index is damaged, or of another segment (an index can be deleted)", report);
    } else if (extent_.end_position != content.end_position) {
      AddProblem(absl::StrCat("its index is for ", extent_.end_position, " bytes (an index can be deleted)"), report);
    } else {
      used_ = true;
    }
  }

  void Take(const BatchHeader& header, int64_t position) {
    last_append_time_ = header.append_time;
    const auto& entries = index_.entries();
    if (next_ == entries.size() || position < entries[next_].position) return;
    const SegmentIndex::Entry& entry = entries[next_++];
    sound_ = sound_ && entry.position == position && entry.offset == header.base_offset &&
             entry.append_time == header.append_time;
  }

  // Called when all batches went by. Where the segment is damaged the index may well know more than can be read.
  void Finish(SegmentReport& report) const {
    if (!used_ || report.damaged()) return;
    const bool same = sound_ && next_ == index_.entries().size() && extent_.next_offset == report.next_offset &&
                      extent_.record_count == report.record_count &&
                      (report.record_count == 0 || extent_.last_append_time == last_append_time_);
    if (!same) AddProblem("its index says other things than the segment (an index can be deleted)", report);
  }

 private:
  SegmentIndex index_{1};
  SegmentExtent extent_;
  bool used_ = false;
  bool sound_ = true;
  size_t next_ = 0;
  absl::Time last_append_time_;
};

LogVerifier::LogVerifier(std::vector<StoredSegment> segments, LogVerifierOptions options)
    : segments_(std::move(segments)), options_(std::move(options)) {}

void LogVerifier::FindIdentity() {
  for (auto segment = segments_.rbegin(); segment != segments_.rend() && !identity_.has_value(); ++segment) {
    const absl::StatusOr<StoredContent> content = segment->open();
    if (!content.ok()) continue;
    absl::StatusOr<SegmentHeader> header = ReadSegmentHeader(*content->file, segment->name);
    if (header.ok()) identity_ = *std::move(header);
  }
}

bool LogVerifier::IsTrimmed(size_t number) const {
  if (!options_.start_offset) return false;
  // The last one goes when a later one has begun, which is not known here; then all that it had is trimmed.
  if (number + 1 == segments_.size()) return segments_[number].base_offset < options_.start_offset();
  return segments_[number + 1].base_offset <= options_.start_offset();
}

absl::StatusOr<std::optional<SegmentReport>> LogVerifier::Next() {
  if (next_ == 0) FindIdentity();
  for (; next_ < segments_.size(); ++next_) {
    if (options_.cancelled && options_.cancelled()) return absl::CancelledError("the check was cancelled");
    const StoredSegment& segment = segments_[next_];
    const bool is_last = next_ + 1 == segments_.size();
    const absl::StatusOr<StoredContent> content = segment.open();
    if (!content.ok() && IsTrimmed(next_)) continue;
    SegmentReport report;
    report.file = segment.name;
    report.base_offset = report.next_offset = segment.base_offset;
    // A segment lasts until the next one begins.
    std::optional<int64_t> due = content.ok() ? content->next_offset : std::nullopt;
    if (!is_last) due = segments_[next_ + 1].base_offset;
    if (!any_checked_ && options_.start_offset && !IsTrimmed(next_)) {
      const int64_t start = options_.start_offset();
      if (start < segment.base_offset) AddGap(start, segment.base_offset, report);
    }
    any_checked_ = true;
    if (content.ok()) {
      const absl::Status checked = CheckSegment(segment, *content, due, report);
      if (!checked.ok()) return checked;
    } else {
      AddProblem(absl::StrCat("cannot be opened: ", content.status().message()), report);
      if (due.has_value()) AddGap(segment.base_offset, *due, report);
      report.next_offset = due.value_or(segment.base_offset);
    }
    ++next_;
    ++summary_.segment_count;
    summary_.record_count += report.record_count;
    summary_.byte_count += report.byte_count;
    summary_.lost_record_count += report.lost_record_count;
    if (report.damaged()) ++summary_.damaged_segment_count;
    return report;
  }
  return std::nullopt;
}

absl::Status LogVerifier::CheckSegment(const StoredSegment& segment, const StoredContent& content,
                                       std::optional<int64_t> due, SegmentReport& report) {
  report.byte_count = content.end_position;
  report.torn_bytes = content.torn_bytes;
  const int64_t first_position = CheckHeader(segment, content, report);
  std::optional<BatchSeal> seal;
  if (identity_.has_value()) seal = {identity_->salt, segment.base_offset};
  IndexCheck index(content, seal, report);
  if (seal.has_value()) {
    BatchScanner scanner(*content.file, *seal, {first_position, segment.base_offset, content.end_position});
    const bool end_is_known = segment.is_active && content.next_offset.has_value();
    const absl::Status checked = CheckBatches(scanner, end_is_known ? content.end_position : 0, index, report);
    if (!checked.ok()) return checked;
  }
  if (due.has_value() && report.next_offset < *due) AddGap(report.next_offset, *due, report);
  if (due.has_value() && report.next_offset > *due) {
    AddProblem(absl::StrCat("it has offsets up to ", report.next_offset - 1, ", but ends before ", *due), report);
  }
  report.next_offset = due.value_or(report.next_offset);
  index.Finish(report);
  return absl::OkStatus();
}

int64_t LogVerifier::CheckHeader(const StoredSegment& segment, const StoredContent& content, SegmentReport& report) {
  const absl::StatusOr<SegmentHeader> header = ReadSegmentHeader(*content.file, segment.name);
  if (options_.visitor.on_segment) options_.visitor.on_segment(segment, header.ok() ? &*header : nullptr);
  if (!header.ok()) {
    AddProblem(std::string(header.status().message()), report);
    return 0;
  }
  if (header->base_offset != segment.base_offset) {
    AddProblem(absl::StrCat("its header is that of offset ", header->base_offset), report);
  }
  if (header->epoch != identity_->epoch || header->salt != identity_->salt) {
    AddProblem(absl::StrCat("it is of another log, whose epoch is ", header->epoch), report);
  }
  return header->size();
}

absl::Status LogVerifier::CheckBatches(BatchScanner& scanner, int64_t known_end, IndexCheck& index,
                                       SegmentReport& report) {
  while (!options_.cancelled || !options_.cancelled()) {
    absl::StatusOr<BatchScanner::Step> step = scanner.Next();
    if (step.ok() && *step == BatchScanner::Step::kBad) {
      const int64_t from = scanner.position();
      const absl::StatusOr<bool> more = scanner.SkipDamage();
      AddProblem(absl::StrCat("bytes ", from, " to ", scanner.position() - 1, " are damaged"), report);
      if (more.ok()) continue;
      step = more.status();
    }
    if (!step.ok()) {
      AddProblem(absl::StrCat("cannot be read: ", step.status().message()), report);
      return absl::OkStatus();
    }
    if (*step == BatchScanner::Step::kEnd) {
      // Zeros may follow a closed segment that a power cut kept from being cut; the end of the active one is known.
      if (scanner.position() < known_end) {
        AddProblem(absl::StrCat("bytes ", scanner.position(), " to ", known_end - 1, " are zeros"), report);
      }
      return absl::OkStatus();
    }
    const BatchHeader& header = scanner.header();
    if (header.base_offset > report.next_offset) AddGap(report.next_offset, header.base_offset, report);
    index.Take(header, scanner.batch_position());
    if (options_.visitor.on_batch) options_.visitor.on_batch(header, scanner.records());
    report.next_offset = header.next_offset();
    report.record_count += header.count;
  }
  return absl::CancelledError("the check was cancelled");
}

void LogVerifier::AddGap(int64_t start_offset, int64_t next_offset, SegmentReport& report) const {
  const Gap gap{start_offset, next_offset, GapReason::kCorrupt};
  if (options_.visitor.on_gap) options_.visitor.on_gap(gap);
  report.lost_record_count += next_offset - start_offset;
  if (report.gaps.size() < kGapsMax) {
    report.gaps.push_back(gap);
  } else {
    report.gaps.back().next_offset = next_offset;
  }
}

}  // namespace eventlog

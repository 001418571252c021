#include "tests/faults/damaged_log.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/log_verifier.h"
#include "eventlog-svc/storage/record_spans.h"
#include "eventlog-svc/storage/segment_format.h"
#include "eventlog-svc/storage/segment_name.h"
#include "eventlog-svc/storage/stored_folder.h"
#include "eventlog-svc/storage/zero_bytes.h"
#include "tests/faults/aftermath.h"

namespace eventlog {
namespace {

constexpr char kDirectory[] = "/data/logs/events";
constexpr char kCursor[] = "consumer";
// What a group takes at most, and what of it grows with its texts.
constexpr int64_t kGroupBytesMax = 400;
constexpr int64_t kGroupTextsMax = 108;
// Up to this size of a segment texts are short; beyond it they grow with it, as long runs have better to do than to
// read a thousand batches of a few bytes for each bit.
constexpr int64_t kSegmentBytesPlain = 4096;

absl::Status Broken(absl::string_view what) { return absl::InternalError(what); }

using Ranges = std::vector<std::pair<int64_t, int64_t>>;

void AddRange(int64_t begin, int64_t end, Ranges& ranges) {
  if (!ranges.empty() && ranges.back().second == begin) {
    ranges.back().second = end;
  } else {
    ranges.emplace_back(begin, end);
  }
}

std::string Describe(const Ranges& ranges) {
  std::string text;
  for (const auto& [begin, end] : ranges) absl::StrAppend(&text, "[", begin, ", ", end, ")");
  return text;
}

StoredFiles Snapshot(const FakeFileSystem& files) {
  StoredFiles all;
  const absl::StatusOr<std::vector<std::string>> names = files.List(kDirectory);
  if (!names.ok()) return all;
  for (const std::string& name : *names) {
    const std::string path = absl::StrCat(kDirectory, "/", name);
    all[path] = files.Content(path);
  }
  return all;
}

}  // namespace

OpenedStore::OpenedStore(FakeFileSystem& files, int64_t segment_bytes)
    : stores_(files, "/data", {segment_bytes, 512}, {}), segment_bytes_(segment_bytes) {}

absl::StatusOr<std::unique_ptr<OpenedStore>> OpenedStore::Open(FakeFileSystem& files, int64_t segment_bytes) {
  std::unique_ptr<OpenedStore> opened(new OpenedStore(files, segment_bytes));
  const absl::StatusOr<std::vector<std::string>> names = opened->stores_.List();
  if (!names.ok()) return names.status();
  absl::StatusOr<StoreFactory::Opened> store =
      names->empty() ? opened->stores_.Create("events", {}) : opened->stores_.Open("events");
  if (!store.ok()) return store.status();
  opened->opened_ = *std::move(store);
  GroupCommitterOptions options;
  options.clock = [] { return absl::FromUnixSeconds(4'000'000'000); };
  opened->committer_ = std::make_unique<GroupCommitter>(std::move(options), *opened->opened_.store,
                                                        *opened->opened_.state, opened->metrics_);
  return opened;
}

int64_t OpenedStore::end_position() const { return segment_bytes_ + kStateReserveBytes - opened_.store->StateRoom(); }

absl::Status OpenedStore::Commit(const std::vector<std::string>& texts, int64_t cursor_offset) {
  std::vector<CommitRequest> group;
  absl::Status committed;
  for (const std::string& text : texts) {
    const auto done = [&](const absl::StatusOr<AppendResult>& answer) { committed.Update(answer.status()); };
    group.push_back({CommitRequest::Append{MakeBatch({text}), done}, 1, 120, absl::UnixEpoch()});
  }
  if (cursor_offset >= 0) {
    const auto done = [&](const absl::StatusOr<Cursor>& answer) { committed.Update(answer.status()); };
    group.push_back({CommitRequest::Change{CommitCursor{kCursor, cursor_offset, 0}, done}, 0, 120, absl::UnixEpoch()});
  }
  committer_->Commit(std::move(group));
  return committed;
}

absl::StatusOr<DamagedLog> DamagedLog::Make(int64_t segment_bytes, LogEnd end) {
  DamagedLog log;
  log.segment_bytes_ = segment_bytes;
  FakeFileSystem files;
  const absl::Status filled = log.Fill(files, end);
  if (!filled.ok()) return filled;
  log.image_ = files.Capture();
  return log;
}

absl::Status DamagedLog::Fill(FakeFileSystem& files, LogEnd end) {
  absl::StatusOr<std::unique_ptr<OpenedStore>> opened = OpenedStore::Open(files, segment_bytes_);
  if (!opened.ok()) return opened.status();
  DamageModel::Marks marks;
  const auto note_mark = [&] {
    const std::string mark = SegmentFileName((*opened)->store().stored_segments().back().base_offset, kSyncedSuffix);
    marks[files.Content(absl::StrCat(kDirectory, "/", mark))] = {(*opened)->end_position(),
                                                                 (*opened)->store().next_offset()};
  };
  const int64_t growth = std::max<int64_t>(1, segment_bytes_ / kSegmentBytesPlain);
  bool is_reopened = false;
  for (int group = 0;; ++group) {
    const int64_t position = (*opened)->end_position();
    const bool is_active = (*opened)->store().stored_segments().size() == 2;
    if (is_active && segment_bytes_ - position < 2 * (kGroupBytesMax + kGroupTextsMax * (growth - 1))) break;
    if (group > segment_bytes_) return Broken("the log does not get its two segments");
    if (is_active && !is_reopened && position > segment_bytes_ / 4) {
      is_reopened = true;
      opened->reset();
      opened = OpenedStore::Open(files, segment_bytes_);
      if (!opened.ok()) return opened.status();
      note_mark();
    }
    std::vector<std::string> texts;
    for (int i = 0; i < group % 3 + 1; ++i)
      texts.push_back(absl::StrCat(group, "/", i, std::string(static_cast<size_t>(group % 5 * 9 * growth), 'x')));
    const absl::Status committed = (*opened)->Commit(texts, group % 3 == 1 ? (*opened)->store().next_offset() : -1);
    if (!committed.ok()) return committed;
    if (group % 4 == 0) older_.push_back(Snapshot(files));
  }
  if (end == LogEnd::kClosed) {
    (*opened)->store().Close();
    note_mark();
  }
  BatchStore& store = (*opened)->store();
  for (int64_t from = 0; from < store.next_offset();) {
    const absl::StatusOr<RecordPage> page = store.Read({from});
    if (!page.ok()) return page.status();
    for (const RecordSpan& span : SpansOf(*page)) {
      records_.push_back({page->wire.substr(span.position, span.size), span.append_time});
    }
    from = page->next_offset;
  }
  const std::string mark = SegmentFileName(store.stored_segments().back().base_offset, kSyncedSuffix);
  opened->reset();
  if (end == LogEnd::kUnmarked) {
    const absl::Status removed = files.Remove(absl::StrCat(kDirectory, "/", mark));
    if (!removed.ok()) return removed;
  }
  absl::StatusOr<DamageModel> model = DamageModel::Learn(files, kDirectory, kCursor);
  if (!model.ok()) return model.status();
  model_ = *std::move(model);
  model_.set_marks(std::move(marks));
  return absl::OkStatus();
}

absl::Status DamagedLog::Look(const StoredFiles& damaged) const {
  FakeFileSystem files(image_, 1);
  bool has_bad_index = false;
  for (const auto& [path, content] : damaged) {
    files.SetContent(path, content);
    has_bad_index = has_bad_index || (absl::EndsWith(path, kIndexSuffix) && content != model_.files().at(path));
    // It is for another length.
    const bool is_cut = path == model_.sealed_path() && content.size() != model_.files().at(path).size();
    has_bad_index = has_bad_index || is_cut;
  }
  const DamageOutcome expected = model_.Predict(damaged);
  absl::StatusOr<std::vector<StoredSegment>> segments = FindStoredSegments(files, kDirectory);
  if (!segments.ok()) return segments.status();
  const absl::Status verified = CheckReports(*std::move(segments), expected, has_bad_index);
  if (!verified.ok()) return Within(verified, "verifying it before it is opened");
  return LookAtOpened(files, damaged, expected);
}

absl::Status DamagedLog::LookWithout(const std::string& path) const {
  FakeFileSystem files(image_, 1);
  const absl::Status removed = files.Remove(path);
  if (!removed.ok()) return removed;
  // To the model a mark that says nothing is as good as none.
  return LookAtOpened(files, {}, model_.Predict({{path, ""}}));
}

absl::Status DamagedLog::LookAtOpened(FakeFileSystem& files, const StoredFiles& damaged,
                                      const DamageOutcome& expected) const {
  const absl::StatusOr<std::unique_ptr<OpenedStore>> opened = OpenedStore::Open(files, segment_bytes_);
  if (!expected.opens) {
    const absl::Status& refused = opened.status();
    const bool is_clear = absl::IsDataLoss(refused) && ErrorReason(refused) == "DATA_CORRUPT" &&
                          absl::StrContains(refused.message(), model_.active_path());
    return is_clear ? absl::OkStatus() : Broken(absl::StrCat("it must not open, and says: ", refused.ToString()));
  }
  if (!opened.ok()) return Within(opened.status(), "opening");
  BatchStore& store = (*opened)->store();
  if (store.next_offset() != expected.head_offset) {
    return Broken(absl::StrCat("it goes on at ", store.next_offset(), " instead of ", expected.head_offset));
  }
  absl::Status sound = Within(CheckForward(store, expected), "reading forward");
  if (sound.ok()) sound = Within(CheckBackward(store, expected), "reading backward");
  // The index was made anew by now.
  if (sound.ok()) sound = Within(CheckReports(store.stored_segments(), expected, false), "verifying the open log");
  if (sound.ok()) sound = CheckTornTail(files, damaged, expected);
  const absl::StatusOr<Cursor> cursor = (*opened)->state().FindCursor(kCursor);
  const int64_t cursor_offset = cursor.ok() ? cursor->next_offset : -1;
  if (sound.ok() && cursor_offset != expected.cursor_offset) {
    return Broken(absl::StrCat("the cursor is at ", cursor_offset, " instead of ", expected.cursor_offset));
  }
  if (sound.ok()) sound = Within((*opened)->Commit({"next"}, -1), "appending");
  if (!sound.ok()) return sound;
  const absl::StatusOr<RecordPage> last = store.Read({expected.head_offset});
  if (!last.ok()) return Within(last.status(), "reading what was appended");
  const std::vector<StoredEvent> next = Parse(*last);
  return next.size() == 1 && next[0].text == "next" ? absl::OkStatus() : Broken("what was appended is not there");
}

absl::Status DamagedLog::CheckPage(const RecordPage& page, int64_t from) const {
  for (const RecordSpan& span : SpansOf(page)) {
    const Stored& stored = records_[static_cast<size_t>(from)];
    if (span.offset != from++) return Broken(absl::StrCat("offset ", span.offset, " where ", from - 1, " is due"));
    if (span.append_time != stored.append_time || page.wire.compare(span.position, span.size, stored.wire) != 0) {
      return Broken(absl::StrCat("other bytes than were stored at offset ", span.offset));
    }
  }
  return absl::OkStatus();
}

absl::Status DamagedLog::CheckForward(const BatchStore& store, const DamageOutcome& expected) const {
  Ranges gaps;
  for (int64_t from = 0; from < expected.head_offset;) {
    const absl::StatusOr<RecordPage> page = store.Read({from, Direction::kForward, 1000, PageBytes()});
    if (!page.ok()) return page.status();
    if (page->gap.has_value()) {
      if (page->gap->reason != GapReason::kCorrupt) return Broken("a gap that is not CORRUPT");
      if (page->gap->start_offset != from) return Broken(absl::StrCat("no gap begins at ", from));
      AddRange(from, page->gap->next_offset, gaps);
      from = page->gap->next_offset;
    }
    const absl::Status same = CheckPage(*page, from);
    if (!same.ok()) return same;
    from += page->record_count();
    if (page->next_offset != from) return Broken(absl::StrCat("the scan goes on at ", page->next_offset));
    if (page->empty() && !page->gap.has_value()) return Broken(absl::StrCat("nothing is at ", from));
  }
  if (gaps == expected.lost) return absl::OkStatus();
  return Broken(absl::StrCat("gaps ", Describe(gaps), " instead of ", Describe(expected.lost)));
}

absl::Status DamagedLog::CheckBackward(const BatchStore& store, const DamageOutcome& expected) const {
  Ranges gaps;
  for (int64_t from = expected.head_offset; from > 0;) {
    const absl::StatusOr<RecordPage> page = store.Read({from, Direction::kBackward, 1000, PageBytes()});
    if (!page.ok()) return page.status();
    const int64_t next = page->next_offset;
    if (next >= from) return Broken(absl::StrCat("the scan does not go on at ", from));
    if (page->gap.has_value()) gaps.insert(gaps.begin(), {page->gap->start_offset, page->gap->next_offset});
    const int64_t count = page->record_count();
    if (page->gap.has_value() ? gaps.front() != std::pair(next, from) : next + count != from) {
      return Broken(absl::StrCat("not all of [", next, ", ", from, ") is there or in a gap"));
    }
    const absl::Status same = CheckPage(*page, next);
    if (!same.ok()) return same;
    from = next;
  }
  Ranges joined;
  for (const auto& [begin, end] : gaps) AddRange(begin, end, joined);
  if (joined == expected.lost) return absl::OkStatus();
  return Broken(absl::StrCat("gaps ", Describe(joined), " instead of ", Describe(expected.lost)));
}

absl::Status DamagedLog::CheckReports(std::vector<StoredSegment> segments, const DamageOutcome& expected,
                                      bool has_bad_index) const {
  LogVerifier verifier(std::move(segments), {});
  Ranges gaps;
  bool is_first = true;
  while (true) {
    const absl::StatusOr<std::optional<SegmentReport>> report = verifier.Next();
    if (!report.ok()) return report.status();
    if (!report->has_value()) break;
    const SegmentReport& segment = **report;
    const bool is_damaged = expected.damaged_segments.count(segment.base_offset) > 0 || (has_bad_index && is_first);
    is_first = false;
    if (segment.damaged() && !is_damaged) {
      return Broken(absl::StrCat(
          segment.file, " is called damaged: ", segment.problems.empty() ? "events are missing" : segment.problems[0]));
    }
    if (!segment.damaged() && is_damaged) return Broken(absl::StrCat(segment.file, " is damaged and is called sound"));
    for (const Gap& gap : segment.gaps) AddRange(gap.start_offset, gap.next_offset, gaps);
  }
  // Where the active segment has no header, nobody knows where it ends.
  if (expected.opens && gaps != expected.lost) {
    return Broken(absl::StrCat("it reports ", Describe(gaps), " instead of ", Describe(expected.lost)));
  }
  return absl::OkStatus();
}

absl::Status DamagedLog::CheckTornTail(const FakeFileSystem& files, const StoredFiles& damaged,
                                       const DamageOutcome& expected) const {
  const auto changed = damaged.find(model_.active_path());
  if (changed == damaged.end()) return absl::OkStatus();
  std::string torn;
  if (static_cast<int64_t>(changed->second.size()) > expected.cut_position) {
    torn = changed->second.substr(static_cast<size_t>(expected.cut_position));
    torn.resize(UsedSize(torn));
  }
  const std::string base =
      model_.active_path().substr(0, model_.active_path().size() - std::string(kSegmentSuffix).size());
  const std::string aside = files.Content(absl::StrCat(base, ".torn-", expected.cut_position));
  return aside == torn ? absl::OkStatus()
                       : Broken(absl::StrCat(torn.size(), " bytes were cut off, ", aside.size(), " are kept aside"));
}

}  // namespace eventlog

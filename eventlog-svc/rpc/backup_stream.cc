#include "eventlog-svc/rpc/backup_stream.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/storage/crc32c.h"

namespace eventlog {

BackupStream::BackupStream(Call* call, const WorkedStreams& shared, std::shared_ptr<CommitLog> log)
    : WorkedStream(call, shared), log_(std::move(log)) {}

absl::StatusOr<StoredContent> BackupStream::Open(const StoredSegment& segment) const {
  absl::StatusOr<StoredContent> content = segment.open();
  if (content.ok()) return content;
  const int64_t start = log_->bounds().start_offset;
  if (start <= segment.base_offset) return content;
  return Error(absl::StatusCode::kAborted, "OFFSET_OUT_OF_RANGE",
               absl::StrCat("the log was trimmed to ", start, " before its segment at ", segment.base_offset,
                            " was backed up; try again"),
               {{"start_offset", absl::StrCat(start)}});
}

absl::Status BackupStream::Begin(v1::BackupLogResponse::Begin& begin) {
  begun_ = true;
  begin.set_log(log_->name());
  begin.set_epoch(log_->epoch());
  begin.set_start_offset(log_->bounds().start_offset);
  segments_ = log_->store().stored_segments();
  contents_.resize(segments_.size());
  // The active one first: how far it is published is the moment of this backup.
  for (size_t i = 0; i < std::min(segments_.size(), kOpenMax); ++i) {
    const size_t number = i == 0 ? segments_.size() - 1 : i - 1;
    absl::StatusOr<StoredContent> content = Open(segments_[number]);
    if (!content.ok()) return content.status();
    content->index = nullptr;
    contents_[number] = *std::move(content);
  }
  begin.set_head_offset(contents_.back().next_offset.value_or(log_->bounds().head_offset));
  return absl::OkStatus();
}

absl::StatusOr<bool> BackupStream::Next(v1::BackupLogResponse& response) {
  if (log_->deleted()) {
    return Error(absl::StatusCode::kNotFound, "LOG_NOT_FOUND", absl::StrCat("log \"", log_->name(), "\" was deleted"));
  }
  response.Clear();
  if (!begun_) {
    const absl::Status begun = Begin(*response.mutable_begin());
    return begun.ok() ? absl::StatusOr<bool>(true) : begun;
  }
  if (next_ == segments_.size()) {
    v1::BackupLogResponse::End& end = *response.mutable_end();
    end.set_file_count(static_cast<int64_t>(segments_.size()));
    end.set_byte_count(byte_count_);
    end.set_checksum(checksum_);
    return false;
  }
  StoredContent& content = contents_[next_];
  if (content.file == nullptr) {
    absl::StatusOr<StoredContent> opened = Open(segments_[next_]);
    if (!opened.ok()) return opened.status();
    content = *std::move(opened);
  }
  v1::BackupLogResponse::Chunk& chunk = *response.mutable_chunk();
  chunk.set_file(segments_[next_].name);
  chunk.set_position(position_);
  std::string& data = *chunk.mutable_data();
  data.resize(std::min(kChunkBytes, static_cast<size_t>(content.end_position - position_)));
  const absl::StatusOr<size_t> count = content.file->Read(position_, data.size(), data.data());
  if (!count.ok()) return count.status();
  if (*count < data.size()) {
    return Error(absl::StatusCode::kDataLoss, "DATA_CORRUPT",
                 absl::StrCat(segments_[next_].name, " ends at ", position_ + static_cast<int64_t>(*count),
                              " and not at ", content.end_position));
  }
  byte_count_ += static_cast<int64_t>(data.size());
  checksum_ = Crc32c(data, checksum_);
  position_ += static_cast<int64_t>(data.size());
  if (position_ == content.end_position) {
    content = StoredContent();
    position_ = 0;
    ++next_;
  }
  return true;
}

}  // namespace eventlog

#include "eventlog-svc/tool/backup_writer.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/storage/crc32c.h"
#include "eventlog-svc/storage/segment_header.h"
#include "eventlog-svc/storage/segment_name.h"
#include "eventlog-svc/storage/synced_mark.h"

namespace eventlog {

absl::StatusOr<std::unique_ptr<BackupWriter>> BackupWriter::Create(const DataFolder& to, const std::string& log) {
  absl::StatusOr<std::unique_ptr<UnfinishedLog>> unfinished = UnfinishedLog::Create(to, log);
  if (!unfinished.ok()) return unfinished.status();
  return std::unique_ptr<BackupWriter>(new BackupWriter(to.file_system(), log, *std::move(unfinished)));
}

BackupWriter::BackupWriter(FileSystem& file_system, std::string log, std::unique_ptr<UnfinishedLog> unfinished)
    : file_system_(file_system), log_(std::move(log)), unfinished_(std::move(unfinished)) {}

absl::Status BackupWriter::Wrong(absl::string_view what) const {
  return Error(absl::StatusCode::kDataLoss, "DATA_CORRUPT", absl::StrCat("the backup of log \"", log_, "\" ", what));
}

absl::Status BackupWriter::Take(const v1::BackupLogResponse& message) {
  if (ended_) return Wrong("goes on behind its end");
  switch (message.message_case()) {
    case v1::BackupLogResponse::kBegin:
      return TakeBegin(message.begin());
    case v1::BackupLogResponse::kChunk:
      return TakeChunk(message.chunk());
    case v1::BackupLogResponse::kEnd:
      return TakeEnd(message.end());
    case v1::BackupLogResponse::MESSAGE_NOT_SET:
      break;
  }
  return Wrong("has a message that this program does not know: it may be older than the service");
}

absl::Status BackupWriter::TakeBegin(const v1::BackupLogResponse::Begin& begin) {
  if (begun_) return Wrong("begins twice");
  if (begin.log() != log_) return Wrong(absl::StrCat("is one of log \"", absl::CEscape(begin.log()), "\""));
  begun_ = true;
  head_offset_ = begin.head_offset();
  return absl::OkStatus();
}

absl::Status BackupWriter::TakeChunk(const v1::BackupLogResponse::Chunk& chunk) {
  if (!begun_) return Wrong("does not say first what it is of");
  if (file_ == nullptr || chunk.file() != name_) {
    const absl::Status opened = OpenNext(chunk.file());
    if (!opened.ok()) return opened;
  }
  if (chunk.position() != position_) {
    return Wrong(absl::StrCat("has position ", chunk.position(), " of ", name_, " where ", position_, " is due"));
  }
  const absl::Status written = file_->Write(position_, {chunk.data()});
  if (!written.ok()) return written;
  position_ += static_cast<int64_t>(chunk.data().size());
  byte_count_ += static_cast<int64_t>(chunk.data().size());
  checksum_ = Crc32c(chunk.data(), checksum_);
  return absl::OkStatus();
}

absl::Status BackupWriter::OpenNext(const std::string& name) {
  // Nothing but a segment's name becomes part of a path.
  if (!ParseSegmentFileName(name, kSegmentSuffix).has_value()) {
    return Wrong(absl::StrCat("has a file \"", absl::CEscape(name), "\", which is no segment"));
  }
  // Names sort as offsets do.
  if (name <= name_) return Wrong(absl::StrCat("has the file ", name, " behind ", name_));
  const absl::Status closed = CloseFile();
  if (!closed.ok()) return closed;
  absl::StatusOr<std::unique_ptr<File>> file =
      file_system_.Open(absl::StrCat(unfinished_->folder(), "/", name), OpenMode::kCreate);
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  name_ = name;
  position_ = 0;
  ++file_count_;
  return absl::OkStatus();
}

absl::Status BackupWriter::CloseFile() {
  if (file_ == nullptr) return absl::OkStatus();
  const absl::Status synced = file_->Sync();
  file_ = nullptr;
  return synced;
}

absl::Status BackupWriter::TakeEnd(const v1::BackupLogResponse::End& end) {
  if (!begun_) return Wrong("does not say first what it is of");
  if (end.file_count() != file_count_ || end.byte_count() != byte_count_) {
    return Wrong(absl::StrCat("came as ", file_count_, " files and ", byte_count_, " bytes, but the service sent ",
                              end.file_count(), " and ", end.byte_count()));
  }
  if (end.checksum() != checksum_) return Wrong("does not match its checksum: it was changed on its way");
  ended_ = true;
  return CloseFile();
}

absl::Status BackupWriter::WriteMark() const {
  const std::string path = absl::StrCat(unfinished_->folder(), "/", name_);
  const absl::StatusOr<std::unique_ptr<File>> file = file_system_.Open(path, OpenMode::kRead);
  if (!file.ok()) return file.status();
  const absl::StatusOr<SegmentHeader> header = ReadSegmentHeader(**file, path);
  // Without a header nobody knows what the mark is of. It is damage, which the check finds.
  if (!header.ok()) return absl::IsDataLoss(header.status()) ? absl::OkStatus() : header.status();
  return WriteSyncedMark(file_system_, unfinished_->folder(), {header->salt, header->base_offset},
                         {position_, head_offset_});
}

absl::StatusOr<LogCopy> BackupWriter::Finish(const OnDamage& on_damage) {
  if (!ended_) return Wrong("ended before all of it had come");
  absl::Status status = name_.empty() ? absl::OkStatus() : WriteMark();
  if (!status.ok()) return status;
  absl::StatusOr<LogCopy> copy = unfinished_->Verify(on_damage);
  if (!copy.ok()) return copy;
  if (!copy->damaged() && copy->next_offset != head_offset_) {
    return Wrong(absl::StrCat("reaches to offset ", copy->next_offset, ", but the log to ", head_offset_));
  }
  status = unfinished_->Finish();
  return status.ok() ? copy : status;
}

}  // namespace eventlog

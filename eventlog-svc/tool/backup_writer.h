// Writes what LogAdmin.BackupLog streams of one log into a folder with the layout of a data folder, and believes
// nothing of it unchecked: neither names, nor order, nor that all has come.

#ifndef EVENTLOG_SVC_TOOL_BACKUP_WRITER_H_
#define EVENTLOG_SVC_TOOL_BACKUP_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/engine/embedded/data_folder.h"
#include "eventlog-svc/storage/file_system.h"
#include "eventlog-svc/tool/unfinished_log.h"
#include "proto/eventlog/v1/log_admin.pb.h"

namespace eventlog {

// Not thread safe. Whoever uses it holds the lock of the folder. Until Finish() succeeds there is no log in the folder;
// destroyed before, it leaves nothing. After an error it takes nothing more.
class BackupWriter {
 public:
  // kAlreadyExists LOG_EXISTS when the folder has a backup of this log.
  static absl::StatusOr<std::unique_ptr<BackupWriter>> Create(const DataFolder& to, const std::string& log);

  // The messages in the order of the stream. kDataLoss DATA_CORRUPT for one that cannot be, or does not follow the one
  // before; otherwise what the disk says.
  absl::Status Take(const v1::BackupLogResponse& message);
  // After the stream has ended well: checks what was written and gives it its name. A log that was damaged where it
  // came from is backed up as it is, and `on_damage` hears of it. kDataLoss DATA_CORRUPT when End is missing or what it
  // counts is not what came.
  absl::StatusOr<LogCopy> Finish(const OnDamage& on_damage);

 private:
  BackupWriter(FileSystem& file_system, std::string log, std::unique_ptr<UnfinishedLog> unfinished);

  absl::Status TakeBegin(const v1::BackupLogResponse::Begin& begin);
  absl::Status TakeChunk(const v1::BackupLogResponse::Chunk& chunk);
  absl::Status TakeEnd(const v1::BackupLogResponse::End& end);
  absl::Status OpenNext(const std::string& name);
  absl::Status CloseFile();
  // All that came was synced where it came from: with the mark, damage at the end is told from a torn tail.
  absl::Status WriteMark() const;
  absl::Status Wrong(absl::string_view what) const;

  FileSystem& file_system_;
  const std::string log_;
  const std::unique_ptr<UnfinishedLog> unfinished_;
  bool begun_ = false;
  bool ended_ = false;
  int64_t head_offset_ = 0;
  std::string name_;  // of the file that is written; empty before the first
  std::unique_ptr<File> file_;
  int64_t position_ = 0;  // how much of it is written
  int64_t file_count_ = 0;
  int64_t byte_count_ = 0;
  uint32_t checksum_ = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_TOOL_BACKUP_WRITER_H_

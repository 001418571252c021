// LogAdmin.BackupLog: the segments of a log in use, as they are at one moment.

#ifndef EVENTLOG_SVC_RPC_BACKUP_STREAM_H_
#define EVENTLOG_SVC_RPC_BACKUP_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "eventlog-svc/engine/commit_log.h"
#include "eventlog-svc/rpc/worked_stream.h"
#include "eventlog-svc/storage/stored_segment.h"
#include "proto/eventlog/v1/log_admin.pb.h"

namespace eventlog {

class BackupStream : public WorkedStream<v1::BackupLogResponse> {
 public:
  static constexpr size_t kChunkBytes = 256 * 1024;
  // Segments that are held open from the begin on, the oldest first, so that trimming does not take them: the others
  // are opened when it is their turn, and end the backup with kAborted when they are gone by then.
  static constexpr size_t kOpenMax = 1024;

  BackupStream(Call* call, const WorkedStreams& shared, std::shared_ptr<CommitLog> log);

 protected:
  absl::StatusOr<bool> Next(v1::BackupLogResponse& response) override;

 private:
  absl::Status Begin(v1::BackupLogResponse::Begin& begin);
  absl::StatusOr<StoredContent> Open(const StoredSegment& segment) const;

  const std::shared_ptr<CommitLog> log_;
  bool begun_ = false;
  std::vector<StoredSegment> segments_;
  std::vector<StoredContent> contents_;  // an empty one is not open yet
  size_t next_ = 0;                      // the segment that is sent
  int64_t position_ = 0;                 // how much of it is sent
  int64_t byte_count_ = 0;
  uint32_t checksum_ = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_BACKUP_STREAM_H_

// Writes and walks stored records, which are wire bytes: each record is field 1 (tag, length) of a
// SubscribeResponse.Batch or a ReadResponse, holding a serialized eventlog.v1.Record. A run of records is therefore
// sent as it lies on the disk.
//
// Source of the encoding: the Protocol Buffers wire format. No protobuf code is used: an event is copied, never parsed.

#ifndef EVENTLOG_SVC_STORAGE_RECORD_CODEC_H_
#define EVENTLOG_SVC_STORAGE_RECORD_CODEC_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/event_list.h"

namespace eventlog {

// The most bytes that a record takes beyond its event's.
inline constexpr size_t kRecordOverheadMax = 80;

// Appends the records of the events to `run`; the first one gets `base_offset`. Where an event lacks its time the
// append time becomes its own.
void AppendRecords(const EventList& events, int64_t base_offset, absl::Time append_time, std::string& run);

// One record of a run.
struct RecordView {
  int64_t offset = 0;
  absl::string_view field;   // tag and length included
  absl::string_view record;  // the serialized Record
};

// Takes the first record off `run`. False when it is not a whole, well formed record.
bool ConsumeRecord(absl::string_view& run, RecordView& record);

// Appends `value` as a varint.
void AppendVarint(uint64_t value, std::string& out);
// Takes a varint off `in`; false when there is no whole one.
bool ConsumeVarint(absl::string_view& in, uint64_t& value);

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_RECORD_CODEC_H_

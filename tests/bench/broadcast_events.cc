#include "tests/bench/broadcast_events.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "eventlog-svc/client/event_json.h"
#include "glog/logging.h"
#include "tests/bench/stub_log_server.h"

namespace eventlog::bench {
namespace {

// Of the time in each record: it does not change, so that an offset always has the same record.
constexpr int64_t kSeconds = 1'700'000'000;

v1::Record Plain(int64_t offset, absl::string_view type, absl::string_view data) {
  v1::Record record;
  record.set_offset(offset);
  record.mutable_append_time()->set_seconds(kSeconds);
  v1::Event* event = record.mutable_event();
  event->set_id("01234567-89ab-7def-8123-456789abcdef");
  event->set_type(std::string(type));
  event->set_source("/bench");
  *event->mutable_time() = record.append_time();
  event->set_text(std::string(data));
  return record;
}

}  // namespace

v1::Record MakeEventRecord(int64_t offset, absl::string_view type, size_t json_bytes, absl::string_view data) {
  // Everything but the letters has the same size for all, but for the type and the data.
  static const size_t kAround = EventJson(Plain(kFirstOffset, "", "0")).size() - 1;
  CHECK(absl::ConsumeSuffix(&data, "}"));
  const std::string head = absl::StrCat(data, data == "{" ? "" : ",", "\"pad\":\"");
  const size_t size = kAround + type.size() + head.size() + 2;
  const std::string letters(size < json_bytes ? json_bytes - size : 0, 'x');
  return Plain(offset, type, absl::StrCat(head, letters, "\"}"));
}

std::string EventJson(const v1::Record& record) {
  std::string json;
  AppendEventJson(record, /*line=*/false, json);
  return json;
}

std::string EventsFrame(const std::vector<std::string>& events, int64_t next_offset) {
  const std::string text = absl::StrCat(R"({"type":"events","events":[)", absl::StrJoin(events, ","), R"(],"cursor":")",
                                        StubLogServer::kEpoch, ":", next_offset - 1, R"("})");
  const uint64_t size = text.size();
  const int length_bytes = size < 126 ? 0 : size < 65'536 ? 2 : 8;
  std::string frame = {'\x81', static_cast<char>(length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127)};
  for (int i = length_bytes - 1; i >= 0; --i) frame.push_back(static_cast<char>(size >> (8 * i)));
  return frame + text;
}

}  // namespace eventlog::bench

#include "producers/lines/line_producer.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/client/rpc_error.h"
#include "eventlog-svc/client/utf8_text.h"

namespace eventlog {
void LineProducer::Append(absl::string_view line) {
  int64_t number = 0;
  {
    absl::MutexLock lock(&mutex_);
    number = ++counts_.read;
  }
  if (static_cast<int64_t>(line.size()) > options_.line_bytes_max) {
    Refuse(number, absl::StrCat("it is longer than ", options_.line_bytes_max, " bytes"));
    return;
  }
  v1::Event event;
  event.set_type(options_.type);
  event.set_subject(options_.subject);
  event.set_source(options_.source);
  if (!IsValidUtf8(line)) {
    event.set_binary(std::string(line));
    event.set_data_content_type("application/octet-stream");
  } else {
    event.set_text(std::string(line));
    event.set_data_content_type(IsJson(line) ? "application/json" : "text/plain");
  }
  if (!WaitForRoom(static_cast<int64_t>(event.ByteSizeLong()))) {
    Refuse(number, "stopped before the log had taken it", /*answered=*/false);
    return;
  }
  const absl::Status taken = client_.AppendEvent(std::move(event), [this,
                                                                    number](const absl::StatusOr<int64_t>& offset) {
    if (!offset.ok()) {
      // What the log refuses for good is never this; what Close gives up is.
      Refuse(number, RpcErrorText(offset.status()), !absl::IsUnavailable(offset.status()));
      return;
    }
    {
      absl::MutexLock lock(&mutex_);
      ++counts_.acknowledged;
    }
    if (options_.print_acks) {
      std::printf("{\"line\":%lld,\"offset\":%lld}\n", static_cast<long long>(number), static_cast<long long>(*offset));
      std::fflush(stdout);
    }
  });
  if (!taken.ok()) Refuse(number, taken.message());
}

bool LineProducer::WaitForRoom(int64_t bytes) {
  while (true) {
    const absl::Time give_up_at = options_.give_up_at();
    if (client_.WaitForRoom(bytes, std::min(give_up_at, absl::Now() + options_.try_interval))) return true;
    if (client_.closed() || absl::Now() >= give_up_at) return false;
  }
}

void LineProducer::Refuse(int64_t number, absl::string_view why, bool answered) {
  std::fprintf(stderr, "lines: line %lld is not appended: %s\n", static_cast<long long>(number),
               std::string(why).c_str());
  absl::MutexLock lock(&mutex_);
  ++counts_.refused;
  if (!answered) ++counts_.unanswered;
}

LineCounts LineProducer::counts() const {
  absl::MutexLock lock(&mutex_);
  return counts_;
}

}  // namespace eventlog

#include "producers/lines/line_producer.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/client/rpc_error.h"

namespace eventlog {
namespace {

// Well formed UTF-8 (RFC 3629): no surrogates, nothing overlong, nothing above U+10FFFF.
bool IsUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0; };
    const unsigned char first = byte(i);
    const int more = first < 0x80                    ? 0
                     : first >= 0xC2 && first < 0xE0 ? 1
                     : first >= 0xE0 && first < 0xF0 ? 2
                     : first >= 0xF0 && first < 0xF5 ? 3
                                                     : -1;
    if (more < 0) return false;
    for (int k = 1; k <= more; ++k) {
      if ((byte(i + static_cast<size_t>(k)) & 0xC0) != 0x80) return false;
    }
    const unsigned char second = byte(i + 1);
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) || (first == 0xF0 && second < 0x90) ||
        (first == 0xF4 && second >= 0x90)) {
      return false;
    }
    i += static_cast<size_t>(more) + 1;
  }
  return true;
}

}  // namespace

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
  if (!IsUtf8(line)) {
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

#include "producers/cli/event_line.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/client/event_json.h"
#include "producers/cli/harmless_text.h"

namespace eventlog {
namespace {

constexpr size_t kDataBytesMax = 2048;
constexpr size_t kNoLimit = static_cast<size_t>(-1);

// SGR sequences of ECMA-48.
constexpr char kDim[] = "\x1b[2m";
constexpr char kType[] = "\x1b[1;36m";
constexpr char kSubject[] = "\x1b[33m";
constexpr char kPlain[] = "\x1b[0m";

class LineWriter {
 public:
  LineWriter(bool color, std::string& out) : color_(color), out_(out) {}

  void Add(const char* style, absl::string_view text, size_t bytes_max = kNoLimit) {
    if (text.empty()) return;
    if (!first_) out_.push_back(' ');
    first_ = false;
    if (color_ && style != nullptr) out_ += style;
    const size_t taken = AppendHarmless(text, bytes_max, out_);
    if (color_ && style != nullptr) out_ += kPlain;
    if (taken < text.size()) absl::StrAppend(&out_, "... (", text.size(), " bytes)");
  }

 private:
  const bool color_;
  std::string& out_;
  bool first_ = true;
};

}  // namespace

void AppendEventLine(const v1::Record& record, bool color, std::string& out) {
  const v1::Event& event = record.event();
  LineWriter line(color, out);
  std::string time;
  AppendRfc3339(event.has_time() ? event.time() : record.append_time(), time);
  line.Add(kDim, time);
  line.Add(nullptr, absl::StrCat(record.offset()));
  line.Add(kType, event.type());
  line.Add(kSubject, event.subject());
  if (event.has_binary()) {
    line.Add(kDim, absl::StrCat("(", event.binary().size(), " bytes of binary data)"));
  } else {
    line.Add(nullptr, event.text(), kDataBytesMax);
  }
  if (!event.source().empty() && event.source() != "/") line.Add(kDim, "source=" + event.source());
  for (const auto& [key, value] :
       std::map<std::string, std::string>(event.attributes().begin(), event.attributes().end())) {
    line.Add(kDim, absl::StrCat(key, "=", value));
  }
}

}  // namespace eventlog

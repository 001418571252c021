#include "producers/hook/hook_events.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/client/utf8_text.h"
#include "producers/hook/cut_object.h"
#include "producers/hook/hook_type.h"
#include "producers/hook/payload_parts.h"

namespace eventlog {
namespace {

// The log's bounds.
constexpr size_t kSubjectBytesMax = 1024;
constexpr size_t kAttributeBytesMax = 1024;
// With all of its escapes.
constexpr size_t kNameBytesMax = 16 * 1024;

constexpr char kHookEventName[] = "hook_event_name";
constexpr char kSessionId[] = "session_id";
// What of a payload can be filtered for: the member, and the attribute that has its text.
constexpr std::pair<const char*, const char*> kAttributes[] = {
    {kSessionId, "agent_session_id"}, {"tool_name", "tool_name"}, {"tool_use_id", "tool_use_id"}};

bool HasControlCharacter(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F || c1) return true;
  }
  return false;
}

bool IsLegalSubject(absl::string_view text) {
  return !text.empty() && text.size() <= kSubjectBytesMax && !HasControlCharacter(text) && IsValidUtf8(text);
}

HookFault FaultOf(const Payload& payload, const HookEventOptions& options, bool is_object) {
  if (payload.bytes_read > options.payload_bytes_max) return HookFault::kPayloadTooLarge;
  if (payload.unfinished) return HookFault::kInputUnfinished;
  if (is_object) return HookFault::kNone;
  return IsJson(payload.bytes) ? HookFault::kNotAnObject : HookFault::kInvalidJson;
}

// Of members with one name the last counts, as for those who read the event.
std::map<std::string, std::string> Strings(const std::vector<std::pair<std::string, absl::string_view>>& members) {
  std::map<std::string, std::string> strings;
  for (const auto& [name, value] : members) {
    strings.erase(name);
    // What is longer is no name; to look into it would cost.
    if (value.front() != '"' || value.size() > kNameBytesMax) continue;
    if (std::optional<std::string> text = JsonString(value)) strings[name] = *std::move(text);
  }
  return strings;
}

v1::Event Envelope(const std::map<std::string, std::string>& strings, const HookEventOptions& options) {
  v1::Event event;
  event.set_source(options.source);
  const int64_t nanos = absl::ToUnixNanos(options.time);
  event.mutable_time()->set_seconds(nanos / 1'000'000'000);
  event.mutable_time()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
  const auto text_of = [&](const char* name) {
    const auto found = strings.find(name);
    return found == strings.end() ? std::string() : found->second;
  };
  event.set_type(HookType(text_of(kHookEventName)));
  if (IsLegalSubject(options.session_id)) {
    event.set_subject(options.session_id);
  } else if (IsLegalSubject(text_of(kSessionId))) {
    event.set_subject(text_of(kSessionId));
  }
  for (const auto& [member, attribute] : kAttributes) {
    const std::string text = text_of(member);
    if (!text.empty() && text.size() <= kAttributeBytesMax) (*event.mutable_attributes())[attribute] = text;
  }
  return event;
}

std::vector<v1::Event> Parts(const v1::Event& envelope, const std::string& payload, int64_t part_bytes_max) {
  std::vector<v1::Event> events;
  const std::vector<absl::string_view> parts = PayloadParts(payload, part_bytes_max);
  absl::BitGen random;
  const std::string payload_id =
      absl::StrFormat("%016x%016x", absl::Uniform<uint64_t>(random), absl::Uniform<uint64_t>(random));
  for (const absl::string_view part : parts) {
    v1::Event& event = events.emplace_back(envelope);
    event.set_text(std::string(part));
    if (parts.size() == 1) break;
    event.set_data_content_type("text/plain");
    auto& attributes = *event.mutable_attributes();
    attributes["part"] = absl::StrCat(events.size());
    attributes["parts"] = absl::StrCat(parts.size());
    attributes["payload_id"] = payload_id;
  }
  return events;
}

}  // namespace

HookEvents MakeHookEvents(const Payload& payload, const HookEventOptions& options) {
  const bool too_large = payload.bytes_read > options.payload_bytes_max;
  const auto members = too_large ? std::nullopt : JsonMembers(payload.bytes);
  HookEvents hook;
  hook.fault = FaultOf(payload, options, members.has_value());
  v1::Event envelope = Envelope(members ? Strings(*members) : LeadingStrings(payload.bytes), options);
  if (hook.fault == HookFault::kNone) {
    hook.events = Parts(envelope, payload.bytes, options.part_bytes_max);
    return hook;
  }
  if (hook.fault != HookFault::kPayloadTooLarge) {
    envelope.set_type(kInvalidHookType);
    envelope.set_binary(payload.bytes.substr(0, static_cast<size_t>(options.part_bytes_max)));
  }
  (*envelope.mutable_attributes())["reason"] = HookFaultName(hook.fault);
  (*envelope.mutable_attributes())["payload_bytes"] = absl::StrCat(payload.bytes_read);
  hook.events.push_back(std::move(envelope));
  return hook;
}

v1::Event MakeLostEvent(int64_t lost, int64_t total, const HookEventOptions& options) {
  v1::Event event = Envelope({}, options);
  event.set_type(kLostHookType);
  event.set_text(absl::StrCat("{\"lost\":", lost, ",\"lost_total\":", total, "}"));
  (*event.mutable_attributes())["reason"] = "NOT_KEPT";
  return event;
}

std::string HookFaultName(HookFault fault) {
  switch (fault) {
    case HookFault::kNone:
      return "";
    case HookFault::kInvalidJson:
      return "INVALID_JSON";
    case HookFault::kNotAnObject:
      return "NOT_AN_OBJECT";
    case HookFault::kPayloadTooLarge:
      return "PAYLOAD_TOO_LARGE";
    case HookFault::kInputUnfinished:
      return "INPUT_UNFINISHED";
  }
  return "";
}

}  // namespace eventlog

#include "gateway-svc/http/client_message.h"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "gateway-svc/http/filter_values.h"
#include "gateway-svc/http/input_error.h"

namespace gateway {
namespace {

namespace json = boost::json;

constexpr size_t kIdBytesMax = 128;
constexpr int64_t kFetchLimitMax = 1000;

struct NamedKind {
  absl::string_view name;
  ClientMessage::Kind kind;
};
constexpr std::array<NamedKind, 5> kKinds = {{{"options", ClientMessage::Kind::kOptions},
                                              {"fetch", ClientMessage::Kind::kFetch},
                                              {"pause", ClientMessage::Kind::kPause},
                                              {"resume", ClientMessage::Kind::kResume},
                                              {"ping", ClientMessage::Kind::kPing}}};

absl::string_view View(const json::string& text) { return {text.data(), text.size()}; }
absl::string_view View(json::string_view text) { return {text.data(), text.size()}; }

absl::Status ReadText(absl::string_view name, const json::value& value, absl::string_view* text) {
  if (!value.is_string()) return InputError(name, ": must be a string");
  *text = View(value.get_string());
  return absl::OkStatus();
}

absl::Status ReadInteger(absl::string_view name, const json::value& value, int64_t* number) {
  if (!value.is_int64()) return InputError(name, ": must be a whole number");
  *number = value.get_int64();
  return absl::OkStatus();
}

// `add` is called with each string of a list, or with the string that stands alone.
template <typename Add>
absl::Status ForEachText(absl::string_view name, const json::value& value, Add add) {
  if (value.is_string()) return add(std::string(View(value.get_string())));
  if (!value.is_array()) return InputError(name, ": must be a list of strings");
  for (const json::value& each : value.get_array()) {
    absl::string_view text;
    absl::Status status = ReadText(name, each, &text);
    if (status.ok()) status = add(std::string(text));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReadFilter(const json::value& value, Filter& filter) {
  if (!value.is_object()) return InputError("filter: must be an object");
  for (const auto& member : value.get_object()) {
    const absl::string_view name = View(member.key());
    absl::Status status;
    if (name == "types") {
      status = ForEachText(name, member.value(), [&](std::string text) { return AddType(std::move(text), filter); });
    } else if (name == "subjects") {
      status = ForEachText(name, member.value(), [&](std::string text) { return AddSubject(std::move(text), filter); });
    } else if (name == "sources") {
      status = ForEachText(name, member.value(), [&](std::string text) { return AddSource(std::move(text), filter); });
    } else if (name == "attributes" && member.value().is_object()) {
      for (const auto& attribute : member.value().get_object()) {
        const absl::string_view key = View(attribute.key());
        filter.attributes[std::string(key)];  // an empty list is seen below
        status = ForEachText("attributes", attribute.value(),
                             [&](std::string text) { return AddAttribute(key, std::move(text), filter); });
        if (!status.ok()) break;
      }
    } else if (name == "attributes") {
      status = InputError("attributes: must be an object of strings, or of lists of strings");
    } else {
      status =
          InputError("filter: unknown member ", Quoted(name), "; allowed are types, subjects, sources and attributes");
    }
    if (!status.ok()) return status;
  }
  absl::Status status = CheckSize(filter);
  filter = Normalized(std::move(filter));
  return status;
}

absl::Status ReadDelivery(const json::value& value, DeliveryOptions& delivery) {
  if (!value.is_object()) return InputError("delivery: must be an object");
  for (const auto& member : value.get_object()) {
    const absl::string_view name = View(member.key());
    absl::string_view text;
    int64_t number = 0;
    absl::Status status;
    if (name == "mode" || name == "on_gap") {
      status = ReadText(name, member.value(), &text);
      if (status.ok()) status = name == "mode" ? delivery.SetMode(text) : delivery.SetOnGap(text);
    } else if (name == "linger_ms" && member.value().is_null()) {
      // As `hello` shows it: the gateway decides.
    } else if (name == "batch_max" || name == "linger_ms") {
      status = ReadInteger(name, member.value(), &number);
      if (status.ok()) status = name == "batch_max" ? delivery.SetBatchMax(number) : delivery.SetLingerMs(number);
    } else {
      status =
          InputError("delivery: unknown member ", Quoted(name), "; allowed are mode, batch_max, linger_ms and on_gap");
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReadOptions(const json::object& object, ClientMessage& message) {
  for (const auto& member : object) {
    const absl::string_view name = View(member.key());
    absl::Status status;
    if (name == "type" || name == "id") {
      continue;
    } else if (name == "filter") {
      status = ReadFilter(member.value(), message.filter.emplace());
    } else if (name == "delivery") {
      status = ReadDelivery(member.value(), message.delivery.emplace());
    } else if (name == "heartbeat_s") {
      int64_t seconds = 0;
      status = ReadInteger(name, member.value(), &seconds);
      if (status.ok()) status = SetHeartbeatSeconds(seconds, message.heartbeat.emplace());
    } else {
      status = InputError("options: unknown member ", Quoted(name), "; allowed are filter, delivery and heartbeat_s");
    }
    if (!status.ok()) return status;
  }
  if (message.filter.has_value() || message.delivery.has_value() || message.heartbeat.has_value()) {
    return absl::OkStatus();
  }
  return InputError("options: nothing is given; allowed are filter, delivery and heartbeat_s");
}

absl::Status ReadFetch(const json::object& object, ClientMessage& message) {
  int places = 0;
  for (const auto& member : object) {
    const absl::string_view name = View(member.key());
    absl::Status status;
    if (name == "type" || name == "id") {
      continue;
    } else if (name == "before" || name == "after") {
      absl::string_view text;
      status = ReadText(name, member.value(), &text);
      if (!status.ok()) return status;
      absl::StatusOr<Cursor> cursor = ParseCursor(name, text);
      if (!cursor.ok()) return cursor.status();
      message.cursor = *std::move(cursor);
      message.direction = name == "before" ? FetchDirection::kBefore : FetchDirection::kAfter;
      ++places;
    } else if (name == "limit") {
      status = ReadInteger(name, member.value(), &message.limit);
      if (status.ok() && (message.limit < 1 || message.limit > kFetchLimitMax)) {
        status = InputError("limit: ", message.limit, " is not a whole number of 1 to ", kFetchLimitMax);
      }
    } else {
      status = InputError("fetch: unknown member ", Quoted(name), "; allowed are before, after and limit");
    }
    if (!status.ok()) return status;
  }
  return places == 1 ? absl::OkStatus() : InputError("fetch: give one of before and after");
}

absl::Status ReadBare(absl::string_view kind, const json::object& object) {
  for (const auto& member : object) {
    const absl::string_view name = View(member.key());
    if (name != "type" && name != "id") return InputError(kind, ": unknown member ", Quoted(name));
  }
  return absl::OkStatus();
}

absl::Status ReadMessage(const json::object& object, ParsedClientMessage& parsed) {
  if (const json::value* id = object.if_contains("id"); id != nullptr) {
    if (!id->is_string() || id->get_string().size() > kIdBytesMax) {
      return InputError("id: must be a string of up to ", kIdBytesMax, " bytes");
    }
    parsed.id = std::string(View(id->get_string()));
  }
  const json::value* type = object.if_contains("type");
  if (type == nullptr || !type->is_string()) return InputError("type: must be a string");
  const absl::string_view name = View(type->get_string());
  for (const NamedKind& each : kKinds) {
    if (each.name != name) continue;
    parsed.message.kind = each.kind;
    if (each.kind == ClientMessage::Kind::kOptions) return ReadOptions(object, parsed.message);
    if (each.kind == ClientMessage::Kind::kFetch) return ReadFetch(object, parsed.message);
    return ReadBare(name, object);
  }
  return InputError("type: ", Quoted(name), " is none of options, fetch, pause, resume and ping");
}

}  // namespace

ParsedClientMessage ParseClientMessage(absl::string_view text) {
  ParsedClientMessage parsed;
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) {
    parsed.status = InputError("a message is one JSON object; this is not JSON: ", error.message());
  } else if (!value.is_object()) {
    parsed.status = InputError("a message is one JSON object");
  } else {
    parsed.status = ReadMessage(value.get_object(), parsed);
  }
  return parsed;
}

}  // namespace gateway

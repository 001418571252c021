#include "producers/cli/message_json.h"

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "eventlog-svc/client/event_json.h"
#include "eventlog-svc/client/json_text.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"

namespace eventlog {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void AppendMessage(const Message& message, std::string& out);

void AppendSubMessage(const Message& message, std::string& out) {
  if (message.GetDescriptor() == google::protobuf::Duration::descriptor()) {
    out += SecondsText(dynamic_cast<const google::protobuf::Duration&>(message));
  } else if (message.GetDescriptor() == google::protobuf::Timestamp::descriptor()) {
    out.push_back('"');
    AppendRfc3339(dynamic_cast<const google::protobuf::Timestamp&>(message), out);
    out.push_back('"');
  } else {
    AppendMessage(message, out);
  }
}

// The value of a field, or that at `index` of a repeated one.
void AppendValue(const Message& message, const FieldDescriptor& field, int index, std::string& out) {
  const Reflection& at = *message.GetReflection();
  const bool repeated = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      absl::StrAppend(&out, repeated ? at.GetRepeatedInt32(message, &field, index) : at.GetInt32(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      absl::StrAppend(&out, repeated ? at.GetRepeatedInt64(message, &field, index) : at.GetInt64(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      absl::StrAppend(&out, repeated ? at.GetRepeatedUInt32(message, &field, index) : at.GetUInt32(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      absl::StrAppend(&out, repeated ? at.GetRepeatedUInt64(message, &field, index) : at.GetUInt64(message, &field));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      out += (repeated ? at.GetRepeatedBool(message, &field, index) : at.GetBool(message, &field)) ? "true" : "false";
      break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumValueDescriptor& value =
          repeated ? *at.GetRepeatedEnum(message, &field, index) : *at.GetEnum(message, &field);
      AppendJsonString(ShortEnumName(value), out);
      break;
    }
    case FieldDescriptor::CPPTYPE_STRING:
      AppendJsonString(repeated ? at.GetRepeatedString(message, &field, index) : at.GetString(message, &field), out);
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      AppendSubMessage(repeated ? at.GetRepeatedMessage(message, &field, index) : at.GetMessage(message, &field), out);
      break;
    default:
      out += "null";  // the API has no floating-point numbers
  }
}

void AppendField(const Message& message, const FieldDescriptor& field, std::string& out) {
  const bool duration =
      field.message_type() != nullptr && field.message_type() == google::protobuf::Duration::descriptor();
  absl::StrAppend(&out, "\"", field.name(), duration ? "_s" : "", "\":");
  if (!field.is_repeated()) return AppendValue(message, field, 0, out);
  out.push_back('[');
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    if (i > 0) out.push_back(',');
    AppendValue(message, field, i, out);
  }
  out.push_back(']');
}

void AppendMessage(const Message& message, std::string& out) {
  char separator = '{';
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    // A part of a oneof or a message that is not there is said by its absence.
    if (field.has_presence() && !message.GetReflection()->HasField(message, &field)) continue;
    out.push_back(separator);
    separator = ',';
    AppendField(message, field, out);
  }
  out += separator == '{' ? "{}" : "}";
}

}  // namespace

std::string MessageJson(const Message& message) {
  std::string out;
  AppendMessage(message, out);
  return out;
}

std::string SecondsText(const google::protobuf::Duration& duration) {
  const bool negative = duration.seconds() < 0 || duration.nanos() < 0;
  std::string text = absl::StrCat(negative ? "-" : "", std::abs(duration.seconds()));
  const std::string nanos = absl::StrFormat("%09d", std::abs(duration.nanos()));
  const size_t end = nanos.find_last_not_of('0');
  if (end != std::string::npos) absl::StrAppend(&text, ".", nanos.substr(0, end + 1));
  return text;
}

std::string ShortEnumName(const EnumValueDescriptor& value) {
  // DurabilityKind becomes DURABILITY_KIND_, as the style guides have it.
  std::string prefix;
  for (const char c : value.type()->name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix.push_back('_');
    prefix.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
  }
  prefix.push_back('_');
  return std::string(absl::StripPrefix(value.name(), prefix));
}

}  // namespace eventlog

#include "eventlog-svc/rpc/refusals.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/error.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"

namespace eventlog {
namespace {

constexpr absl::Duration kQueueFullRetryDelay = absl::Milliseconds(100);

}  // namespace

absl::Status InvalidField(absl::string_view reason, const std::string& field, absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, reason, absl::StrCat(field, ": ", what), {{"field", field}});
}

absl::Status RefuseUnknown(const google::protobuf::Message& message, const std::string& what) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const google::protobuf::UnknownFieldSet& unknown = reflection.GetUnknownFields(message);
  if (!unknown.empty()) {
    return InvalidField("REQUEST_INVALID", what,
                        absl::StrCat("field number ", unknown.field(0).number(), " is not known to this version"));
  }
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE || field->is_repeated()) continue;
    const absl::Status known = RefuseUnknown(reflection.GetMessage(message, field), field->name());
    if (!known.ok()) return known;
  }
  return absl::OkStatus();
}

absl::Status QueueFull(absl::string_view what) {
  return WithRetryDelay(Error(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                              absl::StrCat("too many ", what, " wait; try again a little later")),
                        kQueueFullRetryDelay);
}

}  // namespace eventlog

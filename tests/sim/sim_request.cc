#include "tests/sim/sim_request.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/error.h"

namespace eventlog {
namespace {

std::string DurabilityName(Durability durability) {
  return durability == Durability::kMemory ? "memory" : durability == Durability::kFsync ? "fsync" : "default";
}

std::string Describe(const SimAppend& append) {
  std::string text = absl::StrCat("append ", append.texts.size(), " events, ", DurabilityName(append.durability));
  if (append.producer.has_value()) {
    absl::StrAppend(&text, ", epoch ", append.producer->epoch, " sequence ", append.producer->first_sequence);
  }
  if (append.expected_next_offset.has_value()) absl::StrAppend(&text, ", expects ", *append.expected_next_offset);
  if (append.stream != nullptr) absl::StrAppend(&text, ", in a stream");
  return text;
}

std::string Describe(const LogChange& change) {
  if (const auto* commit = std::get_if<CommitCursor>(&change)) {
    return absl::StrCat("commit ", commit->name, " at ", commit->next_offset, " generation ", commit->generation);
  }
  if (const auto* take = std::get_if<TakeCursor>(&change)) return absl::StrCat("take ", take->name);
  if (const auto* reset = std::get_if<ResetCursor>(&change)) {
    return absl::StrCat("reset ", reset->name, " to ", reset->next_offset);
  }
  if (const auto* gone = std::get_if<DeleteCursor>(&change)) return absl::StrCat("delete ", gone->name);
  if (const auto* trim = std::get_if<TrimLog>(&change)) {
    return absl::StrCat(trim->retention.has_value() ? "retention trims to " : "trim to ", trim->next_offset);
  }
  return absl::StrCat("settings ", Describe(std::get<ChangeSettings>(change).settings));
}

}  // namespace

std::string Describe(const LogSettings& settings) {
  return absl::StrCat("age ", absl::FormatDuration(settings.age_max), " bytes ", settings.bytes_max, " records ",
                      settings.records_max, settings.keep_for_cursors ? " keep for cursors" : "", " durability ",
                      DurabilityName(settings.default_durability));
}

std::string Describe(const SimRequest& request) {
  return absl::StrCat(request.client, ": ", std::visit([](const auto& what) { return Describe(what); }, request.what));
}

std::string DescribeAnswer(const SimRequest& request) {
  if (request.answers == 0) return "no answer";
  if (!request.status.ok()) return ErrorReason(request.status);
  if (std::holds_alternative<SimAppend>(request.what)) {
    return absl::StrCat("at ", request.appended.first_offset, request.appended.duplicate ? " as before" : "", ", ",
                        DurabilityName(request.appended.durability));
  }
  if (request.cursor.name.empty()) return "ok";
  return absl::StrCat("cursor at ", request.cursor.next_offset, " generation ", request.cursor.generation);
}

}  // namespace eventlog

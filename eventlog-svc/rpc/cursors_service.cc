#include "eventlog-svc/rpc/cursors_service.h"

#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/error.h"
#include "eventlog-svc/rpc/cursor_name.h"
#include "eventlog-svc/rpc/find_log.h"
#include "eventlog-svc/rpc/grpc_status.h"
#include "eventlog-svc/rpc/log_messages.h"
#include "eventlog-svc/rpc/name_page.h"
#include "eventlog-svc/rpc/refusals.h"

namespace eventlog {

absl::StatusOr<std::shared_ptr<Log>> CursorsService::Admit(const google::protobuf::Message& request,
                                                           const std::string& log) const {
  if (draining_.load(std::memory_order_relaxed)) return DrainingError();
  const absl::Status known = RefuseUnknown(request);
  if (!known.ok()) return known;
  return FindLog(engine_, log);
}

absl::StatusOr<std::shared_ptr<Log>> CursorsService::AdmitCursor(const google::protobuf::Message& request,
                                                                 const std::string& log, const std::string& cursor,
                                                                 int64_t next_offset) const {
  absl::StatusOr<std::shared_ptr<Log>> found = Admit(request, log);
  if (!found.ok()) return found;
  const absl::Status name = CheckCursorName(cursor);
  if (!name.ok()) return name;
  if (next_offset < 0) {
    return InvalidField("OFFSET_INVALID", "next_offset", absl::StrCat(next_offset, "; right is 0 or more"));
  }
  return found;
}

template <typename Call>
void CursorsService::Finish(Call* call, const absl::Status& status) {
  if (!status.ok()) errors_.Count(status);
  call->Finish(ToGrpcStatus(status));
}

template <typename Call>
void CursorsService::Change(Call* call, const std::shared_ptr<Log>& log, LogChange change) {
  log->Change(std::move(change), [this, call, name = log->name()](const absl::StatusOr<Cursor>& cursor) {
    if constexpr (!std::is_same_v<Call, DeleteCall>) {
      if (cursor.ok()) call->response() = ToProtoCursor(name, *cursor);
    }
    Finish(call, cursor.status());
  });
}

void CursorsService::Serve(CallQueue& queue) {
  const auto on_error = [this](const absl::Status& status) { errors_.Count(status); };
  GetCall::Serve(
      queue, [this](auto... arguments) { RequestGetCursor(arguments...); }, [this](GetCall* call) { Get(call); },
      on_error);
  ListCall::Serve(
      queue, [this](auto... arguments) { RequestListCursors(arguments...); }, [this](ListCall* call) { List(call); },
      on_error);
  CommitCall::Serve(
      queue, [this](auto... arguments) { RequestCommitCursor(arguments...); },
      [this](CommitCall* call) { Commit(call); }, on_error);
  ResetCall::Serve(
      queue, [this](auto... arguments) { RequestResetCursor(arguments...); }, [this](ResetCall* call) { Reset(call); },
      on_error);
  DeleteCall::Serve(
      queue, [this](auto... arguments) { RequestDeleteCursor(arguments...); },
      [this](DeleteCall* call) { Delete(call); }, on_error);
}

void CursorsService::Get(GetCall* call) {
  const auto& request = call->request();
  const absl::StatusOr<std::shared_ptr<Log>> log = AdmitCursor(request, request.log(), request.cursor());
  if (!log.ok()) return Finish(call, log.status());
  const absl::StatusOr<Cursor> cursor = (*log)->FindCursor(request.cursor());
  if (cursor.ok()) call->response() = ToProtoCursor((*log)->name(), *cursor);
  return Finish(call, cursor.status());
}

void CursorsService::List(ListCall* call) {
  const auto& request = call->request();
  const absl::StatusOr<std::shared_ptr<Log>> log = Admit(request, request.log());
  if (!log.ok()) return Finish(call, log.status());
  absl::StatusOr<NamePage<Cursor>> page =
      TakeNamePage((*log)->cursors(), request.page_size(), request.page_token(),
                   [](const Cursor& cursor) -> const std::string& { return cursor.name; });
  if (!page.ok()) return Finish(call, page.status());
  for (const Cursor& cursor : page->things) *call->response().add_cursors() = ToProtoCursor((*log)->name(), cursor);
  call->response().set_next_page_token(page->next_page_token);
  return Finish(call, absl::OkStatus());
}

void CursorsService::Commit(CommitCall* call) {
  const auto& request = call->request();
  const absl::StatusOr<std::shared_ptr<Log>> log =
      AdmitCursor(request, request.log(), request.cursor(), request.next_offset());
  if (!log.ok()) return Finish(call, log.status());
  if (request.generation() < 0) {
    return Finish(call, InvalidField("REQUEST_INVALID", "generation",
                                     absl::StrCat(request.generation(), "; right is 0 or more")));
  }
  Change(call, *log, eventlog::CommitCursor{request.cursor(), request.next_offset(), request.generation()});
}

void CursorsService::Reset(ResetCall* call) {
  const auto& request = call->request();
  const absl::StatusOr<std::shared_ptr<Log>> log =
      AdmitCursor(request, request.log(), request.cursor(), request.next_offset());
  if (!log.ok()) return Finish(call, log.status());
  Change(call, *log, eventlog::ResetCursor{request.cursor(), request.next_offset()});
}

void CursorsService::Delete(DeleteCall* call) {
  const auto& request = call->request();
  const absl::StatusOr<std::shared_ptr<Log>> log = AdmitCursor(request, request.log(), request.cursor());
  if (!log.ok()) return Finish(call, log.status());
  Change(call, *log, eventlog::DeleteCursor{request.cursor()});
}

}  // namespace eventlog

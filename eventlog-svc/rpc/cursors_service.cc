#include "eventlog-svc/rpc/cursors_service.h"

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

grpc::ServerUnaryReactor* CursorsService::Finish(grpc::ServerUnaryReactor* reactor, const absl::Status& status) {
  if (!status.ok()) errors_.Count(status);
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

grpc::ServerUnaryReactor* CursorsService::Change(grpc::ServerUnaryReactor* reactor, const std::shared_ptr<Log>& log,
                                                 LogChange change, v1::Cursor* response) {
  log->Change(std::move(change), [this, reactor, name = log->name(), response](const absl::StatusOr<Cursor>& cursor) {
    if (cursor.ok() && response != nullptr) *response = ToProtoCursor(name, *cursor);
    Finish(reactor, cursor.status());
  });
  return reactor;
}

grpc::ServerUnaryReactor* CursorsService::GetCursor(grpc::CallbackServerContext* context,
                                                    const v1::GetCursorRequest* request, v1::Cursor* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::StatusOr<std::shared_ptr<Log>> log = AdmitCursor(*request, request->log(), request->cursor());
  if (!log.ok()) return Finish(reactor, log.status());
  const absl::StatusOr<Cursor> cursor = (*log)->FindCursor(request->cursor());
  if (cursor.ok()) *response = ToProtoCursor((*log)->name(), *cursor);
  return Finish(reactor, cursor.status());
}

grpc::ServerUnaryReactor* CursorsService::ListCursors(grpc::CallbackServerContext* context,
                                                      const v1::ListCursorsRequest* request,
                                                      v1::ListCursorsResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::StatusOr<std::shared_ptr<Log>> log = Admit(*request, request->log());
  if (!log.ok()) return Finish(reactor, log.status());
  absl::StatusOr<NamePage<Cursor>> page =
      TakeNamePage((*log)->cursors(), request->page_size(), request->page_token(),
                   [](const Cursor& cursor) -> const std::string& { return cursor.name; });
  if (!page.ok()) return Finish(reactor, page.status());
  for (const Cursor& cursor : page->things) *response->add_cursors() = ToProtoCursor((*log)->name(), cursor);
  response->set_next_page_token(page->next_page_token);
  return Finish(reactor, absl::OkStatus());
}

grpc::ServerUnaryReactor* CursorsService::CommitCursor(grpc::CallbackServerContext* context,
                                                       const v1::CommitCursorRequest* request, v1::Cursor* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::StatusOr<std::shared_ptr<Log>> log =
      AdmitCursor(*request, request->log(), request->cursor(), request->next_offset());
  if (!log.ok()) return Finish(reactor, log.status());
  if (request->generation() < 0) {
    return Finish(reactor, InvalidField("REQUEST_INVALID", "generation",
                                        absl::StrCat(request->generation(), "; right is 0 or more")));
  }
  return Change(reactor, *log, eventlog::CommitCursor{request->cursor(), request->next_offset(), request->generation()},
                response);
}

grpc::ServerUnaryReactor* CursorsService::ResetCursor(grpc::CallbackServerContext* context,
                                                      const v1::ResetCursorRequest* request, v1::Cursor* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::StatusOr<std::shared_ptr<Log>> log =
      AdmitCursor(*request, request->log(), request->cursor(), request->next_offset());
  if (!log.ok()) return Finish(reactor, log.status());
  return Change(reactor, *log, eventlog::ResetCursor{request->cursor(), request->next_offset()}, response);
}

grpc::ServerUnaryReactor* CursorsService::DeleteCursor(grpc::CallbackServerContext* context,
                                                       const v1::DeleteCursorRequest* request,
                                                       google::protobuf::Empty*) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::StatusOr<std::shared_ptr<Log>> log = AdmitCursor(*request, request->log(), request->cursor());
  if (!log.ok()) return Finish(reactor, log.status());
  return Change(reactor, *log, eventlog::DeleteCursor{request->cursor()}, nullptr);
}

}  // namespace eventlog

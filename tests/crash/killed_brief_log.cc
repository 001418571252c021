#include "tests/crash/killed_brief_log.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/rpc_error.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"
#include "tests/crash/service_is_gone.h"

namespace eventlog {
namespace {

constexpr char kLog[] = "brief";
constexpr size_t kTextBytes = 12 * 1024;  // a segment of the killed service has no room for two

}  // namespace

std::string KilledBriefLog::EventId() const { return absl::StrCat("life", deleted_); }

absl::StatusOr<int64_t> KilledBriefLog::CountEvents(const std::shared_ptr<grpc::Channel>& channel) const {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(1)));
  v1::ReadRequest request;
  request.set_log(kLog);
  request.set_offset(0);
  v1::ReadResponse page;
  const absl::Status status = FromGrpcStatus(v1::EventLog::NewStub(channel)->Read(&context, request, &page));
  if (RpcErrorReason(status) == "LOG_NOT_FOUND") return -1;
  if (!status.ok()) return status;
  for (const v1::Record& record : page.records()) {
    if (record.event().id() != EventId()) {
      return absl::InternalError(absl::StrCat("not of this life of the log: ", record.ShortDebugString()));
    }
  }
  if (page.gaps_size() > 0 || !page.end_of_log()) return absl::InternalError(page.ShortDebugString());
  return page.records_size();
}

absl::Status KilledBriefLog::Check(const std::shared_ptr<grpc::Channel>& channel) {
  if (!failure_.ok()) return failure_;
  const absl::StatusOr<int64_t> found = CountEvents(channel);
  if (!found.ok()) return found.status();
  if (*found != events_ && (!is_open_ || *found != after())) {
    return absl::InternalError(absl::StrCat("log ", kLog, " has ", *found, " events (-1: it is not there); right is ",
                                            events_, is_open_ ? absl::StrCat(" or ", after()) : ""));
  }
  if (events_ == kEvents && *found == -1) ++deleted_;
  events_ = *found;
  is_open_ = false;
  return absl::OkStatus();
}

absl::Status KilledBriefLog::CallNext(const std::shared_ptr<grpc::Channel>& channel) const {
  grpc::ClientContext context;
  const auto admin = v1::LogAdmin::NewStub(channel);
  if (events_ < 0) {
    v1::CreateLogRequest request;
    request.set_log_id(kLog);
    v1::Log log;
    return FromGrpcStatus(admin->CreateLog(&context, request, &log));
  }
  if (events_ == kEvents) {
    v1::DeleteLogRequest request;
    request.set_log(kLog);
    google::protobuf::Empty empty;
    return FromGrpcStatus(admin->DeleteLog(&context, request, &empty));
  }
  v1::AppendRequest request;
  request.set_log(kLog);
  v1::Event& event = *request.add_events();
  event.set_id(EventId());
  event.set_type("kill.test");
  event.set_text(std::string(kTextBytes, 'x'));
  v1::AppendResponse response;
  return FromGrpcStatus(v1::EventLog::NewStub(channel)->Append(&context, request, &response));
}

void KilledBriefLog::LiveOn(const std::shared_ptr<grpc::Channel>& channel) {
  for (;;) {
    is_open_ = true;
    const absl::Status status = CallNext(channel);
    if (!status.ok()) {
      if (!ServiceIsGone(status)) failure_ = absl::InternalError(absl::StrCat(kLog, ": ", RpcErrorText(status)));
      return;
    }
    is_open_ = false;
    if (events_ == kEvents) ++deleted_;
    events_ = after();
  }
}

}  // namespace eventlog

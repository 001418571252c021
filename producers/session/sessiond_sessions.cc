#include "producers/session/sessiond_sessions.h"

#include <signal.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "glog/logging.h"
#include "producers/session/output_chunks.h"
#include "producers/session/process_identity.h"
#include "producers/session/pty_process.h"
#include "producers/session/session_environment.h"
#include "producers/session/session_events.h"
#include "producers/session/session_id.h"
#include "producers/session/sessiond_lookup.h"
#include "proto/session/v1/session_entry.pb.h"

namespace eventlog {
namespace {

using session::v1::SessionInfo;
using session::v1::StartSession;

constexpr unsigned short kDefaultRows = 24;
constexpr unsigned short kDefaultColumns = 80;
// For session.created to be kept before the command runs.
constexpr absl::Duration kCreatedPatience = absl::Milliseconds(500);

winsize SizeOf(const StartSession& request) {
  const winsize size = TerminalSizeOf(request.window_size());
  return size.ws_row > 0 ? size : winsize{kDefaultRows, kDefaultColumns, 0, 0};
}

PtyProcessOptions ProcessOptions(const StartSession& request, const std::string& session_id, const std::string& server,
                                 const std::string& log) {
  PtyProcessOptions options;
  options.command.argv.assign(request.command().begin(), request.command().end());
  options.command.environment =
      SessionEnvironment({request.environment().begin(), request.environment().end()}, session_id, server, log);
  options.command.folder = request.cwd();
  sigemptyset(&options.command.signal_mask);
  options.size = SizeOf(request);
  return options;
}

// Of all words of a command: an event with more would be too large for the log.
constexpr size_t kCommandBytesMax = 256 * 1024;
// What a list shows of each session, so that a list of all of them is one message.
constexpr size_t kListedCommandBytesMax = 1024;
constexpr size_t kListedFolderBytesMax = 256;

SessionInfo Listed(SessionInfo info) {
  size_t bytes = 0;
  int words = 0;
  for (std::string& word : *info.mutable_command()) {
    if (bytes >= kListedCommandBytesMax) break;
    if (word.size() > kListedCommandBytesMax - bytes) word.resize(kListedCommandBytesMax - bytes);
    bytes += word.size() + 1;
    ++words;
  }
  info.mutable_command()->DeleteSubrange(words, info.command_size() - words);
  if (info.cwd().size() > kListedFolderBytesMax) info.mutable_cwd()->resize(kListedFolderBytesMax);
  return info;
}

bool HasNul(absl::string_view text) { return absl::StrContains(text, '\0'); }

}  // namespace

SessiondSessions::SessiondSessions(boost::asio::io_context& context, SessiondSessionsOptions options,
                                   const SessionRegistry& registry, EventSink& sink)
    : context_(context), options_(std::move(options)), registry_(registry), sink_(sink) {}

absl::Status SessiondSessions::Check(const StartSession& request) const {
  if (when_all_ended_ != nullptr) return absl::UnavailableError("sessiond is ending");
  const absl::Status name = CheckSessionName(request.name());
  if (!name.ok()) return name;
  if (request.command().empty() || request.command(0).empty()) return absl::InvalidArgumentError("no command");
  size_t bytes = 0;
  for (const std::string& word : request.command()) bytes += word.size();
  if (bytes > kCommandBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("a command of ", bytes, " bytes; at most ", kCommandBytesMax));
  }
  if (std::any_of(request.command().begin(), request.command().end(), HasNul) || HasNul(request.cwd()) ||
      std::any_of(request.environment().begin(), request.environment().end(), HasNul)) {
    return absl::InvalidArgumentError("a NUL in the command, its folder or its environment");
  }
  if (request.output_bytes_per_second_max() < 0) {
    return absl::InvalidArgumentError(absl::StrCat("output of ", request.output_bytes_per_second_max(),
                                                   " bytes a second; right is 1 or more, or 0 for what is usual"));
  }
  for (const auto& session : running_) {
    if (!request.name().empty() && session->info().name() == request.name()) {
      return absl::AlreadyExistsError(absl::StrCat("session ", session->info().session_id(), " has the name \"",
                                                   request.name(), "\" and runs; choose another"));
    }
  }
  if (running_.size() >= options_.sessions_max) {
    return absl::ResourceExhaustedError(absl::StrCat(running_.size(), " sessions run, which is the most"));
  }
  return absl::OkStatus();
}

session::v1::SessionEntry SessiondSessions::EntryOf(const SessionInfo& info, const v1::Event& created) const {
  session::v1::SessionEntry entry;
  entry.set_session_id(info.session_id());
  entry.set_name(info.name());
  *entry.mutable_command() = info.command();
  entry.set_cwd(info.cwd());
  entry.set_server(options_.server);
  entry.set_log(options_.log);
  entry.set_created_ms(info.create_time_ms());
  *entry.mutable_window_size() = info.window_size();
  entry.mutable_command_process()->set_pid(info.pid());
  entry.mutable_command_process()->set_start_time(StartTime(static_cast<pid_t>(info.pid())));
  entry.set_command_group(true);
  entry.add_unkept_events(created.SerializeAsString());
  SetHolder(entry);
  return entry;
}

void SessiondSessions::SayCreated(const SessionInfo& info) {
  session::v1::SessionCreated data;
  data.set_session_id(info.session_id());
  data.set_name(info.name());
  *data.mutable_command() = info.command();
  data.set_cwd(info.cwd());
  data.set_pid(info.pid());
  data.set_user(UserName());
  data.set_host(HostName());
  *data.mutable_window_size() = info.window_size();
  v1::Event created = MakeEvent(data);
  const absl::Status written = registry_.Write(EntryOf(info, created));
  // The session runs all the same; a SIGKILL of sessiond would leave it without its end.
  if (!written.ok()) LOG(WARNING) << "the registry of sessions: " << written;
  sink_.Add(std::move(created));
  // What the command's hooks say comes behind it. Not for long: others wait for us.
  if (!sink_.Flush(absl::Now() + kCreatedPatience)) LOG(WARNING) << info.session_id() << " is not in the spool yet";
}

HostedSessionOptions SessiondSessions::SessionOptions(const StartSession& request) const {
  HostedSessionOptions options = options_.session;
  if (!request.output()) return options;
  const int64_t rate = request.output_bytes_per_second_max();
  options.output = rate > 0 ? OutputAtRate(rate) : OutputChunksOptions();
  return options;
}

void SessiondSessions::SayStartFailed(const std::string& session_id) {
  session::v1::SessionRemoved removed;
  removed.set_session_id(session_id);
  removed.set_reason(session::v1::REMOVAL_REASON_START_FAILED);
  sink_.Add(MakeEvent(removed));
}

absl::StatusOr<std::shared_ptr<HostedSession>> SessiondSessions::Start(const StartSession& request) {
  const absl::Status good = Check(request);
  if (!good.ok()) return good;
  const absl::Time now = absl::Now();
  const std::string id = NewSessionId(now);
  PtyProcessOptions process_options = ProcessOptions(request, id, options_.server, options_.log);
  SessionInfo info;
  info.set_session_id(id);
  info.set_name(request.name());
  *info.mutable_command() = request.command();
  info.set_cwd(request.cwd());
  info.set_create_time_ms(absl::ToUnixMillis(now));
  *info.mutable_window_size() = WindowSizeOf(process_options.size);
  info.set_output(request.output());
  process_options.before_exec = [&](pid_t pid) {
    info.set_pid(pid);
    SayCreated(info);
  };
  absl::StatusOr<std::unique_ptr<PtyProcess>> process = PtyProcess::Start(process_options);
  if (!process.ok()) {
    if (info.pid() != 0) SayStartFailed(id);
    return absl::AbortedError(process.status().message());
  }
  const auto session =
      std::make_shared<HostedSession>(context_, SessionOptions(request), sink_, std::move(info), *std::move(process));
  running_.push_back(session);
  session->Run();
  session->WhenEnded([this, id] { OnEnded(id); });
  return session;
}

absl::StatusOr<std::shared_ptr<HostedSession>> SessiondSessions::Find(absl::string_view wanted) const {
  std::vector<SessionLabel> labels;
  for (const auto& session : running_) labels.push_back({session->info().session_id(), session->info().name()});
  const absl::StatusOr<size_t> place = FindSession(wanted, labels);
  if (!place.ok()) return place.status();
  return running_[*place];
}

session::v1::SessionList SessiondSessions::List() const {
  session::v1::SessionList list;
  for (const SessionInfo& info : ended_) *list.add_sessions() = Listed(info);
  for (const auto& session : running_) *list.add_sessions() = Listed(session->info());
  std::sort(
      list.mutable_sessions()->begin(), list.mutable_sessions()->end(), [](const SessionInfo& a, const SessionInfo& b) {
        return std::make_pair(a.create_time_ms(), a.session_id()) < std::make_pair(b.create_time_ms(), b.session_id());
      });
  return list;
}

void SessiondSessions::EndAll(std::function<void()> then) {
  when_all_ended_ = std::move(then);
  if (running_.empty()) return when_all_ended_();
  for (const auto& session : std::vector<std::shared_ptr<HostedSession>>(running_)) session->Kill(SIGHUP);
}

void SessiondSessions::OnEnded(const std::string& session_id) {
  const auto place = std::find_if(running_.begin(), running_.end(),
                                  [&](const auto& session) { return session->info().session_id() == session_id; });
  ended_.push_back((*place)->info());
  if (ended_.size() > options_.ended_sessions_max) ended_.pop_front();
  running_.erase(place);
  if (running_.empty() && when_all_ended_ != nullptr) when_all_ended_();
}

}  // namespace eventlog

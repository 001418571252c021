#include "producers/session/sessiond_commands.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/terminal_json.h"
#include "producers/cli/command_line.h"
#include "producers/cli/exit_code.h"
#include "producers/cli/harmless_text.h"
#include "producers/config/service_settings.h"
#include "producers/session/attach_detach_key.h"
#include "producers/session/attach_terminal.h"
#include "producers/session/session_events.h"
#include "producers/session/session_registry.h"
#include "producers/session/sessiond_client.h"
#include "producers/session/sessiond_launch.h"
#include "producers/session/sessiond_list_text.h"
#include "producers/session/sessiond_socket.h"
#include "proto/session/v1/daemon.pb.h"

namespace eventlog {
namespace {

using session::v1::DaemonReply;
using session::v1::DaemonRequest;

constexpr absl::Duration kPatience = absl::Seconds(30);
// A command may take its time to end, and sessiond may have been told to give it a lot.
constexpr absl::Duration kKillPatience = absl::Minutes(5);

const FlagSpec kSocketFlag = {"socket", "PATH",
                              "sessiond's socket; else EVENTLOG_SESSIOND_SOCKET of the environment, or else "
                              "eventlog-sessiond.sock in XDG_RUNTIME_DIR, or else in the folder of the sessions"};
const FlagSpec kHelpFlag = {"help", "", "this text"};
const FlagSpec kJsonFlag = {"json", "", "JSON, an object a line; also when standard output is no terminal"};
const FlagSpec kDetachKeyFlag = {"detach_key", "KEY",
                                 "what detaches, as \"ctrl-\\ d\" (which it is), \"ctrl-a d\" or \"none\"; else "
                                 "EVENTLOG_DETACH_KEY of the environment"};

// A command's name, help and flags.
struct Usage {
  absl::string_view name;
  absl::string_view words;
  absl::string_view help;
  std::vector<FlagSpec> flags;
};

int Fail(const Usage& usage, const absl::Status& status, int code) {
  std::fprintf(stderr, "session %s: %s\n", std::string(usage.name).c_str(), std::string(status.message()).c_str());
  return code;
}

int Fail(const Usage& usage, const absl::Status& status) {
  return Fail(usage, status, absl::IsUnavailable(status) ? kExitUnreachable : kExitRefused);
}

// The parsed line, or the exit code.
std::optional<CommandLine> ParseOrEnd(const Usage& usage, const std::vector<std::string>& arguments, int& code) {
  absl::StatusOr<CommandLine> line = CommandLine::Parse(arguments, usage.flags);
  if (!line.ok()) {
    code = Fail(usage, line.status(), kExitUsage);
    return std::nullopt;
  }
  if (line->Has("help")) {
    std::printf(
        "session %s %s\n\n%s\n\n%s\nExit codes: 0 done; 1 refused, or no such session, which is so without a sessiond, "
        "too;\n2 wrong command line, 3 sessiond does not answer or cannot be started.\n",
        std::string(usage.name).c_str(), std::string(usage.words).c_str(), std::string(usage.help).c_str(),
        CommandLine::Help(usage.flags).c_str());
    code = kExitOk;
    return std::nullopt;
  }
  return *std::move(line);
}

std::string SocketPath(const CommandLine& line) {
  const std::string path = line.Has("socket") ? line.Get("socket") : SessiondSocketPath(SessionRegistryFolder());
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

bool WantsJson(const CommandLine& line) { return line.Has("json") || isatty(STDOUT_FILENO) == 0; }

absl::StatusOr<DetachKey> DetachKeyOf(const CommandLine& line) {
  const char* const variable = std::getenv(kDetachKeyVariable);
  const bool set = variable != nullptr && *variable != '\0';
  return DetachKey::Parse(line.Get("detach_key", set ? variable : kDefaultDetachKey));
}

// The only word of a line, which names a session.
absl::StatusOr<std::string> SessionWord(const CommandLine& line) {
  if (line.words().size() == 1 && !line.words()[0].empty()) return line.words()[0];
  return absl::InvalidArgumentError(
      absl::StrCat(line.words().size(), " sessions are named; right is one ID or NAME, as session list shows them"));
}

absl::StatusOr<std::unique_ptr<SessiondClient>> Connect(const CommandLine& line, const std::string& session) {
  absl::StatusOr<std::unique_ptr<SessiondClient>> client = SessiondClient::Connect(SocketPath(line));
  if (!absl::IsNotFound(client.status())) return client;
  return absl::NotFoundError(absl::StrCat("no session \"", session, "\": ", client.status().message()));
}

int EndOfAttach(const Usage& usage, const std::string& session, const absl::StatusOr<session::v1::Ended>& ended) {
  if (!ended.ok()) {
    const bool no_terminal = absl::IsFailedPrecondition(ended.status()) && isatty(STDIN_FILENO) == 0;
    return no_terminal ? Fail(usage, ended.status(), kExitUsage) : Fail(usage, ended.status());
  }
  if (ended->reason() == session::v1::DISCONNECT_REASON_SESSION_REMOVED) {
    std::fprintf(stderr, "\r\n[session %s %s]\n", session.c_str(), RemovedText(ended->removed()).c_str());
    return RemovedExitCode(ended->removed());
  }
  std::fprintf(stderr, "\r\n[detached from session %s]\n", session.c_str());
  return kExitOk;
}

int Attach(const Usage& usage, SessiondClient& client, const std::string& session, const DetachKey& key) {
  return EndOfAttach(usage, session, AttachTerminal(client, session, key));
}

absl::StatusOr<DaemonRequest> StartRequest(const CommandLine& line) {
  DaemonRequest request;
  session::v1::StartSession& start = *request.mutable_start();
  start.set_name(line.Get("name"));
  for (const std::string& word : line.words()) start.add_command(word);
  std::error_code error;
  start.set_cwd(std::filesystem::current_path(error).string());
  for (char** variable = environ; *variable != nullptr; ++variable) start.add_environment(*variable);
  *start.mutable_window_size() = TerminalSize();
  start.set_output(line.Has("output"));
  const absl::StatusOr<int64_t> rate = line.GetNumber("output_bytes_per_second_max", 0, 1);
  if (!rate.ok()) return rate.status();
  start.set_output_bytes_per_second_max(*rate);
  return request;
}

// Of "9", "KILL", "SIGKILL" or "kill"; 0 when it is none.
int SignalOf(const std::string& text) {
  int number = 0;
  if (absl::SimpleAtoi(text, &number)) return number > 0 && number <= SIGRTMAX ? number : 0;
  const std::string name = absl::AsciiStrToUpper(text);
  number = SignalNumber(name);
  return number > 0 ? number : SignalNumber(absl::StrCat("SIG", name));
}

}  // namespace

int StartSessionCommand(const std::vector<std::string>& arguments) {
  const Usage usage = {
      "start",
      "[FLAGS] -- COMMAND [ARGUMENT]...",
      "Starts a command as a session that others can attach to, and does not wait for it. Starts "
      "sessiond, detached, when\nnone runs. Events go where sessiond's configuration says, and so does "
      "what the session's hooks tell: for a sessiond that\nis started here, that is EVENTLOG_SERVER, "
      "EVENTLOG_LOG, EVENTLOG_TOKEN and so on, or the configuration file, as they\nare now (sessiond "
      "--help); for one that runs already, as they were then.",
      {{"name", "NAME", "a name for it; no other session that runs may have it"},
       {"attach", "", "attach this terminal to it"},
       {"output", "", "also append what the command prints on its terminal, as session.output"},
       {"output_bytes_per_second_max", "N", "what is printed faster is left out, and counted; 262144 when absent"},
       kDetachKeyFlag,
       kSocketFlag,
       kJsonFlag,
       kHelpFlag}};
  int code = kExitOk;
  const std::optional<CommandLine> line = ParseOrEnd(usage, arguments, code);
  if (!line.has_value()) return code;
  const absl::StatusOr<DetachKey> key = DetachKeyOf(*line);
  if (!key.ok()) return Fail(usage, key.status(), kExitUsage);
  if (line->words().empty()) {
    return Fail(usage, absl::InvalidArgumentError("no command; right is session start -- COMMAND"), kExitUsage);
  }
  const absl::StatusOr<DaemonRequest> request = StartRequest(*line);
  if (!request.ok()) return Fail(usage, request.status(), kExitUsage);
  const absl::StatusOr<SessionRegistry> registry = SessionRegistry::Open(SessionRegistryFolder());
  if (!registry.ok()) return Fail(usage, registry.status(), kExitUnreachable);
  // sessiond is in another folder.
  const absl::StatusOr<ServiceSettings> here = FindServiceSettings({});
  if (here.ok()) PutIntoEnvironment(here->config_path, "", /*insecure=*/false);
  SessiondLaunchOptions launch;
  launch.socket_path = SocketPath(*line);
  launch.program = SessiondProgram();
  launch.log_path = absl::StrCat(registry->folder(), "/sessiond.log");
  absl::StatusOr<std::unique_ptr<SessiondClient>> client = ConnectOrLaunch(launch);
  if (!client.ok()) return Fail(usage, client.status(), kExitUnreachable);
  const absl::StatusOr<DaemonReply> reply = (*client)->Ask(*request, kPatience);
  if (!reply.ok()) return Fail(usage, reply.status());
  if (request->start().output() && !reply->started().output()) {
    std::fprintf(stderr,
                 "session start: sessiond (process %lld) is older than --output: nothing that is printed is "
                 "appended\n",
                 static_cast<long long>(reply->daemon_pid()));
  }
  const std::string& id = reply->started().session_id();
  if (line->Has("attach")) {
    client = SessiondClient::Connect(launch.socket_path);
    return client.ok() ? Attach(usage, **client, id, *key) : Fail(usage, client.status(), kExitUnreachable);
  }
  if (WantsJson(*line)) {
    session::v1::SessionList started;
    *started.add_sessions() = reply->started();
    std::fputs(JsonFor(STDOUT_FILENO, SessionJsonLines(started, absl::Now())).c_str(), stdout);
  } else {
    std::printf("session %s runs; look at it with: session attach %s\n", id.c_str(),
                reply->started().name().empty() ? id.c_str() : Harmless(reply->started().name()).c_str());
  }
  return kExitOk;
}

int AttachSessionCommand(const std::vector<std::string>& arguments) {
  const Usage usage = {"attach",
                       "[FLAGS] ID|NAME",
                       "Connects this terminal to a session: what it printed last is shown, what is typed goes to it. "
                       "Several may be attached;\nthe session has the size of the terminal that was active last. "
                       "Ctrl-\\ and then d detaches (Ctrl-\\ twice types one).\nThe begin of an ID is enough.\nEnds "
                       "with the exit code of the session's command, 128 and the number of the signal that ended it, "
                       "or 0 after a\ndetach.",
                       {kDetachKeyFlag, kSocketFlag, kHelpFlag}};
  int code = kExitOk;
  const std::optional<CommandLine> line = ParseOrEnd(usage, arguments, code);
  if (!line.has_value()) return code;
  const absl::StatusOr<DetachKey> key = DetachKeyOf(*line);
  if (!key.ok()) return Fail(usage, key.status(), kExitUsage);
  const absl::StatusOr<std::string> session = SessionWord(*line);
  if (!session.ok()) return Fail(usage, session.status(), kExitUsage);
  const absl::StatusOr<std::unique_ptr<SessiondClient>> client = Connect(*line, *session);
  if (!client.ok()) return Fail(usage, client.status());
  return Attach(usage, **client, *session, *key);
}

int ListSessionsCommand(const std::vector<std::string>& arguments) {
  const Usage usage = {"list",
                       "[FLAGS]",
                       "The sessions of sessiond that run, and the last that have ended, the oldest first.",
                       {kJsonFlag, kSocketFlag, kHelpFlag}};
  int code = kExitOk;
  const std::optional<CommandLine> line = ParseOrEnd(usage, arguments, code);
  if (!line.has_value()) return code;
  if (!line->words().empty()) {
    return Fail(usage, absl::InvalidArgumentError("takes no words; right is session list"), kExitUsage);
  }
  DaemonReply reply;
  const absl::StatusOr<std::unique_ptr<SessiondClient>> client = SessiondClient::Connect(SocketPath(*line));
  if (client.ok()) {
    DaemonRequest request;
    request.mutable_list();
    const absl::StatusOr<DaemonReply> answer = (*client)->Ask(std::move(request), kPatience);
    if (!answer.ok()) return Fail(usage, answer.status());
    reply = *answer;
  } else if (!absl::IsNotFound(client.status())) {
    return Fail(usage, client.status(), kExitUnreachable);
  }
  // Without a sessiond there are no sessions, which is an answer.
  const std::string text = WantsJson(*line) ? JsonFor(STDOUT_FILENO, SessionJsonLines(reply.sessions(), absl::Now()))
                                            : SessionTable(reply.sessions(), absl::Now());
  std::fputs(text.c_str(), stdout);
  return kExitOk;
}

int KillSessionCommand(const std::vector<std::string>& arguments) {
  const Usage usage = {
      "kill",
      "[FLAGS] ID|NAME",
      "Ends a session, and waits for its end: SIGHUP, and SIGKILL when that has not helped for a while "
      "(sessiond --kill_after_s).",
      {{"signal", "NAME", "the first signal in place of SIGHUP: TERM, SIGTERM or 15"}, kSocketFlag, kHelpFlag}};
  int code = kExitOk;
  const std::optional<CommandLine> line = ParseOrEnd(usage, arguments, code);
  if (!line.has_value()) return code;
  const absl::StatusOr<std::string> session = SessionWord(*line);
  if (!session.ok()) return Fail(usage, session.status(), kExitUsage);
  DaemonRequest request;
  request.mutable_kill()->set_session(*session);
  if (line->Has("signal")) {
    request.mutable_kill()->set_signal(SignalOf(line->Get("signal")));
    if (request.kill().signal() == 0) {
      return Fail(usage,
                  absl::InvalidArgumentError(
                      absl::StrCat("\"", line->Get("signal"), "\" is no signal; right is TERM, SIGTERM or 15")),
                  kExitUsage);
    }
  }
  const absl::StatusOr<std::unique_ptr<SessiondClient>> client = Connect(*line, *session);
  if (!client.ok()) return Fail(usage, client.status());
  const absl::StatusOr<DaemonReply> reply = (*client)->Ask(std::move(request), kKillPatience);
  if (!reply.ok()) return Fail(usage, reply.status());
  if (isatty(STDOUT_FILENO) != 0) {
    std::printf("session %s %s\n", reply->killed().session_id().c_str(),
                RemovedText(reply->killed().removed()).c_str());
  }
  return kExitOk;
}

}  // namespace eventlog

#include "producers/cli/append_command.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/event_json.h"
#include "eventlog-svc/client/event_log_client.h"
#include "eventlog-svc/client/json_text.h"
#include "eventlog-svc/client/rpc_error.h"
#include "grpcpp/channel.h"

namespace eventlog {
namespace {

const std::vector<FlagSpec>& Flags() {
  static const auto* const flags = new std::vector<FlagSpec>{
      {"type", "TYPE", "what happened, in dotted words: session.created"},
      {"subject", "TEXT", "the session or entity that it is about"},
      {"source", "TEXT", "where it happened: /agents/42"},
      {"id", "TEXT", "the event's id; the log gives one when absent"},
      {"time", "RFC3339", "when it happened; the append time when absent"},
      {"attribute", "KEY=VALUE", "an extension attribute", true},
      {"data", "JSON", "the payload as JSON"},
      {"text", "TEXT", "the payload as plain text"},
      {"binary-file", "PATH", "the payload as the bytes of a file"},
      {"content-type", "TYPE", "the payload's media type"},
      {"log", "NAME", "the log; \"events\" when absent"},
      {"stdin", "", "read events from standard input, one JSON object a line, as `eventlog tail` prints them"},
      {"timeout_s", "SECONDS", "how long to try when the service is away; 30 when absent"},
  };
  return *flags;
}

// How long nothing is said of a service that is not reached.
constexpr absl::Duration kSilentWait = absl::Seconds(1);

// Prints the answers in the order of the input; the client's thread and the reading one share it.
class Results {
 public:
  void Answer(int64_t line, const absl::StatusOr<int64_t>& result) {
    absl::MutexLock lock(&mutex_);
    if (result.ok()) {
      std::printf("{\"offset\":%lld}\n", static_cast<long long>(*result));
      std::fflush(stdout);  // who reads us through a pipe waits for it
      return;
    }
    std::fprintf(stderr, "eventlog append: line %lld: %s\n", static_cast<long long>(line),
                 RpcErrorText(result.status()).c_str());
    if (exit_code_ == kExitOk) exit_code_ = ToExitCode(result.status());
  }
  ExitCode exit_code() const {
    absl::MutexLock lock(&mutex_);
    return exit_code_;
  }

 private:
  mutable absl::Mutex mutex_;
  ExitCode exit_code_ ABSL_GUARDED_BY(mutex_) = kExitOk;
};

// Gives events to the client library, and says what comes of them. Used by one thread.
class Appender {
 public:
  Appender(std::string address, std::string log, absl::Duration timeout)
      : address_(std::move(address)), timeout_(timeout), channel_(NewChannel(address_)), client_(channel_, Of(log)) {}

  // False: the service is away for too long; nothing more is worth reading.
  bool Append(int64_t number, v1::Event event) {
    if (!client_.WaitForRoom(static_cast<int64_t>(event.ByteSizeLong()), absl::Now() + timeout_)) {
      results_.Answer(number, absl::UnavailableError("the service did not answer in time; no further line was read"));
      return false;
    }
    const absl::Status taken = client_.AppendEvent(
        std::move(event), [this, number](const absl::StatusOr<int64_t>& result) { results_.Answer(number, result); });
    if (!taken.ok()) results_.Answer(number, taken);
    if (!std::exchange(connection_asked_, true)) AwaitConnection();
    return true;
  }
  void AppendLines(std::istream& input) {
    std::string text;
    for (int64_t number = 1; std::getline(input, text); ++number) {
      if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
      absl::StatusOr<v1::Event> event = ParseEventJson(text);
      if (!event.ok()) {
        results_.Answer(number, event.status());
      } else if (!Append(number, *std::move(event))) {
        return;
      }
    }
  }
  ExitCode Close() {
    const bool answered = client_.Close(absl::Now() + timeout_);
    std::fflush(stdout);
    if (!answered && channel_->GetState(/*try_to_connect=*/false) != GRPC_CHANNEL_READY) {
      std::fprintf(stderr,
                   "eventlog append: %s was not reached in %lld s. Is eventlog-svc running there? --server or %s names "
                   "another address, --timeout_s waits longer.\n",
                   address_.c_str(), static_cast<long long>(absl::ToInt64Seconds(timeout_)), kServerVariable);
    }
    return results_.exit_code();
  }

 private:
  static EventLogClientOptions Of(const std::string& log) {
    EventLogClientOptions options;
    options.log = log;
    return options;
  }
  // Not for long: it only says that the first event waits, which the client sends as soon as it can.
  void AwaitConnection() {
    const absl::Time end = absl::Now() + std::min(timeout_, kSilentWait);
    if (channel_->WaitForConnected(absl::ToChronoTime(end))) return;
    std::fprintf(stderr, "eventlog append: waiting for %s...\n", address_.c_str());
  }

  const std::string address_;
  const absl::Duration timeout_;
  Results results_;
  bool connection_asked_ = false;
  const std::shared_ptr<grpc::Channel> channel_;
  EventLogClient client_;
};

ExitCode Usage(absl::string_view what) {
  std::fprintf(stderr, "%s\n", absl::StrCat("eventlog append: ", what).c_str());
  return kExitUsage;
}

ExitCode Run(const CommandContext& context, const CommandLine& line) {
  const bool from_stdin = line.Has("stdin") || line.words() == std::vector<std::string>{"-"};
  if (!line.words().empty() && line.words() != std::vector<std::string>{"-"}) {
    return Usage(absl::StrCat("unexpected argument \"", line.words()[0], "\"; right is \"-\" or none"));
  }
  const absl::StatusOr<int64_t> timeout = line.GetNumber("timeout_s", 30, 0);
  if (!timeout.ok()) return Usage(timeout.status().message());
  absl::StatusOr<v1::Event> single = v1::Event();
  if (!from_stdin) single = EventFromFlags(line);
  if (!single.ok()) return Usage(single.status().message());

  Appender appender(context.server, line.Get("log"), absl::Seconds(*timeout));
  if (from_stdin) {
    appender.AppendLines(std::cin);
  } else {
    appender.Append(1, *std::move(single));
  }
  return appender.Close();
}

}  // namespace

absl::StatusOr<v1::Event> EventFromFlags(const CommandLine& line) {
  if (line.Has("data") + line.Has("text") + line.Has("binary-file") > 1) {
    return absl::InvalidArgumentError("give at most one of --data, --text, --binary-file");
  }
  std::string json = "{";
  for (const char* flag : {"type", "subject", "source", "id", "time"}) {
    if (!line.Has(flag)) continue;
    absl::StrAppend(&json, json.size() > 1 ? "," : "", "\"", flag, "\":");
    AppendJsonString(line.Get(flag), json);
  }
  absl::StatusOr<v1::Event> event = ParseEventJson(json + "}");
  if (!event.ok()) return event;
  for (const std::string& attribute : line.GetAll("attribute")) {
    const size_t equals = attribute.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat("--attribute=", attribute, ": right is KEY=VALUE"));
    }
    (*event->mutable_attributes())[attribute.substr(0, equals)] = attribute.substr(equals + 1);
  }
  event->set_data_content_type(line.Get("content-type", line.Has("text") ? "text/plain" : ""));
  if (line.Has("text")) event->set_text(line.Get("text"));
  if (line.Has("data")) {
    if (!IsJson(line.Get("data"))) {
      return absl::InvalidArgumentError("--data is not valid JSON; for plain text there is --text");
    }
    event->set_text(line.Get("data"));
  }
  if (line.Has("binary-file")) {
    std::ifstream file(line.Get("binary-file"), std::ios::binary);
    if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read ", line.Get("binary-file")));
    event->set_binary(std::string((std::istreambuf_iterator<char>(file)), {}));
  }
  return event;
}

const Command& AppendCommand() {
  static constexpr Command kCommand = {
      "append",
      "[-]",
      "Append one event, or many from standard input",
      "Prints {\"offset\":N} for each event when it is synced to the log's disk.",
      "  eventlog append --type=session.created --subject=s1 --data='{\"user\":\"ada\"}'\n"
      "      one event\n"
      "  eventlog append --stdin < events.ndjson\n"
      "      an event for each line\n",
      Flags,
      Run,
  };
  return kCommand;
}

}  // namespace eventlog

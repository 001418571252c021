#include "producers/cli/append_command.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/event_json.h"
#include "eventlog-svc/client/json_text.h"
#include "producers/cli/appender.h"
#include "producers/cli/service_flag_specs.h"
#include "producers/config/config_file.h"
#include "producers/spool/spool_folder.h"

namespace eventlog {
namespace {

// No log takes an event as large as this.
constexpr size_t kBinaryBytesMax = 64 * 1024 * 1024;

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
      {"binary_file", "PATH", "the payload as the bytes of a file"},
      {"content_type", "TYPE", "the payload's media type"},
      kLogFlag,
      {"stdin", "", "read events from standard input, JSON objects as `eventlog tail` prints them"},
      {"timeout_s", "SECONDS", "how long to try when the service is away; 30 when absent"},
  };
  return *flags;
}

// Standard error as a terminal shows progress, unless the results go to a terminal, too, and would stand between.
ProgressBarOptions Progress(bool json) {
  ProgressBarOptions options;
  options.visible = isatty(STDERR_FILENO) == 1 && !(json && isatty(STDOUT_FILENO) == 1);
  winsize window = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0) options.columns = window.ws_col;
  struct stat status;
  if (fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode)) {
    const off_t begin = lseek(STDIN_FILENO, 0, SEEK_CUR);
    options.bytes_total = status.st_size - std::max<off_t>(begin, 0);
  }
  return options;
}

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
  if (from_stdin) {
    for (const FlagSpec& flag : Flags()) {
      if (flag.name == "stdin" || flag.name == "log" || flag.name == "timeout_s" || !line.Has(flag.name)) continue;
      return Usage(absl::StrCat("--", flag.name, " describes one event, and standard input has its own"));
    }
  }
  absl::StatusOr<v1::Event> single = v1::Event();
  if (!from_stdin) single = EventFromFlags(line);
  if (!single.ok()) return Usage(single.status().message());

  // Who reads the results may have enough of them: the rest of the input is appended all the same.
  signal(SIGPIPE, SIG_IGN);
  Appender appender({context.server, line.Get("log", LogFromEnvironment()), absl::Seconds(*timeout), context.json,
                     from_stdin ? Progress(context.json) : ProgressBarOptions()});
  if (from_stdin) {
    appender.AppendObjects(std::cin);
  } else {
    appender.Append(InputPlace(), *std::move(single));
  }
  return appender.Close();
}

}  // namespace

absl::StatusOr<v1::Event> EventFromFlags(const CommandLine& line) {
  if (line.Has("data") + line.Has("text") + line.Has("binary_file") > 1) {
    return absl::InvalidArgumentError("give at most one of --data, --text, --binary_file");
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
  event->set_data_content_type(line.Get("content_type", line.Has("text") ? "text/plain" : ""));
  if (line.Has("text")) event->set_text(line.Get("text"));
  if (line.Has("data")) {
    if (!IsJson(line.Get("data"))) {
      return absl::InvalidArgumentError("--data is not valid JSON; for plain text there is --text");
    }
    event->set_text(line.Get("data"));
  }
  if (line.Has("binary_file")) {
    absl::StatusOr<std::string> bytes = ReadSmallInput(line.Get("binary_file"), kBinaryBytesMax);
    if (!bytes.ok()) return bytes.status();
    event->set_binary(*std::move(bytes));
  }
  return event;
}

const Command& AppendCommand() {
  static constexpr Command kCommand = {
      "append",
      "[-]",
      "Append one event, or many from standard input",
      "Prints {\"offset\":N} for each event when it is synced to the log's disk, in the order of the input; on a "
      "terminal\n"
      "a sentence. With --stdin, or -, the input is JSON objects, one a line or each over several lines; what is wrong "
      "is\n"
      "told with its line and column, and the rest is appended. An object has \"type\", and may have subject, source, "
      "id,\n"
      "time, attributes, data_content_type, and one of data (JSON), data_text, data_base64.",
      "  eventlog append --type=session.created --subject=s1 --data='{\"user\":\"ada\"}'\n"
      "      one event\n"
      "  eventlog append --stdin < events.ndjson\n"
      "      each object of a file\n"
      "  eventlog tail --from=earliest --until_caught_up | eventlog append - --log=copy\n"
      "      all of one log into another, which `eventlog logs create copy` has made\n",
      Flags,
      Run,
  };
  return kCommand;
}

}  // namespace eventlog

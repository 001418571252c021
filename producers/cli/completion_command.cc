#include "producers/cli/completion_command.h"

#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "eventlog-svc/client/bearer_token.h"
#include "eventlog-svc/client/channel.h"
#include "grpcpp/client_context.h"
#include "producers/cli/command_context.h"
#include "producers/cli/completer.h"
#include "producers/cli/completion_scripts.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"

namespace eventlog {
namespace {

// Somebody waits with a finger on the key.
constexpr absl::Duration kLogNamesTimeout = absl::Milliseconds(500);
constexpr char kCandidates[] = "candidates";

const std::vector<const Command*>* all_commands = nullptr;

const std::vector<FlagSpec>& Flags() {
  static const auto* const flags = new std::vector<FlagSpec>();
  return *flags;
}

std::vector<std::string> LogNames(const CommandContext& context, const std::string& server) {
  const std::string& address = server.empty() ? context.server : server;
  if (!context.token.empty() && !context.insecure && !CheckTokenStaysHere(address).ok()) return {};
  const auto stub = v1::LogAdmin::NewStub(NewChannel(address));
  grpc::ClientContext call;
  call.set_deadline(absl::ToChronoTime(absl::Now() + kLogNamesTimeout));
  v1::ListLogsResponse response;
  if (!stub->ListLogs(&call, v1::ListLogsRequest(), &response).ok()) return {};
  std::vector<std::string> names;
  for (const v1::Log& log : response.logs()) names.push_back(log.log());
  return names;
}

ExitCode PrintCandidates(const CommandContext& context, std::vector<std::string> words) {
  words.erase(words.begin());
  Completer completer(*all_commands, ContextFlags(),
                      [&](const std::string& server) { return LogNames(context, server); });
  const Completions found = completer.Complete(words);
  for (const Completions::Candidate& candidate : found.candidates) {
    std::printf("%s\n", absl::StrCat(candidate.word, "\t", candidate.description).c_str());
  }
  if (found.files) std::printf(":\n");
  return kExitOk;
}

ExitCode Run(const CommandContext& context, const CommandLine& line) {
  const std::vector<std::string>& words = line.words();
  if (!words.empty() && words[0] == kCandidates) return PrintCandidates(context, words);
  const absl::string_view script = words.size() == 1 ? CompletionScript(words[0]) : "";
  if (script.empty()) {
    std::fprintf(stderr, "eventlog completion: right is one of bash, zsh, fish\n");
    return kExitUsage;
  }
  std::printf("%s", std::string(script).c_str());
  return kExitOk;
}

}  // namespace

const Command& CompletionCommand(const std::vector<const Command*>& commands) {
  all_commands = &commands;
  static constexpr Command kCommand = {
      "completion",
      "bash|zsh|fish",
      "Print what lets a shell complete command lines of eventlog",
      "Completes commands, flags, their values, and the names of logs where the service answers within a moment.",
      "  source <(eventlog completion bash)\n"
      "      in ~/.bashrc\n"
      "  source <(eventlog completion zsh)\n"
      "      in ~/.zshrc, behind compinit\n"
      "  eventlog completion fish | source\n"
      "      in ~/.config/fish/config.fish\n",
      Flags,
      Run,
      kLocalExitCodesHelp,
      kExitUsage,
      kExitUsage,
      /*calls_service=*/false,  // for names alone, where it can
  };
  return kCommand;
}

}  // namespace eventlog

#include "producers/cli/appender.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "eventlog-svc/client/channel.h"
#include "eventlog-svc/client/event_json.h"
#include "producers/cli/json_object_reader.h"

namespace eventlog {
namespace {

// How long nothing is said of a service that does not answer.
constexpr absl::Duration kSilentWait = absl::Seconds(1);

EventLogClientOptions ClientOptions(const std::string& log) {
  EventLogClientOptions options;
  options.log = log;
  return options;
}

}  // namespace

Appender::Appender(AppenderOptions options)
    : options_(std::move(options)),
      results_(options_.json, options_.progress),
      patience_(options_.timeout),
      channel_(NewChannel(options_.server)),
      client_(channel_, ClientOptions(options_.log)) {}

bool Appender::Append(const InputPlace& place, v1::Event event) {
  if (channel_->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY) patience_.Renew();
  if (!client_.WaitForRoom(static_cast<int64_t>(event.ByteSizeLong()), absl::Now() + patience_.left())) {
    results_.Answer(place, absl::UnavailableError("the service did not answer in time; no further line was read"));
    patience_.GiveUp();
    return false;
  }
  const absl::Status taken = client_.AppendEvent(
      std::move(event), [this, place](const absl::StatusOr<int64_t>& result) { results_.Answer(place, result); });
  if (!taken.ok()) results_.Answer(place, taken);
  if (!std::exchange(connection_asked_, true)) AwaitConnection();
  return true;
}

void Appender::AppendObjects(std::istream& input) {
  JsonObjectReader reader(input);
  while (const std::optional<InputObject> object = reader.Next()) {
    const InputPlace place = {object->line, object->column, object->input_bytes};
    absl::StatusOr<v1::Event> event =
        object->text.ok() ? ParseEventJson(*object->text) : absl::StatusOr<v1::Event>(object->text.status());
    if (!event.ok()) {
      results_.Answer(place, event.status());
    } else if (!Append(place, *std::move(event))) {
      return;
    }
    if (results_.log_is_missing()) return;
  }
  if (input.bad()) results_.Answer(InputPlace(), absl::InvalidArgumentError("cannot read standard input"));
}

ExitCode Appender::Close() {
  const absl::Duration patience = patience_.left();
  const absl::Time deadline = absl::Now() + patience;
  if (!client_.Flush(absl::Now() + std::min(patience, kSilentWait)) && !waiting_said_) {
    results_.Say(absl::StrCat("waiting for ", options_.server, " to answer..."));
  }
  if (!client_.Close(deadline)) SayNotReached();
  return results_.Finish();
}

void Appender::SayNotReached() {
  const std::string seconds = absl::StrCat(" in ", absl::ToInt64Seconds(options_.timeout), " s. ");
  const std::string hints =
      absl::StrCat("--server or ", kServerVariable, " names another address, --timeout_s waits longer.");
  if (channel_->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY) {
    results_.Say(absl::StrCat(options_.server, " is there and did not answer", seconds,
                              "What has no answer may be stored or not. ", hints));
  } else {
    results_.Say(absl::StrCat(options_.server, " was not reached", seconds, "Is eventlog-svc running there? ", hints));
  }
}

void Appender::AwaitConnection() {
  const absl::Time begin = absl::Now();
  if (channel_->WaitForConnected(absl::ToChronoTime(begin + std::min(options_.timeout, kSilentWait)))) return;
  patience_.Waited(absl::Now() - begin);
  results_.Say(absl::StrCat("waiting for ", options_.server, "..."));
  waiting_said_ = true;
}

}  // namespace eventlog

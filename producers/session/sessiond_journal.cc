#include "producers/session/sessiond_journal.h"

#include <algorithm>
#include <string>

#include "absl/status/statusor.h"
#include "glog/logging.h"
#include "google/protobuf/util/json_util.h"
#include "proto/session/v1/session.pb.h"
#include "proto/session/v1/session_entry.pb.h"

namespace eventlog {
namespace {

using session::v1::SessionEntry;

template <typename Data>
Data DataOf(const v1::Event& event) {
  Data data;
  const auto parsed = google::protobuf::util::JsonStringToMessage(event.text(), &data);
  CHECK(parsed.ok()) << parsed.ToString();  // MakeEvent has written it
  return data;
}

// An entry that cannot be written costs the repair something, the session nothing.
void Log(const absl::Status& status) {
  if (!status.ok()) LOG(WARNING) << "the registry of sessions: " << status;
}

}  // namespace

absl::Status SessiondJournal::Add(const std::vector<v1::Event>& events) {
  for (const v1::Event& event : events) Prepare(event);
  const absl::Status kept = add_(events);
  if (!kept.ok()) return kept;
  for (const v1::Event& event : events) Settle(event);
  return absl::OkStatus();
}

void SessiondJournal::Prepare(const v1::Event& event) const {
  const bool connected = event.type() == "client.connected";
  if (!connected && event.type() != "session.removed") return;
  absl::StatusOr<SessionEntry> entry = registry_.Read(event.subject());
  if (!entry.ok()) return Log(entry.status());
  if (connected) {
    const std::string id = DataOf<session::v1::ClientConnected>(event).client_id();
    const auto& ids = entry->client_ids();
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) return;
    entry->add_client_ids(id);
    entry->add_unkept_events(event.SerializeAsString());
  } else {
    *entry->mutable_removed() = DataOf<session::v1::SessionRemoved>(event);
  }
  Log(registry_.Write(*entry));
}

void SessiondJournal::Settle(const v1::Event& event) const {
  const bool begun = event.type() == "session.created" || event.type() == "client.connected";
  const bool disconnected = event.type() == "client.disconnected";
  if (!begun && !disconnected && event.type() != "session.removed") return;
  absl::StatusOr<SessionEntry> entry = registry_.Read(event.subject());
  if (!entry.ok()) return Log(entry.status());
  if (begun) {
    auto* const unkept = entry->mutable_unkept_events();
    unkept->erase(std::remove(unkept->begin(), unkept->end(), event.SerializeAsString()), unkept->end());
  }
  if (disconnected) {
    const std::string id = DataOf<session::v1::ClientDisconnected>(event).client_id();
    auto* const ids = entry->mutable_client_ids();
    ids->erase(std::remove(ids->begin(), ids->end(), id), ids->end());
  }
  Log(entry->has_removed() && entry->client_ids().empty() ? registry_.Remove(event.subject())
                                                          : registry_.Write(*entry));
}

}  // namespace eventlog

#include "producers/session/sessiond_lookup.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace eventlog {

absl::StatusOr<size_t> FindSession(absl::string_view wanted, const std::vector<SessionLabel>& sessions) {
  std::vector<size_t> named, begun;
  for (size_t place = 0; place < sessions.size(); ++place) {
    if (wanted.empty()) break;
    if (sessions[place].id == wanted) return place;
    if (sessions[place].name == wanted) named.push_back(place);
    if (absl::StartsWith(sessions[place].id, wanted)) begun.push_back(place);
  }
  const std::vector<size_t>& found = named.empty() ? begun : named;
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return absl::NotFoundError(absl::StrCat("no session \"", absl::CHexEscape(wanted.substr(0, kSessionNameBytesMax)),
                                            "\"; session list shows those that there are"));
  }
  const auto id = [&](std::string* out, size_t place) { out->append(sessions[place].id); };
  return absl::FailedPreconditionError(
      absl::StrCat("\"", wanted, "\" may be each of ", found.size(), " sessions; say more of the id: ",
                   absl::StrJoin(found.begin(), found.begin() + std::min<size_t>(found.size(), 10), ", ", id)));
}

absl::Status CheckSessionName(absl::string_view name) {
  const auto plain = [](unsigned char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-'; };
  if (name.size() <= kSessionNameBytesMax && std::all_of(name.begin(), name.end(), plain) &&
      (name.empty() || absl::ascii_isalnum(static_cast<unsigned char>(name[0])))) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("\"", absl::CHexEscape(name.substr(0, kSessionNameBytesMax)),
                                                 "\" is no name for a session; right are 1 to ", kSessionNameBytesMax,
                                                 " letters, digits and ._- with a letter or digit first"));
}

}  // namespace eventlog

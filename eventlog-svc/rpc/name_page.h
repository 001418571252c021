// One page of things that are listed by name. The token of a page is the last name on the page before.

#ifndef EVENTLOG_SVC_RPC_NAME_PAGE_H_
#define EVENTLOG_SVC_RPC_NAME_PAGE_H_

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "eventlog-svc/rpc/refusals.h"

namespace eventlog {

inline constexpr int64_t kPageSizeDefault = 100;
inline constexpr int64_t kPageSizeMax = 1000;

template <typename Thing>
struct NamePage {
  std::vector<Thing> things;
  std::string next_page_token;  // empty on the last page
};

// `things` are all that there are, sorted by name_of(thing). kInvalidArgument REQUEST_INVALID for a negative page size.
template <typename Thing, typename NameOf>
absl::StatusOr<NamePage<Thing>> TakeNamePage(std::vector<Thing> things, int32_t page_size,
                                             const std::string& page_token, NameOf name_of) {
  if (page_size < 0) {
    return InvalidField("REQUEST_INVALID", "page_size",
                        absl::StrCat(page_size, "; right is 1 to ", kPageSizeMax, ", or 0 for ", kPageSizeDefault));
  }
  const int64_t size = page_size == 0 ? kPageSizeDefault : std::min<int64_t>(page_size, kPageSizeMax);
  const auto first = std::find_if(things.begin(), things.end(), [&](const Thing& thing) {
    return page_token.empty() || name_of(thing) > page_token;
  });
  NamePage<Thing> page;
  const auto last = first + std::min<int64_t>(size, things.end() - first);
  if (last != things.end()) page.next_page_token = name_of(*(last - 1));
  page.things.assign(std::make_move_iterator(first), std::make_move_iterator(last));
  return page;
}

}  // namespace eventlog

#endif  // EVENTLOG_SVC_RPC_NAME_PAGE_H_

// How a client's input is repeated in the words of a refusal.

#ifndef GATEWAY_SVC_HTTP_INPUT_ERROR_H_
#define GATEWAY_SVC_HTTP_INPUT_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace gateway {

// Short and printable, in quotes.
inline std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, 60)), text.size() > 60 ? "…\"" : "\"");
}

template <typename... Pieces>
absl::Status InputError(const Pieces&... pieces) {
  return absl::InvalidArgumentError(absl::StrCat(pieces...));
}

}  // namespace gateway

#endif  // GATEWAY_SVC_HTTP_INPUT_ERROR_H_

#include "gateway-svc/websocket/deflate_extension.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace gateway {
namespace {

constexpr absl::string_view kExtension = "permessage-deflate";
constexpr int kOfferedWindowBitsMin = 8;

// RFC 7230, section 3.2.6.
bool IsTokenCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("!#$%&'*+-.^_`|~").find(c) != absl::string_view::npos;
}

// Reads the words of a header from its front.
class HeaderReader {
 public:
  explicit HeaderReader(absl::string_view text) : rest_(text) {}

  // Whether nothing but white space is left.
  bool AtEnd() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
    return rest_.empty();
  }

  // Takes `c`, with the white space before it.
  bool Take(char c) {
    if (AtEnd() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool TakeToken(std::string& token) {
    size_t size = 0;
    if (AtEnd()) return false;
    while (size < rest_.size() && IsTokenCharacter(rest_[size])) ++size;
    token = std::string(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return size > 0;
  }

  // A token, or a quoted string whose content is one.
  bool TakeValue(std::string& value) {
    if (!Take('"')) return TakeToken(value);
    value.clear();
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      if (rest_.empty() || !IsTokenCharacter(rest_.front())) return false;
      value += rest_.front();
      rest_.remove_prefix(1);
    }
    if (rest_.empty() || value.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

 private:
  absl::string_view rest_;
};

// One offer of permessage-deflate, parameter by parameter.
struct Offer {
  bool acceptable = true;
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  int server_window_bits = 0;  // 0: not named
  bool client_window_is_named = false;
  int client_window_bits = 0;  // 0: named without a value, or not at all
};

// 8..15, written without leading zeros; else 0.
int ParseWindowBits(absl::string_view value) {
  if (value == "8" || value == "9") return value[0] - '0';
  if (value.size() == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5') return 10 + value[1] - '0';
  return 0;
}

// Whether the parameter is one that this offer may have: known, new to it, and with a value that it may have.
bool AddParameter(absl::string_view name, bool has_value, absl::string_view value, Offer& offer) {
  const auto flag = [&](bool& set) {
    if (has_value || set) return false;
    return set = true;
  };
  if (name == "server_no_context_takeover") return flag(offer.server_no_context_takeover);
  if (name == "client_no_context_takeover") return flag(offer.client_no_context_takeover);
  if (name == "server_max_window_bits") {
    if (offer.server_window_bits != 0) return false;
    offer.server_window_bits = ParseWindowBits(value);
    return offer.server_window_bits >= kWindowBitsMin;
  }
  if (name == "client_max_window_bits") {
    if (offer.client_window_is_named) return false;
    offer.client_window_is_named = true;
    if (!has_value) return true;
    offer.client_window_bits = ParseWindowBits(value);
    return offer.client_window_bits >= kOfferedWindowBitsMin;
  }
  return false;
}

// One element of the list. False: it is malformed.
bool ReadOffer(HeaderReader& reader, Offer& offer) {
  std::string name, value;
  if (!reader.TakeToken(name)) return false;
  offer.acceptable = name == kExtension;
  while (reader.Take(';')) {
    if (!reader.TakeToken(name)) return false;
    const bool has_value = reader.Take('=');
    value.clear();
    if (has_value && !reader.TakeValue(value)) return false;
    if (offer.acceptable) offer.acceptable = AddParameter(name, has_value, value, offer);
  }
  return true;
}

DeflateAgreement Accept(const Offer& offer) {
  DeflateAgreement agreement;
  agreement.agreed = true;
  agreement.response_header = absl::StrCat(kExtension, "; server_no_context_takeover; client_no_context_takeover");
  if (offer.server_window_bits != 0) {
    agreement.server_window_bits = offer.server_window_bits;
    absl::StrAppend(&agreement.response_header, "; server_max_window_bits=", offer.server_window_bits);
  }
  // May be answered only where it was offered. Without a value the client leaves the choice to us, and we take any.
  if (offer.client_window_bits != 0) {
    agreement.client_window_bits = offer.client_window_bits;
    absl::StrAppend(&agreement.response_header, "; client_max_window_bits=", offer.client_window_bits);
  }
  return agreement;
}

}  // namespace

bool AgreeOnDeflate(absl::string_view offers, DeflateAgreement& agreement) {
  agreement = DeflateAgreement();
  HeaderReader reader(offers);
  DeflateAgreement first;
  // RFC 7230, section 7: elements of a list may be empty.
  while (!reader.AtEnd()) {
    if (reader.Take(',')) continue;
    Offer offer;
    if (!ReadOffer(reader, offer)) return false;
    if (!reader.AtEnd() && !reader.Take(',')) return false;
    if (offer.acceptable && !first.agreed) first = Accept(offer);
  }
  agreement = first;
  return true;
}

}  // namespace gateway

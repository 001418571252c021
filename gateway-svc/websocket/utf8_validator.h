// Checks UTF-8 as it comes, in pieces of any size, and fails at the first byte that cannot be part of it.

#ifndef GATEWAY_SVC_WEBSOCKET_UTF8_VALIDATOR_H_
#define GATEWAY_SVC_WEBSOCKET_UTF8_VALIDATOR_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace gateway {

class Utf8Validator {
 public:
  // False when the text so far cannot become UTF-8; it stays false until Reset.
  bool Add(absl::string_view bytes);
  // True when the text so far ends with a whole character.
  bool complete() const { return !failed_ && missing_ == 0; }
  void Reset() { *this = Utf8Validator(); }

 private:
  bool Start(uint8_t lead);

  bool failed_ = false;
  // Continuation bytes still to come, and the range of the next one.
  uint8_t missing_ = 0;
  uint8_t low_ = 0x80;
  uint8_t high_ = 0xBF;
};

}  // namespace gateway

#endif  // GATEWAY_SVC_WEBSOCKET_UTF8_VALIDATOR_H_

// Agrees on permessage-deflate (RFC 7692, section 7.1) from the header Sec-WebSocket-Extensions: a pure function.
//
// Whatever is offered, what we answer keeps no context from message to message, in neither direction: a message that
// was compressed once serves every client, and one inflater serves every connection of a thread. Any client must
// accept that (sections 7.1.1.1 and 7.1.1.2). The first offer that can be answered is; other extensions are passed
// over.

#ifndef GATEWAY_SVC_WEBSOCKET_DEFLATE_EXTENSION_H_
#define GATEWAY_SVC_WEBSOCKET_DEFLATE_EXTENSION_H_

#include <string>

#include "absl/strings/string_view.h"

namespace gateway {

// Base two logarithms of LZ77 windows in bytes. zlib does not compress with the smallest that the RFC knows, 8.
inline constexpr int kWindowBitsMin = 9;
inline constexpr int kWindowBitsMax = 15;

// What a sync flush ends with and a compressed message leaves out (section 7.2.1): the length of an empty block without
// compression, whose first bits are still there.
inline constexpr absl::string_view kDeflateTail("\x00\x00\xFF\xFF", 4);

struct DeflateAgreement {
  bool agreed = false;
  // Messages to the client are compressed with a window of at most so many bits: kWindowBitsMin..kWindowBitsMax.
  int server_window_bits = kWindowBitsMax;
  // Those of the client need no larger one: 8..kWindowBitsMax.
  int client_window_bits = kWindowBitsMax;
  // The value of Sec-WebSocket-Extensions in the answer; empty: no such header.
  std::string response_header;
};

// `offers` is the header's value as it came; of several headers, their values joined with ", ". Empty: none.
//
// False: the header does not have the form that RFC 6455, section 9.1 gives it, and the request is bad. An offer with
// an unknown parameter, one twice, or a bad value is passed over (RFC 7692, section 7.1), as is one that asks for a
// window of 8 bits for us. Nothing acceptable: true, and nothing is agreed.
bool AgreeOnDeflate(absl::string_view offers, DeflateAgreement& agreement);

}  // namespace gateway

#endif  // GATEWAY_SVC_WEBSOCKET_DEFLATE_EXTENSION_H_

#include "gateway-svc/websocket/handshake.h"

#include <openssl/evp.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace gateway {
namespace {

constexpr char kKeySuffix[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

bool HasToken(absl::string_view list, absl::string_view token) {
  for (absl::string_view part : absl::StrSplit(list, ',')) {
    if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(part), token)) return true;
  }
  return false;
}

bool IsKey(absl::string_view key) {
  std::string nonce;
  return key.size() == 24 && absl::Base64Unescape(key, &nonce) && nonce.size() == 16;
}

HandshakeAnswer Refuse(int status, std::string message) {
  HandshakeAnswer answer;
  answer.status = status;
  answer.message = std::move(message);
  return answer;
}

}  // namespace

std::string AcceptKey(absl::string_view key) {
  const std::string text = absl::StrCat(key, kKeySuffix);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  return absl::Base64Escape(absl::string_view(reinterpret_cast<const char*>(digest), size));
}

bool WantsWebSocket(const HandshakeRequest& request) { return HasToken(request.upgrade, "websocket"); }

HandshakeAnswer AnswerHandshake(const HandshakeRequest& request, absl::string_view subprotocol, bool deflate) {
  if (request.method != "GET") return Refuse(405, "a WebSocket is opened with GET");
  if (!request.http_1_1) return Refuse(400, "a WebSocket needs HTTP/1.1");
  if (!WantsWebSocket(request)) return Refuse(426, "this address speaks WebSocket: send Upgrade: websocket");
  if (!HasToken(request.connection, "upgrade")) return Refuse(400, "the header Connection: Upgrade is missing");
  if (request.host.empty()) return Refuse(400, "the header Host is missing");
  if (request.version != "13") return Refuse(426, "the header Sec-WebSocket-Version must be 13");
  if (!IsKey(request.key)) return Refuse(400, "the header Sec-WebSocket-Key must be 16 bytes in base64");
  HandshakeAnswer answer;
  if (!subprotocol.empty() && !request.protocols.empty()) {
    for (absl::string_view offered : absl::StrSplit(request.protocols, ',')) {
      if (absl::StripAsciiWhitespace(offered) == subprotocol) answer.subprotocol = std::string(subprotocol);
    }
    if (answer.subprotocol.empty()) {
      return Refuse(400, absl::StrCat("the only subprotocol here is ", subprotocol, "; offer it, or none"));
    }
  }
  DeflateAgreement agreement;
  if (!AgreeOnDeflate(request.extensions, agreement)) {
    return Refuse(400, "the header Sec-WebSocket-Extensions is malformed");
  }
  if (deflate) answer.deflate = std::move(agreement);
  answer.status = 101;
  answer.accept = AcceptKey(request.key);
  return answer;
}

}  // namespace gateway

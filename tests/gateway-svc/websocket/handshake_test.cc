#include "gateway-svc/websocket/handshake.h"

#include <string>

#include "gtest/gtest.h"

namespace gateway {
namespace {

HandshakeRequest Good() {
  HandshakeRequest request;
  request.method = "GET";
  request.host = "server.example.com";
  request.upgrade = "websocket";
  request.connection = "Upgrade";
  request.key = "dGhlIHNhbXBsZSBub25jZQ==";
  request.version = "13";
  return request;
}

TEST(HandshakeTest, AcceptsTheExampleOfTheRfc) {
  const HandshakeAnswer answer = AnswerHandshake(Good(), kSubprotocol);
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(answer.subprotocol, "");
}

TEST(HandshakeTest, TokensAreListsAndCaseDoesNotMatter) {
  HandshakeRequest request = Good();
  request.upgrade = "h2c, WebSocket";
  request.connection = "keep-alive, UPGRADE";
  EXPECT_EQ(AnswerHandshake(request, kSubprotocol).status, 101);
}

TEST(HandshakeTest, ChoosesOurSubprotocolWhenOffered) {
  HandshakeRequest request = Good();
  request.protocols = "chat,eventlog.v1.json , other";
  EXPECT_EQ(AnswerHandshake(request, kSubprotocol).subprotocol, "eventlog.v1.json");
  request.protocols = "chat";
  EXPECT_EQ(AnswerHandshake(request, kSubprotocol).status, 400);
  EXPECT_EQ(AnswerHandshake(request, "").status, 101);
  EXPECT_EQ(AnswerHandshake(request, "").subprotocol, "");
}

TEST(HandshakeTest, RefusesWhatIsMissingOrWrong) {
  const auto status = [](void (*spoil)(HandshakeRequest&)) {
    HandshakeRequest request = Good();
    spoil(request);
    const HandshakeAnswer answer = AnswerHandshake(request, kSubprotocol);
    EXPECT_FALSE(answer.message.empty());
    return answer.status;
  };
  EXPECT_EQ(status([](HandshakeRequest& r) { r.method = "POST"; }), 405);
  EXPECT_EQ(status([](HandshakeRequest& r) { r.http_1_1 = false; }), 400);
  EXPECT_EQ(status([](HandshakeRequest& r) { r.host = ""; }), 400);
  EXPECT_EQ(status([](HandshakeRequest& r) { r.upgrade = ""; }), 426);
  EXPECT_EQ(status([](HandshakeRequest& r) { r.connection = "keep-alive"; }), 400);
  EXPECT_EQ(status([](HandshakeRequest& r) { r.version = "8"; }), 426);
  EXPECT_EQ(status([](HandshakeRequest& r) { r.key = ""; }), 400);
  EXPECT_EQ(status([](HandshakeRequest& r) { r.key = "dGhlIHNhbXBsZSBub25jZ!=="; }), 400);
  EXPECT_EQ(status([](HandshakeRequest& r) { r.key = "c2hvcnQ="; }), 400);
}

TEST(HandshakeTest, DeflateIsAgreedOnWhereItMayBeAndIsOffered) {
  HandshakeRequest request = Good();
  EXPECT_FALSE(AnswerHandshake(request, kSubprotocol, /*deflate=*/true).deflate.agreed);
  request.extensions = "permessage-deflate; client_max_window_bits; server_max_window_bits=11";
  const HandshakeAnswer answer = AnswerHandshake(request, kSubprotocol, /*deflate=*/true);
  EXPECT_EQ(answer.status, 101);
  EXPECT_TRUE(answer.deflate.agreed);
  EXPECT_EQ(answer.deflate.server_window_bits, 11);
  EXPECT_EQ(answer.deflate.response_header,
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=11");
  const HandshakeAnswer plain = AnswerHandshake(request, kSubprotocol, /*deflate=*/false);
  EXPECT_EQ(plain.status, 101);
  EXPECT_FALSE(plain.deflate.agreed);
  EXPECT_EQ(plain.deflate.response_header, "");
}

TEST(HandshakeTest, MalformedExtensionsAreABadRequest) {
  HandshakeRequest request = Good();
  request.extensions = "permessage-deflate; server_max_window_bits=";
  for (const bool deflate : {false, true}) {
    const HandshakeAnswer answer = AnswerHandshake(request, kSubprotocol, deflate);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.message, "the header Sec-WebSocket-Extensions is malformed");
    EXPECT_FALSE(answer.deflate.agreed);
  }
}

}  // namespace
}  // namespace gateway

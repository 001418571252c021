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

}  // namespace
}  // namespace gateway

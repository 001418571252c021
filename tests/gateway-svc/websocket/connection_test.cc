#include "gateway-svc/websocket/connection.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/gateway-svc/websocket/client_frame.h"
#include "tests/gateway-svc/websocket/raw_deflate.h"

namespace gateway {
namespace {

class RecordedEvents : public ConnectionEvents {
 public:
  void OnMessage(bool text, std::string payload) override { messages.push_back((text ? "t:" : "b:") + payload); }
  void OnPong(absl::string_view payload) override { pongs.emplace_back(payload); }
  void OnControlFrame(std::string frame) override { sent += frame; }

  std::vector<std::string> messages;
  std::vector<std::string> pongs;
  std::string sent;
};

class ConnectionTest : public testing::Test {
 protected:
  void Receive(std::string bytes) { connection_.Receive(absl::MakeSpan(&bytes[0], bytes.size())); }

  RecordedEvents events_;
  Connection connection_{ConnectionLimits(), events_};
};

TEST_F(ConnectionTest, MessagesComeOutInOrder) {
  Receive(ClientFrame(0x81, "one") + ClientFrame(0x02, "tw") + ClientFrame(0x80, "o"));
  EXPECT_EQ(events_.messages, (std::vector<std::string>{"t:one", "b:two"}));
  EXPECT_EQ(events_.sent, "");
}

TEST_F(ConnectionTest, EveryPingIsAnsweredWithItsPayload) {
  Receive(ClientFrame(0x89, "a") + ClientFrame(0x89, "") + ClientFrame(0x8A, "unasked") +
          ClientFrame(0x89, std::string(125, 'x')));
  EXPECT_EQ(events_.sent, EncodeFrame(Opcode::kPong, "a") + EncodeFrame(Opcode::kPong, "") +
                              EncodeFrame(Opcode::kPong, std::string(125, 'x')));
  EXPECT_EQ(events_.pongs, std::vector<std::string>{"unasked"});
}

TEST_F(ConnectionTest, ACloseIsEchoedAndEndsIt) {
  Receive(ClientClose(3000, "done") + ClientFrame(0x89, "late") + ClientFrame(0x81, "late"));
  EXPECT_EQ(events_.sent, EncodeClose(3000, "done"));
  EXPECT_TRUE(events_.messages.empty());
  EXPECT_TRUE(connection_.disconnect());
  EXPECT_FALSE(connection_.failed());
  EXPECT_EQ(connection_.close_code(), 3000);
}

TEST_F(ConnectionTest, ACloseWithoutACodeIsAnsweredWithoutOne) {
  Receive(ClientFrame(0x88, ""));
  EXPECT_EQ(events_.sent, std::string("\x88\x00", 2));
  EXPECT_EQ(connection_.close_code(), 1005);
}

TEST_F(ConnectionTest, OurCloseWaitsForThePeersAnswer) {
  connection_.Close(1012, "restart");
  connection_.Close(1000, "again");
  EXPECT_EQ(events_.sent, EncodeClose(1012, "restart"));
  EXPECT_FALSE(connection_.disconnect());
  Receive(ClientFrame(0x81, "on its way before the peer saw the close") + ClientFrame(0x89, "p"));
  EXPECT_TRUE(events_.messages.empty());
  EXPECT_FALSE(connection_.disconnect());
  Receive(ClientClose(1012, "restart"));
  EXPECT_TRUE(connection_.disconnect());
  EXPECT_EQ(events_.sent, EncodeClose(1012, "restart"));
}

TEST_F(ConnectionTest, AnErrorIsClosedWithItsCode) {
  Receive(ClientFrame(0x81, "before") + ClientFrame(0x83, "") + ClientFrame(0x81, "after"));
  EXPECT_EQ(events_.messages, std::vector<std::string>{"t:before"});
  EXPECT_TRUE(connection_.failed());
  EXPECT_TRUE(connection_.disconnect());
  EXPECT_EQ(connection_.close_code(), 1002);
  EXPECT_EQ(events_.sent.substr(0, 4), EncodeClose(1002, "reserved opcode").substr(0, 4));
}

TEST_F(ConnectionTest, BadTextClosesWith1007) {
  Receive(ClientFrame(0x81, "\xC3("));
  EXPECT_EQ(connection_.close_code(), 1007);
}

TEST_F(ConnectionTest, LimitsCloseWith1009) {
  Receive(ClientFrame(0x82, std::string(4097, 'x')));
  EXPECT_EQ(connection_.close_code(), 1009);
}

TEST_F(ConnectionTest, WithoutTheAgreementACompressedMessageIsAProtocolError) {
  Receive(ClientFrame(0xC1, RawDeflate("Hello")));
  EXPECT_EQ(connection_.close_code(), 1002);
}

TEST_F(ConnectionTest, WithTheAgreementMessagesMayBeCompressedOrNot) {
  MessageInflater inflater;
  Connection agreed({}, events_, &inflater);
  std::string bytes = ClientFrame(0xC1, RawDeflate("Hello")) + ClientFrame(0x81, "plain") +
                      ClientFrame(0x42, RawDeflate("in two").substr(0, 3)) + ClientFrame(0x89, "p") +
                      ClientFrame(0x80, RawDeflate("in two").substr(3));
  agreed.Receive(absl::MakeSpan(bytes));
  EXPECT_EQ(events_.messages, (std::vector<std::string>{"t:Hello", "t:plain", "b:in two"}));
  EXPECT_EQ(events_.sent, EncodeFrame(Opcode::kPong, "p"));
  EXPECT_FALSE(agreed.failed());
}

// Why a connection ends has one name for each kind of wrong.
TEST_F(ConnectionTest, EachFailureHasItsNameAndCode) {
  MessageInflater inflater;
  const ConnectionLimits limits{64 * 1024, 1024 * 1024};
  const struct {
    std::string bytes;
    std::string name;
    int code;
  } cases[] = {
      {ClientFrame(0xC9, ""), "protocol_error", 1002},
      {ClientFrame(0x01, "a") + ClientFrame(0xC0, "b"), "protocol_error", 1002},
      {ClientFrame(0xE1, ""), "protocol_error", 1002},
      {ClientFrame(0xC1, "\xFF"), "invalid_payload", 1007},
      {ClientFrame(0xC1, RawDeflate("\xFF")), "invalid_payload", 1007},
      {ClientFrame(0xC1, RawDeflate(std::string(1000 * 1000, 'x'))), "inflate_ratio", 1009},
      {ClientFrame(0x82, std::string(65537, 'x')), "too_big", 1009},
  };
  for (const auto& c : cases) {
    RecordedEvents events;
    Connection connection(limits, events, &inflater);
    EXPECT_EQ(connection.failure(), nullptr);
    std::string bytes = c.bytes;
    connection.Receive(absl::MakeSpan(bytes));
    ASSERT_NE(connection.failure(), nullptr) << c.name;
    EXPECT_EQ(connection.failure()->code.name, c.name);
    EXPECT_EQ(connection.close_code(), c.code);
    EXPECT_EQ(events.sent, EncodeClose(static_cast<uint16_t>(c.code), connection.failure()->text));
  }
}

// Whatever comes, however cut: no more than one Close goes out, it is the last frame, and the outcome is the same.
TEST(ConnectionMutationTest, AtMostOneCloseAndItIsTheLastFrame) {
  std::mt19937 random(7);
  const std::string seed = ClientFrame(0x81, "hello") + ClientFrame(0x89, "ping") + ClientFrame(0x01, "fr\xC3") +
                           ClientFrame(0x80, "\xA9") + ClientFrame(0x82, std::string(200, 'b')) +
                           ClientClose(1000, "bye");
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = seed;
    for (int i = random() % 4; i > 0; --i) bytes[random() % bytes.size()] = static_cast<char>(random());
    RecordedEvents whole_events, split_events;
    Connection whole({}, whole_events), split({}, split_events);
    std::string copy = bytes;
    for (size_t at = 0; at < bytes.size();) {
      const size_t size = std::min<size_t>(1 + random() % 30, bytes.size() - at);
      split.Receive(absl::MakeSpan(&copy[at], size));
      at += size;
    }
    whole.Receive(absl::MakeSpan(&bytes[0], bytes.size()));
    EXPECT_EQ(whole_events.messages, split_events.messages);
    EXPECT_EQ(whole_events.sent, split_events.sent);
    EXPECT_EQ(whole.close_code(), split.close_code());
    int closes = 0;
    for (size_t at = 0; at < whole_events.sent.size(); at += 2 + whole_events.sent[at + 1]) {
      EXPECT_EQ(closes, 0) << "a frame after the close";
      closes += static_cast<uint8_t>(whole_events.sent[at]) == 0x88;
    }
    EXPECT_EQ(closes, whole.close_sent() ? 1 : 0);
  }
}

}  // namespace
}  // namespace gateway

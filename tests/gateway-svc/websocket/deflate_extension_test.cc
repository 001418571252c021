#include "gateway-svc/websocket/deflate_extension.h"

#include <string>

#include "gtest/gtest.h"

namespace gateway {
namespace {

constexpr char kAnswer[] = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

// The answer's header; "-" when nothing is agreed, "malformed" for that.
std::string Answer(const std::string& offers) {
  DeflateAgreement agreement;
  if (!AgreeOnDeflate(offers, agreement)) {
    EXPECT_FALSE(agreement.agreed);
    return "malformed";
  }
  EXPECT_EQ(agreement.agreed, !agreement.response_header.empty());
  return agreement.agreed ? agreement.response_header : "-";
}

TEST(DeflateExtensionTest, NoOfferIsNoAgreement) {
  EXPECT_EQ(Answer(""), "-");
  EXPECT_EQ(Answer("  "), "-");
  EXPECT_EQ(Answer(" , ,"), "-");
}

// What Chromium, Firefox, Safari, Python websockets and aiohttp, Node ws, Go clients and Autobahn send.
TEST(DeflateExtensionTest, WhatClientsOfferIsAccepted) {
  EXPECT_EQ(Answer("permessage-deflate; client_max_window_bits"), kAnswer);
  EXPECT_EQ(Answer("permessage-deflate"), kAnswer);
  EXPECT_EQ(Answer("x-webkit-deflate-frame, permessage-deflate"), kAnswer);
  EXPECT_EQ(Answer("permessage-deflate; server_no_context_takeover; client_no_context_takeover"), kAnswer);
  EXPECT_EQ(Answer("permessage-deflate; server_no_context_takeover; server_max_window_bits=12; "
                   "client_max_window_bits=12"),
            std::string(kAnswer) + "; server_max_window_bits=12; client_max_window_bits=12");
  EXPECT_EQ(Answer("permessage-deflate; client_no_context_takeover; client_max_window_bits, permessage-deflate"),
            kAnswer);
}

// RFC 7692, section 7.1.3, and the offer of section 5.1 with a quoted value.
TEST(DeflateExtensionTest, TheExamplesOfTheRfc) {
  const std::string ten = std::string(kAnswer) + "; server_max_window_bits=10";
  EXPECT_EQ(Answer("permessage-deflate"), kAnswer);
  EXPECT_EQ(Answer("permessage-deflate; client_max_window_bits; server_max_window_bits=10"), ten);
  EXPECT_EQ(Answer("permessage-deflate; client_max_window_bits; server_max_window_bits=10, "
                   "permessage-deflate; client_max_window_bits"),
            ten);
  EXPECT_EQ(Answer("permessage-foo; use_y, permessage-foo"), "-");
  EXPECT_EQ(Answer("permessage-bar; x=\"10\", permessage-deflate; server_max_window_bits=\"10\""), ten);
}

TEST(DeflateExtensionTest, WindowsAreHonoured) {
  for (int bits = 9; bits <= 15; ++bits) {
    const std::string number = std::to_string(bits);
    DeflateAgreement agreement;
    ASSERT_TRUE(AgreeOnDeflate("permessage-deflate; server_max_window_bits=" + number, agreement));
    EXPECT_TRUE(agreement.agreed);
    EXPECT_EQ(agreement.server_window_bits, bits);
    EXPECT_EQ(agreement.client_window_bits, 15);
    EXPECT_EQ(agreement.response_header, std::string(kAnswer) + "; server_max_window_bits=" + number);
  }
  for (int bits = 8; bits <= 15; ++bits) {
    const std::string number = std::to_string(bits);
    DeflateAgreement agreement;
    ASSERT_TRUE(AgreeOnDeflate("permessage-deflate; client_max_window_bits=" + number, agreement));
    EXPECT_EQ(agreement.client_window_bits, bits);
    EXPECT_EQ(agreement.server_window_bits, 15);
    EXPECT_EQ(agreement.response_header, std::string(kAnswer) + "; client_max_window_bits=" + number);
  }
}

// zlib takes 8 for 9, which a client that cannot bear 9 would not inflate: such an offer is left to the next one.
TEST(DeflateExtensionTest, AServerWindowOfEightBitsIsDeclined) {
  EXPECT_EQ(Answer("permessage-deflate; server_max_window_bits=8"), "-");
  EXPECT_EQ(Answer("permessage-deflate; server_max_window_bits=8, permessage-deflate"), kAnswer);
}

TEST(DeflateExtensionTest, WhatIsNotPreciselyAnOfferIsDeclined) {
  for (const char* parameters : {
           "unknown",
           "unknown=1",
           "server_no_context_takeover=1",
           "client_no_context_takeover=true",
           "server_no_context_takeover; server_no_context_takeover",
           "client_no_context_takeover; client_no_context_takeover",
           "server_max_window_bits",
           "server_max_window_bits=7",
           "server_max_window_bits=16",
           "server_max_window_bits=010",
           "server_max_window_bits=1",
           "server_max_window_bits=1a",
           "server_max_window_bits=-9",
           "server_max_window_bits=+9",
           "server_max_window_bits=115",
           "server_max_window_bits=99999999999999999999",
           "server_max_window_bits=10; server_max_window_bits=10",
           "client_max_window_bits=7",
           "client_max_window_bits=16",
           "client_max_window_bits=08",
           "client_max_window_bits=x",
           "client_max_window_bits; client_max_window_bits",
           "client_max_window_bits=10; client_max_window_bits",
           "Server_No_Context_Takeover",
       }) {
    const std::string offer = std::string("permessage-deflate; ") + parameters;
    EXPECT_EQ(Answer(offer), "-") << parameters;
    EXPECT_EQ(Answer(offer + "; client_no_context_takeover"), "-") << parameters;
    EXPECT_EQ(Answer(offer + ", permessage-deflate; server_max_window_bits=11, permessage-deflate"),
              std::string(kAnswer) + "; server_max_window_bits=11")
        << parameters;
  }
}

TEST(DeflateExtensionTest, OtherExtensionsArePassedOver) {
  EXPECT_EQ(Answer("mux; max-channels=4; flow-control"), "-");
  EXPECT_EQ(Answer("permessage-bzip2, permessage-deflate-not, mux;x=\"y\" , permessage-deflate"), kAnswer);
  EXPECT_EQ(Answer("mux; x; x; x=1, permessage-deflate"), kAnswer);
}

TEST(DeflateExtensionTest, TheFirstAcceptableOfferIsTaken) {
  EXPECT_EQ(Answer("permessage-deflate; server_max_window_bits=10, permessage-deflate"),
            std::string(kAnswer) + "; server_max_window_bits=10");
  EXPECT_EQ(Answer("permessage-deflate, permessage-deflate; server_max_window_bits=10"), kAnswer);
}

TEST(DeflateExtensionTest, QuotesAndWhiteSpaceDoNotMatter) {
  const std::string ten = std::string(kAnswer) + "; server_max_window_bits=10";
  EXPECT_EQ(Answer("permessage-deflate; server_max_window_bits=\"10\""), ten);
  EXPECT_EQ(Answer("permessage-deflate; server_max_window_bits=\"\\1\\0\""), ten);
  EXPECT_EQ(Answer("permessage-deflate;server_max_window_bits=10"), ten);
  EXPECT_EQ(Answer(" \tpermessage-deflate\t;  server_max_window_bits = 10 , "), ten);
  EXPECT_EQ(Answer(",permessage-deflate,,"), kAnswer);
}

TEST(DeflateExtensionTest, AMalformedHeaderIsRefused) {
  for (const char* header : {
           "permessage-deflate;",
           "permessage-deflate; ;",
           "permessage-deflate;, x",
           ";",
           "=",
           "permessage-deflate=1",
           "permessage-deflate; server_max_window_bits=",
           "permessage-deflate; =10",
           "permessage-deflate; server_max_window_bits=10=11",
           "permessage-deflate; server_max_window_bits=\"10",
           "permessage-deflate; server_max_window_bits=\"10\\",
           "permessage-deflate; server_max_window_bits=\"\"",
           "permessage-deflate; server_max_window_bits=\"1 0\"",
           "permessage-deflate; server_max_window_bits=\"10\"x",
           "permessage-deflate server_max_window_bits",
           "\"permessage-deflate\"",
           "permessage deflate",
           "permessage/deflate",
           "permessage-deflate, mux; x=(1)",
           "permessage-deflate, \x01",
           "permessage-deflate, \xC3\xA9",
           "permessage-deflate, mux; \x7F",
       }) {
    EXPECT_EQ(Answer(header), "malformed") << header;
  }
  EXPECT_EQ(Answer(std::string("permessage-deflate\0", 19)), "malformed");
}

TEST(DeflateExtensionTest, WhatWasAgreedBeforeIsReplaced) {
  DeflateAgreement agreement;
  ASSERT_TRUE(AgreeOnDeflate("permessage-deflate; server_max_window_bits=10", agreement));
  ASSERT_TRUE(AgreeOnDeflate("", agreement));
  EXPECT_FALSE(agreement.agreed);
  EXPECT_EQ(agreement.server_window_bits, 15);
  EXPECT_EQ(agreement.response_header, "");
}

}  // namespace
}  // namespace gateway

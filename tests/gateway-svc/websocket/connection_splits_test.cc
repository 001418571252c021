// However the bytes of a client are cut, a connection makes the same of them: what the client meant.
//
// SPLIT_MESSAGES says of how many generated messages every split is tried.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gateway-svc/websocket/connection.h"
#include "gateway-svc/websocket/message_inflater.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/websocket/client_frame.h"
#include "tests/gateway-svc/websocket/client_script.h"
#include "tests/gateway-svc/websocket/connection_outcome.h"
#include "tests/gateway-svc/websocket/raw_deflate.h"

namespace gateway {
namespace {

bool Holds(const ClientScript& script, const std::vector<size_t>& cuts, const ConnectionLimits& limits,
           MessageInflater* inflater) {
  return Receive(script.bytes, cuts, limits, inflater) == script.expected;
}

TEST(ConnectionSplitsTest, EverySplitOfGeneratedMessagesGivesTheSame) {
  int messages_wanted = 0;
  ASSERT_TRUE(absl::SimpleAtoi(std::getenv("SPLIT_MESSAGES"), &messages_wanted));
  MessageInflater inflater(kScriptInflateLimits);
  int messages = 0, splits = 0;
  for (uint32_t seed = 0; messages < messages_wanted; ++seed) {
    const bool deflate = seed % 3 != 0;
    const ClientScript script = ClientScriptWriter(seed, deflate).Write(4);
    MessageInflater* const agreed = deflate ? &inflater : nullptr;
    ASSERT_TRUE(Holds(script, {}, kScriptLimits, agreed)) << "whole, seed " << seed;
    ASSERT_TRUE(Holds(script, CutAtEachByte(script.bytes), kScriptLimits, agreed)) << "byte by byte, seed " << seed;
    // Larger ones than this are errors of size: their beginning is what matters.
    const size_t end = std::min<size_t>(script.bytes.size(), 2000);
    for (size_t at = 1; at < end; ++at) {
      ASSERT_TRUE(Holds(script, {at}, kScriptLimits, agreed)) << "split at " << at << ", seed " << seed;
    }
    splits += static_cast<int>(end);
    for (const std::string& line : script.expected.lines) messages += line[0] == 't' || line[0] == 'b';
  }
  std::printf("%d messages, %d splits\n", messages, splits);
}

TEST(ConnectionSplitsTest, GeneratedSequencesInRandomPiecesGiveTheSame) {
  MessageInflater inflater(kScriptInflateLimits);
  std::mt19937 random(7);
  for (uint32_t seed = 1'000'000; seed < 1'002'000; ++seed) {
    const bool deflate = seed % 3 != 0;
    const ClientScript script = ClientScriptWriter(seed, deflate).Write(40);
    std::vector<size_t> cuts;
    const size_t piece_bytes_max = 1 + random() % 500;
    for (size_t at = 0; (at += 1 + random() % piece_bytes_max) < script.bytes.size();) cuts.push_back(at);
    ASSERT_TRUE(Holds(script, cuts, kScriptLimits, deflate ? &inflater : nullptr)) << "seed " << seed;
  }
}

// Each form of a length, plain and compressed; near both ends of the frame every split, between them some.
TEST(ConnectionSplitsTest, LengthsOfEachFormMayBeSplit) {
  MessageInflater inflater(InflateLimits{0, 0});
  const ConnectionLimits limits{1 << 20, 1 << 20};
  for (const size_t size : {0, 1, 125, 126, 127, 65535, 65536, 70001}) {
    std::string noise(size, '\0');
    for (size_t i = 0; i < size; ++i) noise[i] = static_cast<char>((i * 2654435761u) >> 16);
    for (const bool compressed : {false, true}) {
      ClientScript script;
      script.bytes = compressed ? ClientFrame(0xC2, RawDeflate(noise, {0})) : ClientFrame(0x82, noise);
      script.expected.lines = {absl::StrCat("binary ", noise)};
      ASSERT_TRUE(Holds(script, CutAtEachByte(script.bytes), limits, &inflater)) << size;
      for (size_t at = 1; at < script.bytes.size(); at += at < 40 || at + 40 > script.bytes.size() ? 1 : 997) {
        ASSERT_TRUE(Holds(script, {at}, limits, &inflater)) << size << " " << compressed << " " << at;
      }
    }
  }
}

}  // namespace
}  // namespace gateway

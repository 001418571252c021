#include "tests/bench/server_frames.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace eventlog::bench {
namespace {

std::string Frame(uint8_t first, const std::string& payload) {
  std::string frame(1, static_cast<char>(first));
  if (payload.size() < 126) {
    frame += static_cast<char>(payload.size());
  } else if (payload.size() < 65'536) {
    frame += {126, static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size())};
  } else {
    frame += static_cast<char>(127);
    for (int i = 7; i >= 0; --i) frame += static_cast<char>(payload.size() >> (8 * i));
  }
  return frame + payload;
}

// Each message and control frame as "opcode[z] payload"; pieces are put together.
std::vector<std::string> Read(const std::vector<std::string>& chunks) {
  ServerFrames frames;
  std::vector<std::string> found;
  std::string message, control;
  for (std::string chunk : chunks) {
    frames.Read(chunk.data(), chunk.size(), [&](const FramePiece& piece) {
      std::string& text = piece.control ? control : message;
      text.append(piece.data, piece.size);
      if (!piece.ends) return;
      found.push_back(absl::StrCat(piece.opcode, piece.compressed ? "z " : " ", text));
      text.clear();
    });
  }
  return found;
}

TEST(ServerFramesTest, MessagesAreTheSameWhereverTheChunksAreCut) {
  const std::string medium(200, 'm'), large(70'000, 'l');
  const std::string bytes = Frame(0x81, "a") + Frame(0x81, "") + Frame(0x81, medium) + Frame(0xC1, "packed") +
                            Frame(0x41, "first ") + Frame(0x89, "ping") + Frame(0x80, "last") + Frame(0x81, large) +
                            Frame(0x88, "");
  const std::vector<std::string> expected = {
      "1 a", "1 ", absl::StrCat("1 ", medium), "1z packed", "9 ping", "0z first last", absl::StrCat("1 ", large), "8 "};
  EXPECT_EQ(expected, Read({bytes}));
  for (size_t cut = 0; cut <= 260; ++cut) EXPECT_EQ(expected, Read({bytes.substr(0, cut), bytes.substr(cut)})) << cut;
  std::vector<std::string> chunks;
  for (const char c : bytes) chunks.emplace_back(1, c);
  EXPECT_EQ(expected, Read(chunks));
}

}  // namespace
}  // namespace eventlog::bench

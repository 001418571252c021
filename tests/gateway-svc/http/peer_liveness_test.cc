#include "gateway-svc/http/peer_liveness.h"

#include "gtest/gtest.h"

namespace gateway {
namespace {

constexpr absl::Duration kPing = absl::Seconds(10);
constexpr absl::Duration kDeadline = absl::Seconds(60);

absl::Duration At(int seconds) { return absl::Seconds(1000 + seconds); }

TEST(PeerLivenessTest, PingsOncePerIntervalAndNotWhileAPongIsDue) {
  PeerLiveness peer(kPing, kDeadline, At(0));
  EXPECT_FALSE(peer.PingDue(At(9)));
  EXPECT_TRUE(peer.PingDue(At(10)));
  peer.OnPing(At(10));
  EXPECT_FALSE(peer.PingDue(At(30)));
  peer.OnPong();
  EXPECT_FALSE(peer.PingDue(At(19)));
  EXPECT_TRUE(peer.PingDue(At(20)));
}

TEST(PeerLivenessTest, SilenceAfterAPingEnds) {
  PeerLiveness peer(kPing, kDeadline, At(0));
  EXPECT_FALSE(peer.Gone(At(500))) << "nothing was asked";
  peer.OnPing(At(10));
  EXPECT_FALSE(peer.Gone(At(69)));
  EXPECT_TRUE(peer.Gone(At(70)));
}

TEST(PeerLivenessTest, APongOrAnySignOfLifeMovesTheDeadline) {
  PeerLiveness peer(kPing, kDeadline, At(0));
  peer.OnPing(At(10));
  peer.OnDrained(At(65));
  EXPECT_FALSE(peer.Gone(At(124)));
  EXPECT_TRUE(peer.Gone(At(125)));
  peer.OnReceived(At(125));
  EXPECT_FALSE(peer.Gone(At(184)));
  peer.OnPong();
  EXPECT_FALSE(peer.Gone(At(1000)));
}

}  // namespace
}  // namespace gateway

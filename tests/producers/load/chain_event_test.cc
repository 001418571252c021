#include "producers/load/chain_event.h"

#include "gtest/gtest.h"

namespace eventlog {
namespace {

v1::Event Sealed(const ChainLink& link = {"r1", 2, 3, 0xab}) {
  v1::Event event;
  event.set_type(kChainType);
  event.mutable_time()->set_seconds(5);
  event.set_text("{\"n\":1}");
  SealChainEvent(link, event);
  return event;
}

TEST(ChainEventTest, SealSaysWhatWasSealed) {
  v1::Event event;
  event.set_binary("\xff");
  const uint64_t hash = SealChainEvent({"r1", 2, 3, 0xab}, event);
  EXPECT_EQ(event.subject(), "r1/2");
  const auto seal = ReadChainSeal(event);
  ASSERT_TRUE(seal.has_value());
  EXPECT_TRUE(seal->whole);
  EXPECT_EQ(seal->link.run, "r1");
  EXPECT_EQ(seal->link.producer, 2);
  EXPECT_EQ(seal->link.sequence, 3);
  EXPECT_EQ(seal->link.previous, 0xabu);
  EXPECT_EQ(seal->hash, hash);
}

TEST(ChainEventTest, SealCoversEveryField) {
  const auto is_whole = [](const v1::Event& event) {
    const auto seal = ReadChainSeal(event);
    return seal.has_value() && seal->whole;
  };
  ASSERT_TRUE(is_whole(Sealed()));
  v1::Event event = Sealed();
  event.set_type("other");
  EXPECT_FALSE(is_whole(event));
  event = Sealed();
  event.set_source("/else");
  EXPECT_FALSE(is_whole(event));
  event = Sealed();
  event.set_subject("r1/3");
  EXPECT_FALSE(is_whole(event));
  event = Sealed();
  event.set_data_content_type("text/plain");
  EXPECT_FALSE(is_whole(event));
  event = Sealed();
  event.mutable_time()->set_nanos(1);
  EXPECT_FALSE(is_whole(event));
  event = Sealed();
  (*event.mutable_attributes())["a"] = "b";
  EXPECT_FALSE(is_whole(event));
  event = Sealed();
  event.set_text("{\"n\":2}");
  EXPECT_FALSE(is_whole(event));
  event = Sealed();
  event.set_binary("{\"n\":1}");
  EXPECT_FALSE(is_whole(event));
}

TEST(ChainEventTest, EveryBitOfTheIdCounts) {
  const v1::Event whole = Sealed();
  for (size_t bit = 0; bit < whole.id().size() * 8; ++bit) {
    v1::Event event = whole;
    char& byte = (*event.mutable_id())[bit / 8];
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
    const auto seal = ReadChainSeal(event);
    EXPECT_FALSE(seal.has_value() && seal->whole) << event.id();
    EXPECT_EQ(RunOfChainEvent(event), "r1");
  }
}

TEST(ChainEventTest, OtherEventsHaveNoSeal) {
  v1::Event event;
  event.set_subject("r1/2");
  for (const char* id : {"", "0193-4567", "a.b.c.d", "r.1.2.3.4", "r.x.2.00000000000000ab.00000000000000ab",
                         "r.1.-2.00000000000000ab.00000000000000ab", ".1.2.00000000000000ab.00000000000000ab"}) {
    event.set_id(id);
    EXPECT_FALSE(ReadChainSeal(event).has_value()) << id;
  }
  EXPECT_EQ(RunOfChainEvent(event), "");
}

}  // namespace
}  // namespace eventlog

#include "eventlog-svc/rpc/drain_list.h"

#include <memory>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

// Takes itself off the list, as a call does that ends.
class TestCall : public Drained {
 public:
  explicit TestCall(DrainList& list) : list_(list) {}
  void Drain() override {
    ++drained;
    list_.Remove(this);
  }

  int drained = 0;

 private:
  DrainList& list_;
};

TEST(DrainListTest, EveryOpenCallIsToldOnce) {
  DrainList list;
  const auto open = std::make_shared<TestCall>(list), other = std::make_shared<TestCall>(list);
  const auto over = std::make_shared<TestCall>(list);
  for (const auto& call : {open, other, over}) EXPECT_TRUE(list.Add(call));
  list.Remove(over.get());
  list.Drain();
  list.Drain();
  EXPECT_EQ(open->drained, 1);
  EXPECT_EQ(other->drained, 1);
  EXPECT_EQ(over->drained, 0);
}

TEST(DrainListTest, WhatComesLaterIsTurnedAwayAndWhatIsGoneLeftAlone) {
  DrainList list;
  EXPECT_TRUE(list.Add(std::make_shared<TestCall>(list)));
  list.Drain();
  const auto late = std::make_shared<TestCall>(list);
  EXPECT_FALSE(list.Add(late));
  list.Drain();
  EXPECT_EQ(late->drained, 0);
}

}  // namespace
}  // namespace eventlog

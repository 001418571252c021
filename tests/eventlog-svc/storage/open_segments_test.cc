#include "eventlog-svc/storage/open_segments.h"

#include <memory>
#include <vector>

#include "gtest/gtest.h"

namespace eventlog {
namespace {

class FakeHolder : public OpenFileHolder {
 public:
  void CloseFile() const override { ++closed; }
  mutable int closed = 0;
};

TEST(OpenSegmentsTest, TheOneOpenedLongestAgoIsClosedFirst) {
  OpenSegments open(2);
  std::vector<std::shared_ptr<FakeHolder>> holders;
  for (int i = 0; i < 4; ++i) {
    holders.push_back(std::make_shared<FakeHolder>());
    open.Add(holders.back());
  }
  EXPECT_EQ(1, holders[0]->closed);
  EXPECT_EQ(1, holders[1]->closed);
  EXPECT_EQ(0, holders[2]->closed);
  EXPECT_EQ(0, holders[3]->closed);
}

TEST(OpenSegmentsTest, OneThatIsGoneIsNoMatter) {
  OpenSegments open(1);
  open.Add(std::make_shared<FakeHolder>());
  const auto holder = std::make_shared<FakeHolder>();
  open.Add(holder);
  EXPECT_EQ(0, holder->closed);
}

}  // namespace
}  // namespace eventlog

#include "gateway-svc/http/shard_directory.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/http/fake_shard.h"

namespace gateway {
namespace {

using testing::UnorderedElementsAre;

std::vector<std::string> Ids(const ClientList& list) {
  std::vector<std::string> ids;
  for (const ClientInfo& client : list.clients) ids.push_back(client.id);
  return ids;
}

class ShardDirectoryTest : public testing::Test {
 protected:
  FakeShard one_{{NamedClient("a"), NamedClient("b")}};
  FakeShard other_{{NamedClient("c")}};
};

TEST_F(ShardDirectoryTest, ListsTheClientsOfAllShards) {
  const ClientList list = ShardDirectory({&one_, &other_}).List();
  EXPECT_THAT(Ids(list), UnorderedElementsAre("a", "b", "c"));
  EXPECT_TRUE(list.complete);
}

TEST_F(ShardDirectoryTest, AShardThatDoesNotAnswerIsLeftOutAndThatIsSaid) {
  one_.Hang();
  {
    ShardDirectory directory({&one_, &other_}, absl::Milliseconds(10));
    const ClientList list = directory.List();
    EXPECT_THAT(Ids(list), UnorderedElementsAre("c"));
    EXPECT_FALSE(list.complete);
    EXPECT_EQ(directory.Kick("a").code(), absl::StatusCode::kUnavailable);
    EXPECT_TRUE(directory.Kick("c").ok()) << "found on a shard that answers";
  }
  one_.Answer();  // too late, and the directory is gone
}

TEST_F(ShardDirectoryTest, KicksOneWhereverItIs) {
  ShardDirectory directory({&one_, &other_});
  EXPECT_TRUE(directory.Kick("c").ok());
  EXPECT_TRUE(directory.Kick("a").ok());
  EXPECT_THAT(Ids(directory.List()), UnorderedElementsAre("b"));
  EXPECT_EQ(directory.Kick("a").code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace gateway

#include "gateway-svc/http/stream_hello.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

using testing::HasSubstr;

RingState State() {
  RingState state;
  state.connected = state.ready = true;
  state.epoch = "00000000000000aa";
  state.log_start = 10;
  state.log_head = 120;
  state.ring_start = 50;
  state.head = 100;
  return state;
}

TEST(StreamHelloTest, SaysWhatWasAskedForAsItIsUnderstood) {
  const FirehoseRequest request =
      *ParseFirehoseRequest("type=b&type=a&attr.k=v&mode=sample&on_gap=fail&heartbeat_s=3&until=caught_up");
  const EndPosition end = DecideEnd(request.until, State());
  const Hello hello = MakeHello({}, State(), request, end, 42);
  EXPECT_TRUE(hello.connection.empty());
  EXPECT_EQ(hello.next_offset, 42);
  EXPECT_EQ(hello.until, "00000000000000aa:119") << "the log's head, not the ring's";
  EXPECT_EQ(hello.filter.types, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(hello.filter.attributes.at("k"), std::vector<std::string>{"v"});
  EXPECT_EQ(hello.delivery.batch_max(), 1);
  EXPECT_TRUE(hello.delivery.fail_on_gap());
  EXPECT_EQ(hello.heartbeat, absl::Seconds(3));
}

TEST(StreamHelloTest, SaysWhatTheLogIsAndWhatAClientMay) {
  ClientOptions options;
  options.log = "orders";
  options.limits.frame_bytes_max = 1;
  options.limits.message_bytes_max = 2;
  options.client_frames_per_second = 3;
  options.client_frames_burst = 4;
  options.slow_client_deadline = absl::Seconds(5);
  const Hello hello = MakeHello(options, State(), {}, {}, 0);
  EXPECT_EQ(hello.log, "orders");
  EXPECT_EQ(hello.epoch, "00000000000000aa");
  EXPECT_EQ(hello.log_start, 10);
  EXPECT_EQ(hello.log_head, 120);
  EXPECT_EQ(hello.until, "");
  EXPECT_EQ(hello.client_frame_bytes_max, 1u);
  EXPECT_EQ(hello.client_message_bytes_max, 2u);
  EXPECT_EQ(hello.client_messages_per_second, 3);
  EXPECT_EQ(hello.client_messages_burst, 4);
  EXPECT_EQ(hello.slow_client_deadline, absl::Seconds(5));
  EXPECT_THAT(HelloMessage(hello), HasSubstr(R"("until":null)"));
}

}  // namespace
}  // namespace gateway

// A ClientStream on a fake shard, with a sink that the test empties.

#ifndef TESTS_GATEWAY_SVC_HTTP_CLIENT_STREAM_FIXTURE_H_
#define TESTS_GATEWAY_SVC_HTTP_CLIENT_STREAM_FIXTURE_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway-svc/http/client_stream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/http/fake_host.h"

namespace gateway {

// A connection whose socket takes what the test takes.
class FakeSink : public StreamSink {
 public:
  explicit FakeSink(FrameFormat& format) : format_(format) {}

  void PushMessage(absl::string_view json, absl::string_view) override { given.push_back({std::string(json), {}}); }
  void PushFrame(SharedFramePtr frame) override { given.push_back({frame->bytes, frame->start_offset}); }
  size_t pending_bytes() const override {
    size_t bytes = 0;
    for (const Given& each : given) bytes += each.text.size();
    return bytes;
  }
  std::optional<int64_t> first_unsent_offset() const override {
    for (const Given& each : given) {
      if (each.start_offset.has_value()) return each.start_offset;
    }
    return std::nullopt;
  }
  FrameFormat& frame_format() override { return format_; }
  void EndStream(const CloseCode& code, absl::string_view error_code, absl::string_view) override {
    end = absl::StrCat(code.code, " ", error_code);
  }
  void AskTurn() override { turn_asked = true; }
  void AwaitPage(int64_t page_start) override { awaited.push_back(page_start); }
  void WakeAt(absl::Duration when) override { wake = std::min(wake, when); }

  struct Given {
    std::string text;
    std::optional<int64_t> start_offset;
  };
  std::vector<Given> given;
  std::string end;
  bool turn_asked = false;
  std::vector<int64_t> awaited;  // pages
  Uptime wake = absl::InfiniteDuration();

 private:
  FrameFormat& format_;
};

class ClientStreamTest : public testing::Test {
 protected:
  explicit ClientStreamTest(int64_t ring_start = 0, int64_t log_head = 0)
      : host_(ring_start, log_head), sink_(host_.text_format), stream_(host_, sink_) {}

  void Begin(absl::string_view query, int64_t next_offset = 0) {
    const FirehoseRequest request = *ParseFirehoseRequest(query);
    const RingState state = host_.event_ring.state();
    stream_.Begin(request, DecideEnd(request.until, state), next_offset, state, "id");
    now_ = UptimeNow();
    EXPECT_THAT(Take(), testing::ElementsAre(testing::StartsWith(R"({"type":"hello","connection":"id")")));
  }
  // What the sink holds; the socket has taken it.
  std::vector<std::string> Take() {
    std::vector<std::string> texts;
    for (const FakeSink::Given& each : sink_.given) texts.push_back(each.text);
    sink_.given.clear();
    return texts;
  }
  std::vector<std::string> Fill() {
    stream_.Fill(now_);
    return Take();
  }
  // What a message is answered with.
  std::vector<std::string> Say(absl::string_view message) {
    stream_.OnClientMessage(message);
    TakeTurns();
    return Take();
  }
  // The turns that it asked for, and those that it asks for in them.
  void TakeTurns() {
    while (std::exchange(sink_.turn_asked, false)) stream_.OnTurn();
  }
  static std::string Live(int64_t offset) {
    return absl::StrCat(R"({"type":"live","cursor":"00000000000000aa:)", offset, R"("})");
  }
  static std::string Ack(int64_t offset) {
    return absl::StrCat(R"({"type":"ack","effective_after":"00000000000000aa:)", offset, R"("})");
  }
  static auto Heartbeat(int64_t offset) {
    return testing::StartsWith(absl::StrCat(R"({"type":"heartbeat","cursor":"00000000000000aa:)", offset, "\""));
  }

  FakeHost host_;
  FakeSink sink_;
  ClientStream stream_;
  Uptime now_;
};

}  // namespace gateway

#endif  // TESTS_GATEWAY_SVC_HTTP_CLIENT_STREAM_FIXTURE_H_

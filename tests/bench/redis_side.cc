#include "tests/bench/redis_side.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "tests/bench/broadcast_events.h"
#include "tests/bench/redis_connection.h"

namespace eventlog::bench {

RedisSide::RedisSide(const std::string& folder, int clients, StubLogServer::RecordMaker record, size_t event_bytes_min)
    : FanoutSide(kFirstOffset, clients),
      record_(std::move(record)),
      server_(folder, {"--maxclients", "15000", "--tcp-backlog", "4096"}),
      publisher_(server_.port()) {
  StreamReadersOptions readers;
  readers.port = server_.port();
  readers.clients = clients;
  readers.framing = Framing::kBytes;
  readers.event_bytes_min = event_bytes_min;
  readers.opening = [](int) {
    return std::vector<Opening>{{RedisConnection::Command({"SUBSCRIBE", "bench"}), ":1\r\n"}};
  };
  readers.expected = [](int) { return Expected{kFirstOffset, 1}; };
  readers_ = std::make_unique<StreamReaders>(std::move(readers));
  readers_->AwaitOpen();
}

void RedisSide::Publish(int count) {
  std::string messages;
  for (int i = 0; i < count; ++i) {
    messages += RedisConnection::Command({"PUBLISH", "bench", EventJson(record_(head() + i))});
  }
  publisher_.Send(messages);
  for (int i = 0; i < count; ++i) {
    CHECK_EQ(publisher_.ReadLine(), absl::StrCat(":", readers_->clients())) << "subscribers are missing";
  }
}

}  // namespace eventlog::bench

#include "tests/bench/redis_load.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "glog/logging.h"
#include "tests/bench/redis_connection.h"

namespace eventlog::bench {
namespace {

std::string AddMessage(const Shape& shape) {
  const std::string value(static_cast<size_t>(shape.event_bytes), 'x');
  std::string message;
  for (int i = 0; i < shape.events_per_message; ++i) {
    message += RedisConnection::Command({"XADD", "events", "*", "d", value});
  }
  return message;
}

void ReadAnswer(RedisConnection& redis, const Shape& shape) {
  for (int i = 0; i < shape.events_per_message; ++i) redis.ReadReply();
}

double PerSecond(int64_t events, absl::Time start) {
  return static_cast<double>(events) / absl::ToDoubleSeconds(absl::Now() - start);
}

}  // namespace

double AddPipelined(int port, const Shape& shape, absl::Duration duration) {
  RedisConnection redis(port);
  const std::string message = AddMessage(shape);
  const absl::Time start = absl::Now();
  for (int i = 0; i < shape.messages_in_flight; ++i) redis.Send(message);
  int64_t events = 0;
  for (int in_flight = shape.messages_in_flight; in_flight > 0; --in_flight) {
    ReadAnswer(redis, shape);
    events += shape.events_per_message;
    if (absl::Now() - start < duration) {
      redis.Send(message);
      ++in_flight;
    }
  }
  return PerSecond(events, start);
}

double AddFromClients(int port, const Shape& shape, absl::Duration duration) {
  const std::string message = AddMessage(shape);
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  PCHECK(poller >= 0);
  std::vector<std::unique_ptr<RedisConnection>> connections;
  for (int i = 0; i < shape.messages_in_flight; ++i) {
    connections.push_back(std::make_unique<RedisConnection>(port));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connections.back().get();
    PCHECK(epoll_ctl(poller, EPOLL_CTL_ADD, connections.back()->fd(), &event) == 0);
  }
  const absl::Time start = absl::Now();
  for (const auto& connection : connections) connection->Send(message);
  int64_t events = 0;
  for (int waiting = shape.messages_in_flight; waiting > 0;) {
    epoll_event ready[64];
    const int count = epoll_wait(poller, ready, 64, -1);
    PCHECK(count >= 0 || errno == EINTR);
    const bool more = absl::Now() - start < duration;
    for (int i = 0; i < count; ++i) {
      auto* const connection = static_cast<RedisConnection*>(ready[i].data.ptr);
      ReadAnswer(*connection, shape);
      events += shape.events_per_message;
      if (more) {
        connection->Send(message);
      } else {
        --waiting;
      }
    }
  }
  close(poller);
  return PerSecond(events, start);
}

}  // namespace eventlog::bench

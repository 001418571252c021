// A shard of an operator's view: clients by id, on the caller's thread, which may also not answer.

#ifndef TESTS_GATEWAY_SVC_HTTP_FAKE_SHARD_H_
#define TESTS_GATEWAY_SVC_HTTP_FAKE_SHARD_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gateway-svc/http/shard_clients.h"

namespace gateway {

class FakeShard : public ShardClients {
 public:
  explicit FakeShard(std::vector<ClientInfo> clients) : clients_(std::move(clients)) {}

  // Keeps what it is asked until Answer.
  void Hang() { hangs_ = true; }
  void Answer() {
    hangs_ = false;
    for (const std::function<void()>& answer : std::exchange(waiting_, {})) answer();
  }

  void Describe(std::function<void(std::vector<ClientInfo>)> done) override {
    Run([this, done = std::move(done)] { done(clients_); });
  }
  void Kick(std::string id, std::function<void(bool)> done) override {
    Run([this, id = std::move(id), done = std::move(done)] {
      const size_t before = clients_.size();
      std::erase_if(clients_, [&id](const ClientInfo& client) { return client.id == id; });
      done(clients_.size() < before);
    });
  }

 private:
  void Run(std::function<void()> answer) {
    if (!hangs_) return answer();
    waiting_.push_back(std::move(answer));
  }

  std::vector<ClientInfo> clients_;
  bool hangs_ = false;
  std::vector<std::function<void()>> waiting_;
};

inline ClientInfo NamedClient(const std::string& id, int64_t behind_events = 0) {
  ClientInfo client;
  client.id = id;
  client.behind_events = behind_events;
  return client;
}

}  // namespace gateway

#endif  // TESTS_GATEWAY_SVC_HTTP_FAKE_SHARD_H_

#include "gateway-svc/http/shard_directory.h"

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace gateway {
namespace {

// What the shards have answered so far. Shared with those that answer late.
template <typename Answer>
class Answers {
 public:
  explicit Answers(size_t shards) : missing_(shards) {}

  void Add(Answer answer) {
    absl::MutexLock lock(&mutex_);
    --missing_;
    answers_.push_back(std::move(answer));
  }
  // Waits for all, and takes what there is. Sets `complete` to whether that is all.
  std::vector<Answer> Await(absl::Duration patience, bool& complete) {
    absl::MutexLock lock(&mutex_);
    complete = mutex_.AwaitWithTimeout(absl::Condition(this, &Answers::All), patience);
    return std::move(answers_);
  }

 private:
  bool All() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return missing_ == 0; }

  absl::Mutex mutex_;
  size_t missing_ ABSL_GUARDED_BY(mutex_);
  std::vector<Answer> answers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

ShardDirectory::ShardDirectory(std::vector<ShardClients*> shards, absl::Duration patience)
    : shards_(std::move(shards)), patience_(patience) {}

ClientList ShardDirectory::List() {
  const auto answers = std::make_shared<Answers<std::vector<ClientInfo>>>(shards_.size());
  for (ShardClients* shard : shards_) {
    shard->Describe([answers](std::vector<ClientInfo> clients) { answers->Add(std::move(clients)); });
  }
  ClientList list;
  for (std::vector<ClientInfo>& clients : answers->Await(patience_, list.complete)) {
    list.clients.insert(list.clients.end(), std::make_move_iterator(clients.begin()),
                        std::make_move_iterator(clients.end()));
  }
  return list;
}

absl::Status ShardDirectory::Kick(const std::string& id) {
  const auto answers = std::make_shared<Answers<bool>>(shards_.size());
  for (ShardClients* shard : shards_) {
    shard->Kick(id, [answers](bool kicked) { answers->Add(kicked); });
  }
  bool complete = false;
  for (const bool kicked : answers->Await(patience_, complete)) {
    if (kicked) return absl::OkStatus();
  }
  if (complete) return absl::NotFoundError(absl::StrCat("there is no connection \"", id, "\""));
  return absl::UnavailableError("not all connections could be looked at in time; try again");
}

}  // namespace gateway

#include "gateway-svc/http/disconnect_log.h"

#include <algorithm>
#include <string>
#include <utility>

namespace gateway {
namespace {

size_t BytesOf(const DisconnectInfo& info) {
  size_t bytes = sizeof(info);
  const ClientInfo& client = info.client;
  for (const std::string* text :
       {&client.id, &client.address, &client.transport, &client.phase, &client.cursor, &client.filter, &client.mode}) {
    bytes += text->capacity();
  }
  return bytes;
}

}  // namespace

void DisconnectLog::Add(DisconnectInfo info) {
  const size_t bytes = BytesOf(info);
  Entry entry{std::make_shared<const DisconnectInfo>(std::move(info)), bytes};
  std::vector<Entry> gone;  // freed when the lock is no longer held
  absl::MutexLock lock(&mutex_);
  ++total_;
  bytes_ += bytes;
  entries_.push_back(std::move(entry));
  while (entries_.size() > 1 && (entries_.size() > entries_max_ || bytes_ > bytes_max_)) {
    bytes_ -= entries_.front().bytes;
    gone.push_back(std::move(entries_.front()));
    entries_.pop_front();
  }
}

DisconnectLog::Page DisconnectLog::Newest(size_t limit) const {
  Page page;
  page.newest_first.reserve(std::min(limit, entries_max_));
  absl::MutexLock lock(&mutex_);
  page.total = total_;
  for (auto entry = entries_.rbegin(); entry != entries_.rend() && page.newest_first.size() < limit; ++entry) {
    page.newest_first.push_back(entry->info);
  }
  return page;
}

size_t DisconnectLog::bytes() const {
  absl::MutexLock lock(&mutex_);
  return bytes_;
}

}  // namespace gateway

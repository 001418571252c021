#include "gateway-svc/hub/cold_reader.h"

#include <algorithm>
#include <iterator>
#include <list>
#include <map>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace gateway {
namespace {

// A failed read is told for this long, instead of being tried again by each client that asks.
constexpr absl::Duration kErrorLife = absl::Seconds(1);
constexpr size_t kErrorsMax = 1024;

}  // namespace

// Outlives the reader as long as a read is under way.
struct ColdReader::State {
  struct Cached {
    EventBlockPtr block;
    std::list<int64_t>::iterator use;
  };
  struct Failed {
    absl::Time until;
    absl::Status status;
  };

  explicit State(size_t bytes) : cache_bytes_max(bytes) {}

  // Where a read begins that is to bring `offset`, and before which offset it ends. Whole pages of the log are read, so
  // that clients at any place of one ask for the same. Where the first read of a page did not reach `offset`, because
  // its events are large, the next one begins there.
  std::pair<int64_t, int64_t> RangeForLocked(int64_t offset) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const int64_t page = PageStart(offset);
    const auto after = cache.upper_bound(offset);
    const bool page_is_begun = after != cache.begin() && std::prev(after)->first >= page;
    int64_t until = page + kPageOffsets;
    if (after != cache.end()) until = std::min(until, after->first);
    return {page_is_begun ? offset : page, until};
  }
  // The cached block that contains `offset`, or null.
  EventBlockPtr FindLocked(int64_t offset) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    auto after = cache.upper_bound(offset);
    if (after == cache.begin()) return nullptr;
    Cached& cached = std::prev(after)->second;
    if (offset >= cached.block->next_offset) return nullptr;
    uses.splice(uses.end(), uses, cached.use);
    ++hits;
    return cached.block;
  }
  // The `newest` blocks stay, however small the cache is: somebody waits for them.
  void InsertLocked(EventBlockPtr block, size_t newest) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const int64_t start = block->start_offset;
    if (block->next_offset <= start || cache.count(start) > 0) return;
    bytes += block->bytes;
    cache[start] = {std::move(block), uses.insert(uses.end(), start)};
    while (bytes > cache_bytes_max && cache.size() > newest) {
      const auto oldest = cache.find(uses.front());
      bytes -= oldest->second.block->bytes;
      cache.erase(oldest);
      uses.pop_front();
    }
  }
  void ClearLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    cache.clear();
    uses.clear();
    errors.clear();
    bytes = 0;
  }
  void Take(const std::string& wanted_epoch, int64_t page_start, absl::StatusOr<LogPage> page);

  const size_t cache_bytes_max;
  mutable absl::Mutex mutex;
  std::string epoch ABSL_GUARDED_BY(mutex);
  std::map<int64_t, Cached> cache ABSL_GUARDED_BY(mutex);  // by start_offset
  std::list<int64_t> uses ABSL_GUARDED_BY(mutex);          // longest ago first
  size_t bytes ABSL_GUARDED_BY(mutex) = 0;
  // Both by the first offset of the page. One read of a page at a time.
  std::map<int64_t, std::vector<std::weak_ptr<PageWaiter>>> waiting ABSL_GUARDED_BY(mutex);
  std::map<int64_t, Failed> errors ABSL_GUARDED_BY(mutex);
  int64_t reads ABSL_GUARDED_BY(mutex) = 0;
  int64_t hits ABSL_GUARDED_BY(mutex) = 0;
};

void ColdReader::State::Take(const std::string& wanted_epoch, int64_t page_start, absl::StatusOr<LogPage> page) {
  if (page.ok() && page->epoch != wanted_epoch) page = absl::FailedPreconditionError("the log was created anew");
  if (page.ok() && page->blocks.empty()) page = absl::UnavailableError("the log has nothing there yet");
  std::vector<std::weak_ptr<PageWaiter>> woken;
  {
    absl::MutexLock lock(&mutex);
    // What was read for a log that is not the one any more tells nothing of this one: who waits asks again.
    const bool is_current = epoch == wanted_epoch;
    if (page.ok() && is_current) {
      size_t newest = 0;
      for (EventBlockPtr& block : page->blocks) InsertLocked(std::move(block), ++newest);
    } else if (is_current) {
      if (errors.size() >= kErrorsMax) errors.clear();
      errors[page_start] = {absl::Now() + kErrorLife, page.status()};
    }
    woken.swap(waiting[page_start]);
    waiting.erase(page_start);
  }
  for (const std::weak_ptr<PageWaiter>& waiter : woken) {
    if (const auto alive = waiter.lock()) alive->OnPage(page_start);
  }
}

ColdReader::ColdReader(PageReader& pages, size_t cache_bytes_max)
    : pages_(pages), state_(std::make_shared<State>(cache_bytes_max)) {}

ColdReader::~ColdReader() = default;

absl::StatusOr<EventBlockPtr> ColdReader::Find(const std::string& epoch, int64_t offset,
                                               const std::shared_ptr<PageWaiter>& waiter) {
  const int64_t page_start = PageStart(offset);
  std::pair<int64_t, int64_t> range;
  {
    absl::MutexLock lock(&state_->mutex);
    if (state_->epoch != epoch) {
      state_->ClearLocked();
      state_->epoch = epoch;
    }
    if (EventBlockPtr block = state_->FindLocked(offset); block != nullptr) return block;
    if (const auto failed = state_->errors.find(page_start); failed != state_->errors.end()) {
      const State::Failed error = failed->second;
      if (absl::Now() < error.until) return error.status;
      state_->errors.erase(failed);
    }
    std::vector<std::weak_ptr<PageWaiter>>& waiting = state_->waiting[page_start];
    const bool is_read = !waiting.empty();
    // There are few of them: a shard waits once, for all its clients.
    const bool waits = std::any_of(waiting.begin(), waiting.end(), [&](const std::weak_ptr<PageWaiter>& each) {
      return !each.owner_before(waiter) && !waiter.owner_before(each);
    });
    if (!waits) waiting.push_back(waiter);
    if (is_read) return EventBlockPtr();
    range = state_->RangeForLocked(offset);
    ++state_->reads;
  }
  pages_.ReadPage(range.first, range.second, [state = state_, epoch, page_start](absl::StatusOr<LogPage> page) {
    state->Take(epoch, page_start, std::move(page));
  });
  return EventBlockPtr();
}

int64_t ColdReader::reads() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->reads;
}

int64_t ColdReader::hits() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->hits;
}

size_t ColdReader::cache_bytes() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->bytes;
}

}  // namespace gateway

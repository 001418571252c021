#include "tests/sim/sim_catalog.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/storage/batch_codec.h"
#include "eventlog-svc/storage/batch_store.h"
#include "tests/support/log_driver.h"

namespace eventlog {
namespace {

absl::Status Broken(absl::string_view log, absl::string_view what) {
  return absl::InternalError(absl::StrCat("log ", log, ": ", what));
}

// Whether an operation failed since `before`.
bool DiskFailed(const SimWorld& world, const SimDisk::Failures& before) {
  const SimDisk::Failures now = world.disk.failures();
  return world.disk.stopped() || now.full > before.full || now.broken > before.broken || now.reads > before.reads;
}

absl::Status AppendOne(BatchStore& store, const LogState& state, absl::Time now) {
  if (store.WantsRoll(100, 0)) {
    const absl::Status rolled = store.Roll(state.Serialize());
    if (!rolled.ok()) return rolled;
  }
  BatchHeader header;
  header.base_offset = store.next_offset();
  header.append_time = std::max(now, store.last_append_time());
  header.synced_offset = store.synced_offset();
  EncodedBatch batch = EncodeBatch(std::move(header), MakeBatch({"event"}).events);
  const absl::Status written = store.Append({&batch, 1});
  const absl::Status synced = store.Sync();
  return written.ok() ? synced : written;
}

}  // namespace

SimCatalog::SimCatalog(std::string name) : SimClient(std::move(name)) {
  lives_["other-0"];
  lives_["other-1"];
}

void SimCatalog::OnRestart() {
  for (auto& [log, life] : lives_) life.opened.reset();
}

absl::Status SimCatalog::Act(SimWorld& world) {
  auto at = lives_.begin();
  std::advance(at, world.random.Below(static_cast<int64_t>(lives_.size())));
  auto& [log, life] = *at;
  if (!life.opened.has_value()) return life.known == Known::kNotThere ? Create(world, log, life) : absl::OkStatus();
  return world.random.OneIn(3) ? Remove(world, log, life) : Append(world, life);
}

absl::Status SimCatalog::Create(SimWorld& world, const std::string& log, Life& life) {
  const SimDisk::Failures before = world.disk.failures();
  absl::StatusOr<StoreFactory::Opened> created = world.log.stores().Create(log, LogSettings());
  world.trace.Add(absl::StrCat("  ", name(), ": creates ", log, ": ", created.ok() ? "ok" : "failed"));
  life = Life();
  if (!created.ok()) {
    if (!DiskFailed(world, before)) return Broken(log, created.status().ToString());
    life.known = Known::kOpen;
    return absl::OkStatus();
  }
  ++world.counts["log created"];
  life.known = Known::kThere;
  life.epoch = created->store->epoch();
  life.opened = *std::move(created);
  return absl::OkStatus();
}

absl::Status SimCatalog::Append(SimWorld& world, Life& life) {
  const SimDisk::Failures before = world.disk.failures();
  BatchStore& store = *life.opened->store;
  const absl::Status appended = AppendOne(store, *life.opened->state, world.clock.Now());
  if (appended.ok()) {
    store.Publish();
    life.head_min = life.head_max = store.next_offset();
    return absl::OkStatus();
  }
  // Closed for good as soon as something was in doubt: what comes behind it could not be told apart.
  life.head_max = life.head_min + 1;
  life.opened.reset();
  return DiskFailed(world, before) ? absl::OkStatus() : absl::InternalError(appended.ToString());
}

absl::Status SimCatalog::Remove(SimWorld& world, const std::string& log, Life& life) {
  const SimDisk::Failures before = world.disk.failures();
  const absl::Status removed = world.log.stores().Remove(log);
  world.trace.Add(absl::StrCat("  ", name(), ": removes ", log, ": ", removed.ok() ? "ok" : "failed"));
  if (!removed.ok()) {
    if (!DiskFailed(world, before)) return Broken(log, removed.ToString());
    life.known = Known::kOpen;
    return absl::OkStatus();
  }
  ++world.counts["log removed"];
  life = Life();
  world.log.stores().Clear(log);
  return absl::OkStatus();
}

absl::Status SimCatalog::OnOpened(SimWorld& world) {
  for (auto& [log, life] : lives_) {
    const absl::Status found = Find(world, log, life);
    if (!found.ok()) return found;
  }
  return absl::OkStatus();
}

absl::Status SimCatalog::Find(SimWorld& world, const std::string& log, Life& life) {
  const SimDisk::Failures before = world.disk.failures();
  const absl::StatusOr<std::vector<std::string>> names = world.log.stores().List();
  if (!names.ok()) return Broken(log, names.status().ToString());
  const bool is_there = std::find(names->begin(), names->end(), log) != names->end();
  if (life.known != Known::kOpen && is_there != (life.known == Known::kThere)) {
    return Broken(log, is_there ? "it was deleted, and is there" : "it was created, and is gone");
  }
  if (!is_there) {
    life = Life();
    return absl::OkStatus();
  }
  absl::StatusOr<StoreFactory::Opened> opened = world.log.stores().Open(log);
  // As it is now it may be tried again after the next restart.
  if (!opened.ok()) return DiskFailed(world, before) ? absl::OkStatus() : Broken(log, opened.status().ToString());
  const std::string epoch = opened->store->epoch();
  const int64_t head = opened->store->next_offset();
  if (!life.epoch.empty() && epoch != life.epoch) return Broken(log, "another log came back");
  if (head < life.head_min || head > life.head_max) {
    return Broken(log, absl::StrCat("its head is ", head, ", not ", life.head_min, " to ", life.head_max));
  }
  life = {Known::kThere, epoch, head, head, *std::move(opened)};
  return absl::OkStatus();
}

}  // namespace eventlog

#include "gateway-svc/http/shard.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "gateway-svc/http/http_connection.h"
#include "gateway-svc/http/peer_address.h"

namespace gateway {
namespace {

constexpr size_t kReadBufferBytes = 16 * 1024;
// Of built frames that wait for other clients of their filter.
constexpr size_t kKeptFrameBytes = 4 * 1024 * 1024;
// Clients' messages are small: one that is not and still inflates so much is no honest one.
constexpr size_t kRatioFreeBytes = 16 * 1024;
constexpr absl::Duration kTimerResolution = absl::Milliseconds(4);
constexpr size_t kTimerSlots = 1024;
constexpr absl::Duration kLookAroundInterval = absl::Seconds(1);

// Of a client that will be visited soon: the lines that are looked at first, fetched while another one is visited.
constexpr size_t kPrefetchAhead = 6;
constexpr size_t kPrefetchBytes = 5 * 64;

void Prefetch(const ShardClient* client) {
  for (size_t byte = 0; byte < kPrefetchBytes; byte += 64) {
    __builtin_prefetch(reinterpret_cast<const char*>(client) + byte);
  }
}

// Tells a shard of pages, also when it has stopped.
class ShardPages : public PageWaiter {
 public:
  ShardPages(std::shared_ptr<boost::asio::io_context> io, std::function<void(int64_t)> on_shard)
      : io_(std::move(io)), on_shard_(std::move(on_shard)) {}
  void OnPage(int64_t page_start) override {
    boost::asio::post(*io_, [on_shard = on_shard_, page_start] { on_shard(page_start); });
  }

 private:
  const std::shared_ptr<boost::asio::io_context> io_;
  const std::function<void(int64_t)> on_shard_;
};

std::chrono::steady_clock::time_point ToTimePoint(Uptime time) {
  return std::chrono::steady_clock::time_point(absl::ToChronoNanoseconds(time));
}

}  // namespace

Shard::Shard(ShardSources sources, const ClientOptions& options)
    : sources_(sources),
      options_(options),
      io_(std::make_shared<boost::asio::io_context>(1)),
      work_(io_->get_executor()),
      timer_(*io_),
      round_timer_(*io_),
      turns_timer_(*io_),
      wheel_(kTimerResolution, kTimerSlots, UptimeNow()),
      pace_(options.linger_max),
      read_buffer_(kReadBufferBytes),
      kept_frames_(kKeptFrameBytes),
      inflater_(InflateLimits{200, kRatioFreeBytes}),
      page_waiter_(std::make_shared<ShardPages>(io_, [this](int64_t page_start) { OnPage(page_start); })) {}

Shard::~Shard() { Stop(); }

void Shard::Start() {
  ring_state_ = sources_.ring->state();
  sources_.ring->AddListener(this);
  {
    absl::MutexLock lock(&tasks_mutex_);
    accepts_tasks_ = true;
  }
  thread_ = std::thread([this] { Run(); });
}

void Shard::Stop() {
  if (!thread_.joinable()) return;
  sources_.ring->RemoveListener(this);
  {
    // What was posted before runs before what is posted below.
    absl::MutexLock lock(&tasks_mutex_);
    accepts_tasks_ = false;
  }
  boost::asio::post(*io_, [this] {
    ForEach([](ShardClient& client) { client.Abort(); });
    timer_.cancel();
    round_timer_.cancel();
    turns_timer_.cancel();
    work_.reset();
    // Handlers that are cancelled now still run; then nothing is left to wait for.
    boost::asio::post(*io_, [this] {
      gone_.clear();
      io_->stop();
    });
  });
  thread_.join();
}

template <typename Visit>
void Shard::ForEach(Visit visit) {
  visiting_ = true;
  const size_t count = clients_.size();
  for (size_t i = 0; i < count; ++i) {
    if (i + kPrefetchAhead < count) Prefetch(clients_[i + kPrefetchAhead].get());
    if (clients_[i] != nullptr) visit(*clients_[i]);
  }
  visiting_ = false;
  for (size_t i = 0; i < clients_.size();) {
    if (clients_[i] != nullptr) {
      ++i;
      continue;
    }
    clients_[i] = std::move(clients_.back());
    clients_.pop_back();
    if (i < clients_.size() && clients_[i] != nullptr) clients_[i]->place_ = i;
  }
}

void Shard::WakeAt(ShardClient& client, Uptime when) {
  if (client.wake_.client == nullptr || when == absl::InfiniteDuration() ||
      (client.wake_.scheduled() && client.wake_.due() <= when))
    return;
  wheel_.Schedule(client.wake_, when);
  if (when < armed_) ArmTimer();
}

void Shard::ArmTimer() {
  const Uptime due = wheel_.NextDue();
  if (due == armed_) return;
  armed_ = due;
  if (due == absl::InfiniteDuration()) return;
  timer_.expires_at(ToTimePoint(due));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) OnTimer();
  });
}

void Shard::OnTimer() {
  const Uptime now = UptimeNow();
  armed_ = absl::ZeroDuration();  // armed again below, once
  wheel_.Advance(now, [now](TimingWheel::Timer& timer) {
    ShardClient& client = *static_cast<ShardClient::Wake&>(timer).client;
    client.OnTimer(now);
  });
  ArmTimer();
  if (now - looked_around_at_ >= kLookAroundInterval) LookAround(now);
}

void Shard::LookAround(Uptime now) {
  looked_around_at_ = now;
  int64_t behind_max = 0;
  ForEach([&](ShardClient& client) { behind_max = std::max(behind_max, client.behind_events()); });
  counters_.behind_events_max.store(behind_max, std::memory_order_relaxed);
  for (auto it = groups_.begin(); it != groups_.end();) {
    const auto next = std::next(it);
    if (it->second.expired()) groups_.erase(it);
    it = next;
  }
}

void Shard::OnRingChanged() {
  if (wake_posted_.exchange(true)) return;
  boost::asio::post(*io_, [] {});  // the loop looks behind each thing that it does
}

void Shard::Run() {
  // The loop's own order would have the ring's news wait for all that is ready: handshakes, sockets that take more.
  while (io_->run_one() > 0) {
    if (wake_posted_.load(std::memory_order_relaxed)) AskForRound();
  }
}

void Shard::AskForRound() {
  const Uptime now = UptimeNow();
  const absl::Duration wait = pace_.WaitFor(now);
  if (wait == absl::ZeroDuration()) return Round();
  if (std::exchange(round_awaited_, true)) return;
  round_timer_.expires_after(absl::ToChronoNanoseconds(wait));
  // The loop asks again behind it.
  round_timer_.async_wait([this](const boost::system::error_code&) { round_awaited_ = false; });
}

void Shard::Round() {
  // First, so that a change during the round wakes again.
  wake_posted_.store(false);
  const int64_t published = ring_state_.events_published;
  ring_state_ = sources_.ring->state();
  const Uptime begin = UptimeNow();
  ForEach([begin](ShardClient& client) { client.OnRingChanged(begin); });
  const Uptime end = UptimeNow();
  pace_.OnRound(begin, end, wake_posted_.load(std::memory_order_relaxed));
  if (ring_state_.events_published != published) turn_pace_.OnEvents(end);
}

void Shard::AwaitPage(ShardClient& client, int64_t page_start) {
  awaiting_[page_start].push_back(clients_[client.place_]);
}

void Shard::OnPage(int64_t page_start) {
  const auto page = awaiting_.find(page_start);
  if (page == awaiting_.end()) return;
  const std::vector<std::weak_ptr<ShardClient>> clients = std::move(page->second);
  awaiting_.erase(page);
  for (const std::weak_ptr<ShardClient>& waiting : clients) {
    const std::shared_ptr<ShardClient> client = waiting.lock();
    if (client == nullptr || client->wake_.client == nullptr) continue;
    client->OnPage();
    GoOn(*client);
  }
}

void Shard::GoOn(ShardClient& client) {
  if (client.wants_turn_ || client.wake_.client == nullptr) return;
  client.wants_turn_ = true;
  turns_.push_back(clients_[client.place_]);
  if (turn_pace_.Ask()) PostTurns(absl::ZeroDuration());
}

void Shard::PostTurns(absl::Duration rest) {
  if (rest == absl::ZeroDuration()) return boost::asio::post(*io_, [this] { TakeTurns(); });
  turns_timer_.expires_after(absl::ToChronoNanoseconds(rest));
  turns_timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) TakeTurns();
  });
}

void Shard::TakeTurns() {
  const Uptime begin = UptimeNow();
  Uptime now = begin;
  for (size_t count = turns_.size(); count > 0 && now - begin < TurnPace::kSlice; --count) {
    const std::shared_ptr<ShardClient> client = turns_.front().lock();
    turns_.pop_front();
    if (client == nullptr || client->wake_.client == nullptr) continue;
    client->wants_turn_ = false;
    client->OnTurn(now);
    now = UptimeNow();
  }
  const std::optional<absl::Duration> rest = turn_pace_.OnSlice(begin, now, /*more=*/!turns_.empty());
  if (rest.has_value()) PostTurns(*rest);
}

void Shard::Adopt(boost::asio::ip::tcp::socket socket, ConnectionPlace place) {
  boost::asio::post(*io_, [this, socket = std::move(socket), place = std::move(place)]() mutable {
    ClientHost& host = *this;
    auto connection = std::make_shared<HttpConnection>(host, std::move(socket));
    ShardClient& client = *connection;
    client.budget_place_ = std::move(place);
    Add(connection);
    connection->Start();
  });
}

bool Shard::Submit(std::function<void()> task) {
  absl::MutexLock lock(&tasks_mutex_);
  if (!accepts_tasks_) return false;
  boost::asio::post(*io_, std::move(task));
  return true;
}

void Shard::Describe(std::function<void(std::vector<ClientInfo>)> done) {
  const bool taken = Submit([this, done] {
    std::vector<ClientInfo> clients;
    clients.reserve(clients_.size());
    ForEach([&](ShardClient& client) { clients.push_back(InfoOf(client)); });
    done(std::move(clients));
  });
  if (!taken) done({});
}

ClientInfo Shard::InfoOf(const ShardClient& client) {
  ClientInfo info = client.Describe();
  info.address = FormatEndpoint(client.budget_place_.peer());
  return info;
}

void Shard::Kick(std::string id, std::function<void(bool)> done) {
  const bool taken = Submit([this, id = std::move(id), done] {
    bool found = false;
    ForEach([&](ShardClient& client) {
      if (found || client.id() != id) return;
      found = true;
      client.Kick();
    });
    done(found);
  });
  if (!taken) done(false);
}

void Shard::Drain(absl::Duration spread) {
  boost::asio::post(*io_, [this, spread] {
    draining_ = true;
    drain_spread_ = spread;
    ForEach([spread](ShardClient& client) { client.Drain(spread); });
  });
}

FrameFormat& Shard::deflate_format(int window_bits) {
  std::unique_ptr<DeflateFormat>& format = deflate_formats_[window_bits];
  if (format == nullptr) {
    DeflateOptions deflate;
    deflate.level = options_.deflate_level;
    deflate.window_bits = window_bits;
    format = std::make_unique<DeflateFormat>(deflate, counters_.compression);
  }
  return *format;
}

std::shared_ptr<FilterGroup> Shard::GroupFor(const FrameSpec& spec) {
  std::weak_ptr<FilterGroup>& place = groups_[FrameSpecKey(spec)];
  std::shared_ptr<FilterGroup> group = place.lock();
  if (group == nullptr) {
    FrameSources frames;
    frames.ring = sources_.ring;
    frames.cold = sources_.cold;
    frames.counters = &counters_.frames;
    frames.kept = &kept_frames_;
    frames.waiter = page_waiter_;
    group = std::make_shared<FilterGroup>(frames, spec);
    place = group;
  }
  return group;
}

void Shard::Add(std::shared_ptr<ShardClient> client) {
  ShardClient& added = *client;
  added.wake_.client = &added;
  added.place_ = clients_.size();
  clients_.push_back(std::move(client));
  if (draining_) added.Drain(drain_spread_);
}

void Shard::Forget(ShardClient* client) {
  wheel_.Cancel(client->wake_);
  client->wake_.client = nullptr;  // nothing wakes it any more
  const size_t place = client->place_;
  // It may be in the middle of a call: it lives until the loop's next turn.
  if (gone_.empty()) {
    boost::asio::post(*io_, [this] {
      std::vector<std::shared_ptr<ShardClient>> gone;
      gone.swap(gone_);
    });
  }
  gone_.push_back(std::move(clients_[place]));
  if (visiting_) return;
  clients_[place] = std::move(clients_.back());
  clients_.pop_back();
  if (place < clients_.size()) clients_[place]->place_ = place;
}

void Shard::Replace(ShardClient* old, std::shared_ptr<ShardClient> client) {
  client->budget_place_ = std::move(old->budget_place_);
  Forget(old);
  Add(std::move(client));
}

void Shard::Remove(ShardClient* client, const char* reason) {
  counters_.CountDisconnect(reason);
  sources_.disconnects->Add({InfoOf(*client), reason, absl::Now()});
  Forget(client);
  client->budget_place_ = ConnectionPlace();
}

}  // namespace gateway

#include "gateway-svc/feed/log_pages.h"

#include <algorithm>
#include <utility>

#include "absl/types/span.h"
#include "gateway-svc/feed/event_encoder.h"
#include "google/protobuf/arena.h"

namespace gateway {
namespace {

constexpr int kPageThreads = 2;
constexpr size_t kPagesMax = 1024;
// As many as clients may come at once.
constexpr size_t kQuestionsMax = 16 * 1024;
constexpr int kPageBytes = 512 * 1024;
constexpr int kPageRecords = 2'000;

// The page as blocks: records and gaps of the response before `until_offset`, each in its place.
LogPage ToPage(int64_t offset, int64_t until_offset, const eventlog::v1::ReadResponse& response) {
  LogPage page;
  page.epoch = response.epoch();
  page.next_offset = std::min(response.next_offset(), until_offset);
  int64_t position = offset;
  const absl::Span<const eventlog::v1::Record* const> records = response.records();
  size_t run = 0, record = 0;  // where those begin that are in no block yet, and where they end
  int gap = 0;
  const auto end_run = [&](int64_t next_offset) {
    if (next_offset > position) {
      page.blocks.push_back(EncodeBlock(position, next_offset, records.subspan(run, record - run)));
      position = next_offset;
    }
    run = record;
  };
  const auto take_gaps_before = [&](int64_t limit) {
    for (; gap < response.gaps_size() && response.gaps(gap).start_offset() < limit; ++gap) {
      end_run(response.gaps(gap).start_offset());
      // A gap stays whole: what it says is true whoever asked.
      page.blocks.push_back(EncodeGap(response.gaps(gap)));
      position = response.gaps(gap).next_offset();
    }
  };
  for (; record < records.size() && records[record]->offset() < until_offset; ++record) {
    take_gaps_before(records[record]->offset());
  }
  take_gaps_before(page.next_offset);
  end_run(page.next_offset);
  page.next_offset = position;
  return page;
}

}  // namespace

LogPages::LogPages(const std::shared_ptr<grpc::Channel>& channel, std::string log)
    : reader_(channel), log_(std::move(log)) {
  {
    absl::MutexLock lock(&mutex_);
    pages_.works_max = kPagesMax;
    questions_.works_max = kQuestionsMax;
  }
  for (int i = 0; i < kPageThreads; ++i) threads_.emplace_back([this] { Run(&LogPages::pages_); });
  threads_.emplace_back([this] { Run(&LogPages::questions_); });
}

LogPages::~LogPages() {
  std::deque<Work> left;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    left.swap(pages_.works);
    for (Work& work : questions_.works) left.push_back(std::move(work));
    questions_.works.clear();
  }
  reader_.Cancel();
  for (const Work& work : left) work(absl::CancelledError("the gateway is stopping"));
  for (std::thread& thread : threads_) thread.join();
}

void LogPages::Submit(Queue LogPages::*queue, Work work) {
  {
    absl::MutexLock lock(&mutex_);
    Queue& chosen = this->*queue;
    if (!stopping_ && chosen.works.size() < chosen.works_max) {
      chosen.works.push_back(std::move(work));
      return;
    }
  }
  work(absl::UnavailableError("too many reads of the log wait"));
}

void LogPages::Run(Queue LogPages::*queue) {
  const auto has_work = [this, queue]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !(this->*queue).works.empty();
  };
  while (true) {
    Work work;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&has_work));
      std::deque<Work>& works = (this->*queue).works;
      if (works.empty()) return;
      work = std::move(works.front());
      works.pop_front();
    }
    work(absl::OkStatus());
  }
}

void LogPages::ReadPage(int64_t offset, int64_t until_offset, std::function<void(absl::StatusOr<LogPage>)> done) {
  Submit(&LogPages::pages_, [this, offset, until_offset, done = std::move(done)](const absl::Status& status) {
    if (!status.ok()) return done(status);
    eventlog::v1::ReadRequest request;
    request.set_log(log_);
    request.set_offset(offset);
    request.set_max_bytes(kPageBytes);
    request.set_max_records(static_cast<int>(std::min<int64_t>(kPageRecords, until_offset - offset)));
    // A page is a thousand small messages, which come and go together.
    google::protobuf::Arena arena;
    auto& response = *google::protobuf::Arena::CreateMessage<eventlog::v1::ReadResponse>(&arena);
    const absl::Status read = reader_.Read(request, response);
    if (!read.ok()) return done(read);
    done(ToPage(offset, until_offset, response));
  });
}

void LogPages::FindPosition(eventlog::v1::ReadRequest request, std::function<void(absl::StatusOr<LogPosition>)> done) {
  request.set_log(log_);
  request.set_max_records(1);
  Submit(&LogPages::questions_,
         [this, request = std::move(request), done = std::move(done)](const absl::Status& status) {
           if (!status.ok()) return done(status);
           const absl::StatusOr<eventlog::v1::ReadResponse> response = reader_.Read(request);
           if (!response.ok()) return done(response.status());
           LogPosition position{response->epoch(), response->next_offset()};
           if (response->records_size() > 0) position.offset = response->records(0).offset();
           if (response->gaps_size() > 0) position.offset = std::min(position.offset, response->gaps(0).start_offset());
           done(std::move(position));
         });
}

void LogPages::FindTime(absl::Time time, std::function<void(absl::StatusOr<LogPosition>)> done) {
  eventlog::v1::ReadRequest request;
  const int64_t seconds = absl::ToUnixSeconds(time);
  request.mutable_time()->set_seconds(seconds);
  request.mutable_time()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  FindPosition(std::move(request), std::move(done));
}

void LogPages::FindTail(int64_t count, std::function<void(absl::StatusOr<LogPosition>)> done) {
  eventlog::v1::ReadRequest request;
  request.set_tail(count);
  FindPosition(std::move(request), std::move(done));
}

}  // namespace gateway

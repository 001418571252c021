// The baseline of the append benchmark: a gRPC stream, write and fdatasync of the same bytes, and nothing else.
//
// Messages are never parsed. One thread takes all that waits, writes the bytes with one pwritev, syncs once, and
// answers each message. That is the least that a durable server can do with this library on this disk. With --echo it
// answers at once and writes nothing: the least that any server can do.

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/synchronization/mutex.h"
#include "glog/logging.h"
#include "grpcpp/grpcpp.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"
#include "tests/bench/bare_server.h"

ABSL_FLAG(std::string, file, "", "file to write to");
ABSL_FLAG(bool, echo, false, "answer at once, write nothing");

namespace eventlog::bench {
namespace {

constexpr size_t kSlicesPerWrite = 512;

class Stream;

// One message that waits for its sync.
struct Item {
  Stream* stream;
  grpc::ByteBuffer bytes;
};

// Owns the file and the thread that writes it.
class Disk {
 public:
  explicit Disk(const std::string& path) : fd_(open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)) {
    PCHECK(fd_ >= 0) << path;
    std::thread([this] { Run(); }).swap(thread_);
  }
  void Enqueue(Item item) {
    absl::MutexLock lock(&mutex_);
    waiting_.push_back(std::move(item));
  }

 private:
  void Run();
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !waiting_.empty(); }

  const int fd_;
  off_t position_ = 0;
  absl::Mutex mutex_;
  std::deque<Item> waiting_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

// One AppendStream call: reads always, one write in flight.
class Stream : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit Stream(Disk* disk) : disk_(disk) {
    v1::AppendStreamResponse response;
    response.mutable_appended()->set_next_offset(1);
    const std::string text = response.SerializeAsString();
    const grpc::Slice slice(text);
    answer_ = grpc::ByteBuffer(&slice, 1);
    StartRead(&incoming_);
  }
  // On the disk's thread, or at once where there is none.
  void Answer() {
    absl::MutexLock lock(&mutex_);
    ++answers_due_;
    --waiting_;
    StepLocked();
  }
  void OnReadDone(bool ok) override {
    {
      absl::MutexLock lock(&mutex_);
      if (!ok) {
        half_closed_ = true;
        StepLocked();
        return;
      }
      ++waiting_;
    }
    if (disk_ == nullptr) {
      Answer();
    } else {
      disk_->Enqueue({this, std::move(incoming_)});
    }
    incoming_.Clear();
    StartRead(&incoming_);
  }
  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) answers_due_ = 0;
    StepLocked();
  }
  void OnDone() override { delete this; }

 private:
  void StepLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_) return;
    if (answers_due_ > 0) {
      --answers_due_;
      writing_ = true;
      StartWrite(&answer_);
    } else if (half_closed_ && waiting_ == 0) {
      Finish(grpc::Status::OK);
    }
  }

  Disk* const disk_;
  grpc::ByteBuffer incoming_;
  grpc::ByteBuffer answer_;
  absl::Mutex mutex_;
  int answers_due_ ABSL_GUARDED_BY(mutex_) = 0;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mutex_) = false;
};

void Disk::Run() {
  while (true) {
    std::deque<Item> group;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &Disk::HasWork));
      group.swap(waiting_);
    }
    std::vector<grpc::Slice> slices, of_item;
    for (const Item& item : group) {
      CHECK(item.bytes.Dump(&of_item).ok());
      slices.insert(slices.end(), of_item.begin(), of_item.end());
    }
    std::vector<iovec> parts;
    size_t bytes = 0;
    for (size_t i = 0; i < slices.size(); ++i) {
      parts.push_back({const_cast<uint8_t*>(slices[i].begin()), slices[i].size()});
      bytes += slices[i].size();
      if (parts.size() == kSlicesPerWrite || i + 1 == slices.size()) {
        const ssize_t written = pwritev(fd_, parts.data(), static_cast<int>(parts.size()), position_);
        PCHECK(written >= 0);
        CHECK_EQ(static_cast<size_t>(written), bytes) << "a short write";
        position_ += written;
        parts.clear();
        bytes = 0;
      }
    }
    PCHECK(fdatasync(fd_) == 0);
    for (const Item& item : group) item.stream->Answer();
  }
}

class BareService : public v1::EventLog::WithRawCallbackMethod_AppendStream<v1::EventLog::Service> {
 public:
  explicit BareService(Disk* disk) : disk_(disk) {}
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* AppendStream(grpc::CallbackServerContext*) override {
    return new Stream(disk_);
  }

 private:
  Disk* const disk_;
};

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  std::optional<eventlog::bench::Disk> disk;
  if (!absl::GetFlag(FLAGS_echo)) disk.emplace(absl::GetFlag(FLAGS_file));
  eventlog::bench::BareService service(disk.has_value() ? &*disk : nullptr);
  eventlog::bench::ServeForEver(service);
}

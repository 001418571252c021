// The baseline of the append benchmark: a gRPC stream, write and fdatasync of the same bytes, and nothing else.
//
// Messages are never parsed. What waits is written and synced together, then each message is answered: the least that a
// durable server can do with this library on this disk. With --echo it answers at once and writes nothing: the least
// that any server can do.

#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/synchronization/mutex.h"
#include "glog/logging.h"
#include "grpcpp/grpcpp.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"
#include "tests/bench/bare_disk.h"
#include "tests/bench/bare_server.h"

ABSL_FLAG(std::string, file, "", "file to write to");
ABSL_FLAG(bool, echo, false, "answer at once, write nothing");

namespace eventlog::bench {
namespace {

// One AppendStream call: reads always, one write in flight.
class Stream : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>, public BareDisk::Writer {
 public:
  explicit Stream(BareDisk* disk) : disk_(disk) {
    v1::AppendStreamResponse response;
    response.mutable_appended()->set_next_offset(1);
    const std::string text = response.SerializeAsString();
    const grpc::Slice slice(text);
    answer_ = grpc::ByteBuffer(&slice, 1);
    StartRead(&incoming_);
  }
  // Comes at once where there is no disk.
  void OnSynced() override {
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
      OnSynced();
    } else {
      disk_->Enqueue(this, std::move(incoming_));
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

  BareDisk* const disk_;
  grpc::ByteBuffer incoming_;
  grpc::ByteBuffer answer_;
  absl::Mutex mutex_;
  int answers_due_ ABSL_GUARDED_BY(mutex_) = 0;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mutex_) = false;
};

class BareService : public v1::EventLog::WithRawCallbackMethod_AppendStream<v1::EventLog::Service> {
 public:
  explicit BareService(BareDisk* disk) : disk_(disk) {}
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* AppendStream(grpc::CallbackServerContext*) override {
    return new Stream(disk_);
  }

 private:
  BareDisk* const disk_;
};

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  std::optional<eventlog::bench::BareDisk> disk;
  if (!absl::GetFlag(FLAGS_echo)) disk.emplace(absl::GetFlag(FLAGS_file));
  eventlog::bench::BareService service(disk.has_value() ? &*disk : nullptr);
  eventlog::bench::ServeForEver(service);
}

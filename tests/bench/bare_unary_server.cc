// The baseline of unary appends: gRPC calls on one completion queue and one thread, write and fdatasync of the same
// bytes, and nothing else.
//
// Requests are never parsed. As the service does, it asks for several calls ahead, and its file is allocated
// beforehand. With --echo it answers at once and writes nothing.

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "glog/logging.h"
#include "grpcpp/grpcpp.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"
#include "tests/bench/bare_disk.h"
#include "tests/bench/bare_server.h"

ABSL_FLAG(std::string, file, "", "file to write to");
ABSL_FLAG(bool, echo, false, "answer at once, write nothing");

namespace eventlog::bench {
namespace {

constexpr int kAskedAhead = 16;
constexpr off_t kAllocatedBytes = 1 << 28;

using Service = v1::EventLog::WithRawMethod_Append<v1::EventLog::Service>;

// One Append, from before it comes. Belongs to itself.
class Call final : public BareDisk::Writer {
 public:
  Call(Service& service, grpc::ServerCompletionQueue& queue, BareDisk* disk)
      : service_(service), queue_(queue), disk_(disk) {
    service_.RequestAppend(&context_, &request_, &responder_, &queue_, &queue_, this);
  }
  // What the queue says of it.
  void OnEvent(bool ok) {
    CHECK(ok) << "nobody shuts it down, and the client waits for its answers";
    if (answered_) {
      delete this;
      return;
    }
    new Call(service_, queue_, disk_);
    answered_ = true;
    if (disk_ == nullptr) {
      OnSynced();
    } else {
      disk_->Enqueue(this, request_);
    }
  }
  void OnSynced() override {
    v1::AppendResponse response;
    response.set_next_offset(1);
    const grpc::Slice slice(response.SerializeAsString());
    responder_.Finish(grpc::ByteBuffer(&slice, 1), grpc::Status::OK, this);
  }

 private:
  Service& service_;
  grpc::ServerCompletionQueue& queue_;
  BareDisk* const disk_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> responder_{&context_};
  bool answered_ = false;  // or about to be; the queue's thread's
};

[[noreturn]] void Serve(BareDisk* disk) {
  Service service;
  grpc::ServerBuilder builder;
  const std::unique_ptr<grpc::ServerCompletionQueue> queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = StartServer(builder, service);
  for (int i = 0; i < kAskedAhead; ++i) new Call(service, *queue, disk);
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<Call*>(tag)->OnEvent(ok);
  LOG(FATAL) << "nobody shuts it down";
}

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  std::optional<eventlog::bench::BareDisk> disk;
  if (!absl::GetFlag(FLAGS_echo)) disk.emplace(absl::GetFlag(FLAGS_file), eventlog::bench::kAllocatedBytes);
  eventlog::bench::Serve(disk.has_value() ? &*disk : nullptr);
}

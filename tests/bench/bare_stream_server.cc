// The baseline of the catch-up benchmark: a gRPC server stream of stored messages, and nothing else.
//
// --file holds the messages that EventLog sent, each behind its length in 4 bytes. They lie in memory and are sent as
// they are, without a copy, one write in flight: the least that a server stream can do with this library.

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "glog/logging.h"
#include "grpcpp/grpcpp.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"
#include "tests/bench/bare_server.h"

ABSL_FLAG(std::string, file, "", "file of messages");

namespace eventlog::bench {
namespace {

using Messages = std::vector<grpc::Slice>;

Messages Split(const std::string& bytes) {
  Messages messages;
  uint32_t size = 0;
  for (size_t at = 0; at < bytes.size(); at += size) {
    CHECK_LE(at + sizeof(size), bytes.size());
    std::memcpy(&size, bytes.data() + at, sizeof(size));
    at += sizeof(size);
    CHECK_LE(at + size, bytes.size());
    messages.emplace_back(bytes.data() + at, size, grpc::Slice::STATIC_SLICE);
  }
  return messages;
}

// One Subscribe call.
class Stream : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit Stream(const Messages& messages) : messages_(messages) { Step(); }
  void OnWriteDone(bool ok) override {
    if (ok) {
      Step();
    } else {
      Finish(grpc::Status::CANCELLED);
    }
  }
  void OnDone() override { delete this; }

 private:
  void Step() {
    if (next_ == messages_.size()) {
      Finish(grpc::Status::OK);
      return;
    }
    buffer_ = grpc::ByteBuffer(&messages_[next_++], 1);
    StartWrite(&buffer_);
  }

  const Messages& messages_;
  size_t next_ = 0;
  grpc::ByteBuffer buffer_;
};

class BareService : public v1::EventLog::WithRawCallbackMethod_Subscribe<v1::EventLog::Service> {
 public:
  explicit BareService(const Messages& messages) : messages_(messages) {}
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Subscribe(grpc::CallbackServerContext*,
                                                        const grpc::ByteBuffer*) override {
    return new Stream(messages_);
  }

 private:
  const Messages& messages_;
};

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  std::ifstream file(absl::GetFlag(FLAGS_file), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const std::vector<grpc::Slice> messages = eventlog::bench::Split(bytes);
  CHECK(!messages.empty()) << absl::GetFlag(FLAGS_file);
  eventlog::bench::BareService service(messages);
  eventlog::bench::ServeForEver(service);
}

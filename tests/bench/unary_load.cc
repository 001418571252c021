#include "tests/bench/unary_load.h"

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "glog/logging.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace eventlog::bench {
namespace {

struct Call {
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer answer;
  grpc::Status status;
};

}  // namespace

double CallsPerSecond(const std::string& address, const std::string& method, const std::string& request, int in_flight,
                      absl::Duration duration) {
  grpc::GenericStub stub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::CompletionQueue queue;
  const grpc::Slice slice(request);
  const grpc::ByteBuffer message(&slice, 1);
  const auto start_call = [&](Call& call) {
    call.context = std::make_unique<grpc::ClientContext>();
    call.reader = stub.PrepareUnaryCall(call.context.get(), method, message, &queue);
    call.reader->StartCall();
    call.reader->Finish(&call.answer, &call.status, &call);
  };
  std::vector<Call> calls(static_cast<size_t>(in_flight));
  const absl::Time start = absl::Now();
  for (Call& call : calls) start_call(call);
  int64_t answered = 0;
  for (int waiting = in_flight; waiting > 0; --waiting) {
    void* tag = nullptr;
    bool ok = false;
    CHECK(queue.Next(&tag, &ok));
    Call& call = *static_cast<Call*>(tag);
    CHECK(ok && call.status.ok()) << method << ": " << call.status.error_message();
    ++answered;
    if (absl::Now() - start < duration) {
      start_call(call);
      ++waiting;
    }
  }
  return static_cast<double>(answered) / absl::ToDoubleSeconds(absl::Now() - start);
}

}  // namespace eventlog::bench

#include "tests/bench/raw_subscriber.h"

#include "glog/logging.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace eventlog::bench {

SubscribedBytes SubscribeRaw(const std::string& address, const v1::SubscribeRequest& request,
                             const std::function<void(const grpc::ByteBuffer&)>& on_message) {
  grpc::GenericStub stub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    CHECK(queue.Next(&tag, &ok));
    return ok;
  };
  const auto call = stub.PrepareCall(&context, "/eventlog.v1.EventLog/Subscribe", &queue);
  call->StartCall(nullptr);
  CHECK(done()) << "no call to " << address;
  const std::string text = request.SerializeAsString();
  const grpc::Slice slice(text);
  call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
  CHECK(done());

  SubscribedBytes result;
  grpc::ByteBuffer message;
  for (call->Read(&message, nullptr); done(); call->Read(&message, nullptr)) {
    ++result.messages;
    result.bytes += static_cast<int64_t>(message.Length());
    if (on_message) on_message(message);
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  CHECK(done());
  CHECK(status.ok()) << status.error_message();
  return result;
}

}  // namespace eventlog::bench

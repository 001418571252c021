#include "tests/bench/raw_subscriber.h"

#include <fstream>
#include <vector>

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

SubscribedBytes CaptureMessages(const std::string& address, const v1::SubscribeRequest& request,
                                const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  return SubscribeRaw(address, request, [&file](const grpc::ByteBuffer& message) {
    const uint32_t size = static_cast<uint32_t>(message.Length());
    file.write(reinterpret_cast<const char*>(&size), sizeof(size));
    std::vector<grpc::Slice> slices;
    CHECK(message.Dump(&slices).ok());
    for (const grpc::Slice& slice : slices) {
      file.write(reinterpret_cast<const char*>(slice.begin()), static_cast<std::streamsize>(slice.size()));
    }
  });
}

v1::SubscribeRequest CatchUpRequest(int batch_records) {
  v1::SubscribeRequest request;
  request.mutable_earliest();
  request.mutable_until_caught_up();
  request.set_max_batch_records(batch_records);
  return request;
}

}  // namespace eventlog::bench

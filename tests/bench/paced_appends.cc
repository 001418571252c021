#include "tests/bench/paced_appends.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "glog/logging.h"
#include "grpcpp/grpcpp.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"
#include "tests/bench/pacer.h"
#include "tests/bench/stream_readers.h"

namespace eventlog::bench {

std::vector<float> AppendPaced(const std::string& address, int count, absl::Duration interval,
                               const std::function<v1::Event()>& make) {
  const auto stub = v1::EventLog::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const auto stream = stub->AppendStream(&context);
  std::vector<std::atomic<int64_t>> sent(count);
  std::vector<float> latencies_ms;
  std::thread reader([&] {
    v1::AppendStreamResponse response;
    while (stream->Read(&response)) {
      CHECK(response.has_appended()) << response.error().message();
      const int64_t now = MonotonicNs();
      latencies_ms.push_back(static_cast<float>(now - sent.at(latencies_ms.size())) / 1e6F);
    }
  });
  Pacer pacer(interval);
  for (int next = 0; next < count;) {
    for (int due = std::min(pacer.Wait(), count - next); due > 0; --due) {
      v1::AppendRequest request;
      *request.add_events() = make();
      sent[next++] = MonotonicNs();
      CHECK(stream->Write(request)) << "the stream broke";
    }
  }
  stream->WritesDone();
  reader.join();
  const grpc::Status status = stream->Finish();
  CHECK(status.ok()) << status.error_message();
  CHECK_EQ(latencies_ms.size(), static_cast<size_t>(count)) << "appends were not answered";
  return latencies_ms;
}

}  // namespace eventlog::bench

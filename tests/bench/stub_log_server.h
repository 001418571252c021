// A log service that serves one growing log from memory: the upstream of the gateway in the fan-out benchmark, so that
// the gateway is measured and not the log. The log's records are made when they are asked for, so it may be long.

#ifndef TESTS_BENCH_STUB_LOG_SERVER_H_
#define TESTS_BENCH_STUB_LOG_SERVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/grpcpp.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog::bench {

// Serves Subscribe (from any start: only what comes later; one subscriber), Read (forward) and GetLogStats. Thread
// safe.
class StubLogServer : public v1::EventLog::Service {
 public:
  static constexpr char kEpoch[] = "00000000000000be";
  // The record at an offset, the same at each call of the same offset. Called on several threads.
  using RecordMaker = std::function<v1::Record(int64_t)>;

  // What was read below the head.
  struct Reads {
    int64_t calls = 0;
    int64_t records = 0;
    int64_t same_start_max = 0;  // calls that began at the same offset
  };

  // Has the records below `head` already.
  StubLogServer(int64_t head, RecordMaker record);
  ~StubLogServer() override;

  const std::string& address() const { return address_; }
  int64_t head() const;
  Reads reads() const;

  // Appends `count` more events, and sends them to the subscriber in one batch.
  void Publish(int count);

  grpc::Status Subscribe(grpc::ServerContext* context, const v1::SubscribeRequest* request,
                         grpc::ServerWriter<v1::SubscribeResponse>* writer) override;
  grpc::Status Read(grpc::ServerContext* context, const v1::ReadRequest* request, v1::ReadResponse* response) override;
  grpc::Status GetLogStats(grpc::ServerContext* context, const v1::GetLogStatsRequest* request,
                           v1::LogStats* response) override;

 private:
  bool Changed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || pending_; }

  const RecordMaker record_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool pending_ ABSL_GUARDED_BY(mutex_) = false;
  v1::SubscribeResponse next_ ABSL_GUARDED_BY(mutex_);
  int64_t head_ ABSL_GUARDED_BY(mutex_);
  Reads reads_ ABSL_GUARDED_BY(mutex_);
  std::map<int64_t, int64_t> reads_by_start_ ABSL_GUARDED_BY(mutex_);
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_STUB_LOG_SERVER_H_

// Appends over an AppendStream without the client library: no sequence, no retry. When a stream breaks, what it has not
// answered has failed (it may be stored all the same), and the next batch goes over a new stream.

#ifndef PRODUCERS_LOAD_STREAM_APPENDER_H_
#define PRODUCERS_LOAD_STREAM_APPENDER_H_

#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/synchronization/mutex.h"
#include "eventlog-svc/client/backoff.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "producers/load/event_appender.h"
#include "proto/eventlog/v1/event_log.grpc.pb.h"

namespace eventlog {

class StreamAppender : public EventAppender {
 public:
  // Events that may be unanswered; with more Append waits.
  static constexpr int64_t kUnansweredMax = 65'536;

  StreamAppender(const std::shared_ptr<grpc::Channel>& channel, std::string log, int batch_events);
  ~StreamAppender() override;

  absl::Status Append(v1::Event event, AppendDone done) override;
  void Push() override;
  void Finish() override;
  void Abort() override;
  int64_t connections() const override;

 private:
  using Dones = std::vector<AppendDone>;
  using Stream = grpc::ClientReaderWriter<v1::AppendRequest, v1::AppendStreamResponse>;

  // Makes a stream where there is none that works. False: aborted.
  bool Connect();
  void Disconnect();
  void ReadAnswers(grpc::ClientContext& context);
  // False: the stream is of no use any more.
  bool HandleAnswer(const v1::AppendStreamResponse& response);
  // All of the stream that is unanswered has failed.
  void FailAll(const absl::Status& status);
  void Answer(Dones dones, const absl::StatusOr<int64_t>& first_offset);

  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return aborted_ || broken_ || unanswered_ < kUnansweredMax;
  }
  bool AllAnswered() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return unanswered_ == 0; }

  const std::unique_ptr<v1::EventLog::Stub> stub_;
  const int batch_events_;

  // The appending thread's.
  v1::AppendRequest request_;
  Dones dones_;
  absl::BitGen random_;
  Backoff backoff_{{}, random_};
  std::unique_ptr<Stream> stream_;  // the reader's too, while it runs
  std::thread reader_;

  mutable absl::Mutex mutex_;
  bool aborted_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;    // the stream is
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;   // Finish must not be called meanwhile
  bool answered_ ABSL_GUARDED_BY(mutex_) = false;  // anything, on this stream
  std::unique_ptr<grpc::ClientContext> context_ ABSL_GUARDED_BY(mutex_);
  std::deque<Dones> sent_ ABSL_GUARDED_BY(mutex_);
  int64_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;  // events whose `done` has not returned
  int64_t connections_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_STREAM_APPENDER_H_

#include "tests/bench/many_subscribers.h"

#include <algorithm>

#include "absl/synchronization/notification.h"
#include "glog/logging.h"
#include "grpcpp/grpcpp.h"

namespace eventlog::bench {

// One call, and what gRPC says of it.
class ManySubscribers::Subscriber : public grpc::ClientReadReactor<v1::SubscribeResponse> {
 public:
  Subscriber(const std::string& address, int number, const v1::SubscribeRequest& request, Reading reading)
      : request_(request) {
    // Channels of other arguments share no connection.
    grpc::ChannelArguments arguments;
    arguments.SetInt("eventlog.bench.subscriber", number);
    stub_ = v1::EventLog::NewStub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
    stub_->async()->Subscribe(&context_, &request_, this);
    if (reading == Reading::kAll) StartRead(&response_);
    StartCall();
  }
  void OnReadInitialMetadataDone(bool ok) override {
    CHECK(ok) << "a subscription was refused";
    started_.Notify();
  }
  void OnReadDone(bool ok) override {
    if (ok) StartRead(&response_);
  }
  void OnDone(const grpc::Status&) override { done_.Notify(); }

  void AwaitStarted() { started_.WaitForNotification(); }
  bool done() const { return done_.HasBeenNotified(); }
  void Cancel() { context_.TryCancel(); }
  void AwaitDone() { done_.WaitForNotification(); }

 private:
  const v1::SubscribeRequest request_;
  std::unique_ptr<v1::EventLog::Stub> stub_;
  grpc::ClientContext context_;
  v1::SubscribeResponse response_;
  absl::Notification started_, done_;
};

ManySubscribers::ManySubscribers(const std::string& address, int count, const v1::SubscribeRequest& request,
                                 Reading reading) {
  for (int i = 0; i < count; ++i) {
    subscribers_.push_back(std::make_unique<Subscriber>(address, i, request, reading));
  }
  for (const auto& subscriber : subscribers_) subscriber->AwaitStarted();
}

ManySubscribers::~ManySubscribers() {
  for (const auto& subscriber : subscribers_) subscriber->Cancel();
  for (const auto& subscriber : subscribers_) subscriber->AwaitDone();
}

int ManySubscribers::open() const {
  return static_cast<int>(std::count_if(subscribers_.begin(), subscribers_.end(),
                                        [](const auto& subscriber) { return !subscriber->done(); }));
}

}  // namespace eventlog::bench

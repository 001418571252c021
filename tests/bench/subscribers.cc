// Compares the rate of appends under subscribers that wait or never read with the rate without any. `bazel run
// //tests/bench:subscribers`.
//
// Two services on the same disk: one has the subscribers, the other has none.

#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "grpcpp/grpcpp.h"
#include "proto/eventlog/v1/log_admin.grpc.pb.h"
#include "tests/bench/append_load.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/child_process.h"
#include "tests/bench/comparison.h"
#include "tests/bench/many_subscribers.h"

ABSL_FLAG(int, subscribers, 1000, "subscribers in all; 40 under --quick");

namespace eventlog::bench {
namespace {

constexpr Shape kAppends = {100, 64, 256};
constexpr char kQuietLog[] = "quiet";

void CreateQuietLog(const std::string& address) {
  const auto stub = v1::LogAdmin::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  v1::CreateLogRequest request;
  request.mutable_log()->set_log(kQuietLog);
  grpc::ClientContext context;
  v1::Log created;
  const grpc::Status status = stub->CreateLog(&context, request, &created);
  CHECK(status.ok()) << status.error_message();
}

v1::SubscribeRequest Follow(const std::string& log) {
  v1::SubscribeRequest request;
  request.set_log(log);
  return request;
}

v1::SubscribeRequest FollowNothing() {
  v1::SubscribeRequest request;
  request.mutable_filter()->add_types("no.such.type");
  return request;
}

struct Group {
  int count;
  v1::SubscribeRequest request;
  Reading reading;
};

void CompareUnder(const std::string& shape, const std::vector<Group>& groups) {
  const BenchFolder folder;
  const ChildProcess with(EventLogCommand(folder.Path("with")));
  const ChildProcess without(EventLogCommand(folder.Path("without")));
  CreateQuietLog(with.Address("grpc"));
  std::vector<std::unique_ptr<ManySubscribers>> subscribers;
  for (const Group& group : groups) {
    subscribers.push_back(
        std::make_unique<ManySubscribers>(with.Address("grpc"), group.count, group.request, group.reading));
  }
  const auto rate = [](const ChildProcess& service) {
    return RunAppendLoad(service.Address("grpc"), kAppends, RunTime()).EventsPerSecond();
  };
  Compare(
      shape, Better::kHigher, [&] { return rate(with); }, [&] { return rate(without); });
  for (size_t i = 0; i < groups.size(); ++i) CHECK_EQ(subscribers[i]->open(), groups[i].count) << shape;
}

void Run() {
  const int all = Quick() ? 40 : absl::GetFlag(FLAGS_subscribers);
  const int tenth = all / 10;
  PrintComparisonHead(
      absl::StrCat("AppendStream (100, 64) of 256 B events, events/s, under subscribers with a "
                   "connection each; ratio = with / without"));
  CompareUnder(absl::StrCat(all, " wait on another log"), {{all, Follow(kQuietLog), Reading::kAll}});
  CompareUnder(absl::StrCat(tenth, " never read what they follow"), {{tenth, Follow(""), Reading::kNothing}});
  CompareUnder(absl::StrCat(all - tenth, " wait on another log, ", tenth, " never read"),
               {{all - tenth, Follow(kQuietLog), Reading::kAll}, {tenth, Follow(""), Reading::kNothing}});
  CompareUnder(absl::StrCat(all, " follow with a filter that matches nothing"),
               {{all, FollowNothing(), Reading::kAll}});
}

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Appends under many subscribers against appends without, as ratios.");
  absl::ParseCommandLine(argc, argv);
  eventlog::bench::Run();
}

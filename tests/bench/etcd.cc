// Compares unary durable appends with etcd's Put, over gRPC with the same client. `bazel run //tests/bench:etcd`.

#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/bench/append_load.h"
#include "tests/bench/bench_run.h"
#include "tests/bench/child_process.h"
#include "tests/bench/comparison.h"
#include "tests/bench/etcd_kv.pb.h"
#include "tests/bench/loopback.h"
#include "tests/bench/unary_load.h"

namespace eventlog::bench {
namespace {

constexpr int kEventBytes = 256;
constexpr int kInFlight = 64;

std::vector<std::string> EtcdCommand(const std::string& program, const std::string& folder, int port) {
  const std::string client = absl::StrCat("http://127.0.0.1:", port);
  const std::string peer = absl::StrCat("http://127.0.0.1:", FreePort());
  return {program,
          absl::StrCat("--data-dir=", folder),
          absl::StrCat("--listen-client-urls=", client),
          absl::StrCat("--advertise-client-urls=", client),
          absl::StrCat("--listen-peer-urls=", peer),
          absl::StrCat("--initial-advertise-peer-urls=", peer),
          absl::StrCat("--initial-cluster=default=", peer),
          "--logger=zap",
          "--log-outputs=stdout"};
}

void Run() {
  const std::string program = FindProgram("etcd");
  if (program.empty()) {
    std::printf("skipped: needs etcd\n");
    return;
  }
  const BenchFolder folder;
  const ChildProcess ours(EventLogCommand(folder.Path("eventlog")));
  const int port = FreePort();
  const ChildProcess etcd(EtcdCommand(program, folder.Path("etcd"), port), "serving client traffic insecurely");
  const std::string append = MakeAppendRequest(1, kEventBytes).SerializeAsString();
  // One key: the least that etcd has to keep.
  etcdserverpb::PutRequest put;
  put.set_key("bench");
  put.set_value(std::string(kEventBytes, 'x'));
  const ChildProcess bare({"tests/bench/bare_unary_server", absl::StrCat("--file=", folder.Path("bare"))});
  const ChildProcess echo({"tests/bench/bare_unary_server", "--echo"});
  PrintComparisonHead(
      "unary durable writes of 256 B, and calls that are answered at once, calls/s; ratio = eventlog-svc, or gRPC that "
      "writes and syncs and does nothing else, or gRPC that does nothing / etcd");
  const auto compare = [&](absl::string_view what, const ChildProcess& server) {
    Compare(
        absl::StrCat(what, ", ", kInFlight, " in flight / etcd Put, ", kInFlight, " in flight"), Better::kHigher,
        [&] {
          return CallsPerSecond(server.Address("grpc"), "/eventlog.v1.EventLog/Append", append, kInFlight, RunTime());
        },
        [&] {
          return CallsPerSecond(absl::StrCat("127.0.0.1:", port), "/etcdserverpb.KV/Put", put.SerializeAsString(),
                                kInFlight, RunTime());
        });
  };
  compare("Append", ours);
  compare("bare gRPC + pwrite + fdatasync", bare);
  compare("gRPC echo", echo);
}

}  // namespace
}  // namespace eventlog::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Unary durable appends against etcd's Put, as ratios.");
  absl::ParseCommandLine(argc, argv);
  eventlog::bench::Run();
}

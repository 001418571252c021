#include "tests/bench/bare_server.h"

#include <cstdio>
#include <memory>

#include "glog/logging.h"
#include "grpcpp/grpcpp.h"

namespace eventlog::bench {

std::unique_ptr<grpc::Server> StartServer(grpc::ServerBuilder& builder, grpc::Service& service) {
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  CHECK(server != nullptr);
  std::printf("ready grpc=127.0.0.1:%d\n", port);
  std::fflush(stdout);
  return server;
}

void ServeForEver(grpc::Service& service) {
  grpc::ServerBuilder builder;
  const std::unique_ptr<grpc::Server> server = StartServer(builder, service);
  server->Wait();
  LOG(FATAL) << "nobody shuts it down";
}

}  // namespace eventlog::bench

// What only the service itself can show; tests/conformance/log_admin_test.cc has what its clients see.

#include "eventlog-svc/rpc/log_admin_service.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/rpc/queue_server.h"

namespace eventlog {
namespace {

class LogAdminServiceTest : public testing::Test {
 protected:
  LogAdminServiceTest() { service_.Serve(server_.queue()); }

  grpc::Status Create(const std::string& name) {
    v1::CreateLogRequest request;
    request.set_log_id(name);
    grpc::ClientContext context;
    v1::Log log;
    return stub_->CreateLog(&context, request, &log);
  }
  grpc::Status Update(const std::string& path, int64_t value) {
    v1::UpdateLogRequest request;
    request.mutable_log()->mutable_retention()->set_max_records(value);
    request.mutable_log()->mutable_retention()->set_max_bytes(value);
    request.mutable_update_mask()->add_paths(path);
    grpc::ClientContext context;
    v1::Log log;
    return stub_->UpdateLog(&context, request, &log);
  }

  const std::unique_ptr<LocalEngine> engine_ = NewMemoryEngine({});
  ErrorCounter errors_;
  LogAdminService service_{*engine_, RequestLimits(), errors_};
  QueueServer server_{service_};
  const std::unique_ptr<v1::LogAdmin::Stub> stub_ = v1::LogAdmin::NewStub(server_.channel());
};

TEST_F(LogAdminServiceTest, UpdatesOfDifferentSettingsDoNotUndoEachOther) {
  constexpr int kUpdates = 50;
  std::thread records([&] {
    for (int i = 1; i <= kUpdates; ++i) EXPECT_TRUE(Update("retention.max_records", i).ok());
  });
  for (int i = 1; i <= kUpdates; ++i) EXPECT_TRUE(Update("retention.max_bytes", i).ok());
  records.join();
  const LogSettings settings = engine_->FindLog("").value()->settings();
  EXPECT_EQ(settings.records_max, kUpdates);
  EXPECT_EQ(settings.bytes_max, kUpdates);
}

TEST_F(LogAdminServiceTest, TheNumberOfLogsIsBounded) {
  grpc::Status status;
  int created = 0;
  while (created < 1000 && status.ok()) {
    status = Create(absl::StrCat("log-", created));
    if (status.ok()) ++created;
  }
  EXPECT_EQ(created, 99) << "and the default log";
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(errors_.counts(), testing::ElementsAre(testing::Pair("QUOTA_EXCEEDED", 1)));
}

TEST_F(LogAdminServiceTest, WhileItDrainsNothingIsTaken) {
  service_.Drain();
  EXPECT_EQ(Create("orders").error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Update("retention", 1).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(errors_.counts(), testing::ElementsAre(testing::Pair("DRAINING", 2)));
  EXPECT_EQ(engine_->logs().size(), 1u);
}

}  // namespace
}  // namespace eventlog

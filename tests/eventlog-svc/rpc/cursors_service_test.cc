// What only the service itself can show; tests/conformance/cursors_test.cc has what its clients see.

#include "eventlog-svc/rpc/cursors_service.h"

#include <memory>

#include "eventlog-svc/engine/memory/memory_engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/rpc/queue_server.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

class CursorsServiceTest : public testing::Test {
 protected:
  CursorsServiceTest() { service_.Serve(server_.queue()); }

  grpc::Status Commit(int64_t next_offset, int64_t generation = 0) {
    v1::CommitCursorRequest request;
    request.set_cursor("c");
    request.set_next_offset(next_offset);
    request.set_generation(generation);
    grpc::ClientContext context;
    v1::Cursor cursor;
    return stub_->CommitCursor(&context, request, &cursor);
  }

  const std::unique_ptr<LocalEngine> engine_ = NewMemoryEngine({});
  ErrorCounter errors_;
  CursorsService service_{*engine_, errors_};
  QueueServer server_{service_};
  const std::unique_ptr<v1::Cursors::Stub> stub_ = v1::Cursors::NewStub(server_.channel());
};

TEST_F(CursorsServiceTest, RefusalsAreCountedByReason) {
  EXPECT_TRUE(Commit(0).ok());
  EXPECT_FALSE(Commit(7).ok());
  EXPECT_FALSE(Commit(-1).ok());
  EXPECT_FALSE(Commit(0, 5).ok());
  EXPECT_THAT(errors_.counts(),
              testing::ElementsAre(testing::Pair("CURSOR_FENCED", 1), testing::Pair("OFFSET_INVALID", 1),
                                   testing::Pair("OFFSET_OUT_OF_RANGE", 1)));
}

TEST_F(CursorsServiceTest, WhileItDrainsNothingIsTaken) {
  service_.Drain();
  EXPECT_EQ(Commit(0).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(errors_.counts(), testing::ElementsAre(testing::Pair("DRAINING", 1)));
  EXPECT_THAT(engine_->FindLog("").value()->cursors(), testing::IsEmpty());
}

}  // namespace
}  // namespace eventlog

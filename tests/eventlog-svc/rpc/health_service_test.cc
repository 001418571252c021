#include "eventlog-svc/rpc/health_service.h"

#include <memory>
#include <string>

#include "eventlog-svc/client/rpc_error.h"
#include "gtest/gtest.h"
#include "tests/eventlog-svc/rpc/queue_server.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

class HealthServiceTest : public testing::Test {
 protected:
  HealthServiceTest() { service_.Serve(server_.queue()); }

  static HealthCheckRequest Of(const std::string& name) {
    HealthCheckRequest request;
    request.set_service(name);
    return request;
  }
  absl::StatusOr<HealthCheckResponse::ServingStatus> Check(const std::string& name) {
    grpc::ClientContext context;
    HealthCheckResponse response;
    const absl::Status status = FromGrpcStatus(stub_->Check(&context, Of(name), &response));
    if (!status.ok()) return status;
    return response.status();
  }

  HealthService service_{{"a.A", "b.B"}};
  QueueServer server_{service_};
  std::unique_ptr<Health::Stub> stub_ = Health::NewStub(server_.channel());
};

TEST_F(HealthServiceTest, KnownServicesAreWellTogether) {
  for (const std::string name : {"", "a.A", "b.B"}) EXPECT_EQ(*Check(name), HealthCheckResponse::SERVING) << name;
  service_.Fail();
  for (const std::string name : {"", "a.A", "b.B"}) EXPECT_EQ(*Check(name), HealthCheckResponse::NOT_SERVING) << name;
  EXPECT_THAT(Check("c.C").status(), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(HealthServiceTest, AWatchHearsWhatIsAndWhatComesAndEndsWithTheService) {
  grpc::ClientContext context;
  const auto watch = stub_->Watch(&context, Of("a.A"));
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  service_.Fail();
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  service_.Drain();
  EXPECT_FALSE(watch->Read(&response)) << "it was said already";
  EXPECT_THAT(FromGrpcStatus(watch->Finish()), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(server_.queue().calls().AwaitNone(absl::InfiniteFuture()));
}

TEST_F(HealthServiceTest, DrainingIsHeardBeforeTheEnd) {
  grpc::ClientContext context;
  const auto watch = stub_->Watch(&context, Of(""));
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  service_.Drain();
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_FALSE(watch->Finish().ok());
}

TEST_F(HealthServiceTest, AWatchOfAnUnknownServiceWaitsForIt) {
  grpc::ClientContext context;
  const auto watch = stub_->Watch(&context, Of("c.C"));
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  context.TryCancel();
  EXPECT_THAT(FromGrpcStatus(watch->Finish()), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_TRUE(server_.queue().calls().AwaitNone(absl::InfiniteFuture()));
}

}  // namespace
}  // namespace eventlog

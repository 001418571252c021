#include "producers/cli/message_json.h"

#include "eventlog-svc/client/json_text.h"
#include "gtest/gtest.h"
#include "proto/eventlog/v1/cursors.pb.h"
#include "proto/eventlog/v1/event_log.pb.h"
#include "proto/eventlog/v1/log_admin.pb.h"

namespace eventlog {
namespace {

TEST(MessageJsonTest, NumbersAreNumbersAndDurationsSeconds) {
  v1::Log log;
  log.set_log("orders \"new\"");
  log.mutable_retention()->mutable_max_age()->set_seconds(604'800);
  log.mutable_retention()->set_max_bytes(1LL << 53);
  log.set_default_durability(v1::DURABILITY_FSYNC);
  log.mutable_create_time()->set_seconds(1);
  EXPECT_EQ(
      MessageJson(log),
      "{\"log\":\"orders \\\"new\\\"\",\"retention\":{\"max_age_s\":604800,\"max_bytes\":9007199254740992,"
      "\"max_records\":0,\"keep_for_cursors\":false},\"max_event_bytes\":0,\"max_batch_bytes\":0,"
      "\"default_durability\":\"FSYNC\",\"create_time\":\"1970-01-01T00:00:01Z\",\"engine\":\"\",\"epoch\":\"\"}");
}

TEST(MessageJsonTest, FractionsOfSecondsAreExact) {
  v1::CursorLag lag;
  lag.mutable_lag_time()->set_seconds(2);
  lag.mutable_lag_time()->set_nanos(1'500'000);
  EXPECT_EQ(MessageJson(lag), "{\"cursor\":\"\",\"next_offset\":0,\"lag_records\":0,\"lag_time_s\":2.0015}");
  lag.mutable_lag_time()->set_seconds(0);
  lag.mutable_lag_time()->set_nanos(-500'000'000);
  EXPECT_EQ(MessageJson(lag), "{\"cursor\":\"\",\"next_offset\":0,\"lag_records\":0,\"lag_time_s\":-0.5}");
}

TEST(MessageJsonTest, ListsAndPartsOfAOneofAreWritten) {
  v1::VerifyLogResponse response;
  EXPECT_EQ(MessageJson(response), "{}");
  v1::VerifyLogResponse::Segment& segment = *response.mutable_segment();
  segment.set_file("0.log");
  v1::Gap& gap = *segment.add_gaps();
  gap.set_next_offset(7);
  gap.set_reason(v1::GAP_REASON_CORRUPT);
  segment.add_problems("a \x01");
  segment.add_problems("b");
  EXPECT_EQ(MessageJson(response),
            "{\"segment\":{\"file\":\"0.log\",\"base_offset\":0,\"next_offset\":0,\"record_count\":0,\"byte_count\":0,"
            "\"gaps\":[{\"start_offset\":0,\"next_offset\":7,\"reason\":\"CORRUPT\"}],\"problems\":[\"a "
            "\\u0001\",\"b\"]}}");
}

TEST(MessageJsonTest, IsValidForEveryAnswerOfTheAdministration) {
  for (const std::string& json : {MessageJson(v1::Log()), MessageJson(v1::Cursor()), MessageJson(v1::LogStats()),
                                  MessageJson(v1::TrimLogResponse()), MessageJson(v1::ListCursorsResponse())}) {
    EXPECT_TRUE(IsJson(json)) << json;
  }
}

}  // namespace
}  // namespace eventlog

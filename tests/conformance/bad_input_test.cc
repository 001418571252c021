// Bad input gets the named status with an ErrorInfo, and stores nothing.

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/unknown_field_set.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "tests/conformance/engines.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr size_t kMiB = 1024 * 1024;

class BadInputTest : public EngineSuite {
 protected:
  // The status of the append; what it left in the log is held against nothing.
  absl::Status Refused(const v1::AppendRequest& request) {
    const absl::Status status = service_.Append(request).status();
    EXPECT_EQ(service_.Stats().record_count(), 0) << "a refused append stored something";
    EXPECT_EQ(service_.Stats().head_offset(), 0);
    return status;
  }
  absl::Status RefusedEvent(const v1::Event& event) {
    v1::AppendRequest request;
    *request.add_events() = EventOf("good.event", "");
    *request.add_events() = event;
    return Refused(request);
  }
  absl::Status Subscribed(const v1::SubscribeRequest& request) { return service_.Subscribe(request)->Finish(); }
  absl::Status Filtered(const v1::EventFilter& filter) {
    v1::SubscribeRequest subscribe;
    *subscribe.mutable_filter() = filter;
    v1::ReadRequest read;
    *read.mutable_filter() = filter;
    const absl::Status status = Subscribed(subscribe);
    EXPECT_EQ(service_.Read(read).status().message(), status.message());
    return status;
  }
};

MATCHER_P2(Refuses, reason, where, "is INVALID_ARGUMENT, " + std::string(reason) + ", and says where: " + where) {
  *result_listener << arg << " with reason " << ErrorReason(arg);
  return absl::IsInvalidArgument(arg) && ErrorReason(arg) == reason &&
         std::string(arg.message()).find(where) != std::string::npos;
}

TEST_P(BadInputTest, AnEmptyAppend) { EXPECT_THAT(Refused({}), Refuses("EMPTY_APPEND", "events")); }

TEST_P(BadInputTest, AnEventWithoutAType) { EXPECT_THAT(RefusedEvent({}), Refuses("EVENT_INVALID", "events[1].type")); }

TEST_P(BadInputTest, AnEventThatIsTooLarge) {
  EXPECT_THAT(RefusedEvent(EventOf("a.b", std::string(kMiB, 'x'))), Refuses("EVENT_TOO_LARGE", "events[1]"));
}

TEST_P(BadInputTest, ABatchOfTooManyBytes) {
  v1::AppendRequest request;
  for (int i = 0; i < 5; ++i) *request.add_events() = EventOf("a.b", std::string(kMiB - 100, 'x'));
  EXPECT_THAT(Refused(request), Refuses("BATCH_TOO_LARGE", "4194304"));
}

TEST_P(BadInputTest, ABatchOfTooManyEvents) {
  v1::AppendRequest request;
  for (int i = 0; i < 10'001; ++i) request.add_events()->set_type("a.b");
  EXPECT_THAT(Refused(request), Refuses("BATCH_TOO_LARGE", "10000"));
}

TEST_P(BadInputTest, NamesThatAreTooLongOrHaveControlCharacters) {
  const std::vector<std::pair<std::string, void (*)(v1::Event&)>> bad = {
      {"events[1].type", [](v1::Event& event) { event.set_type(std::string(256, 'x')); }},
      {"events[1].id", [](v1::Event& event) { event.set_id(std::string(1025, 'x')); }},
      {"events[1].source", [](v1::Event& event) { event.set_source(std::string(1025, 'x')); }},
      {"events[1].subject", [](v1::Event& event) { event.set_subject("a\nb"); }},
      {"events[1].type", [](v1::Event& event) { event.set_type("a\x7F"); }},
      {"events[1].time", [](v1::Event& event) { event.mutable_time()->set_nanos(-1); }},
      {"events[1].attributes", [](v1::Event& event) { (*event.mutable_attributes())["Upper"] = ""; }},
      {"events[1].attributes", [](v1::Event& event) { (*event.mutable_attributes())[std::string(65, 'k')] = ""; }},
      {"events[1].attributes.k", [](v1::Event& event) { (*event.mutable_attributes())["k"] = std::string(1025, 'v'); }},
      {"events[1].attributes",
       [](v1::Event& event) {
         for (int i = 0; i < 65; ++i) (*event.mutable_attributes())["k" + std::to_string(i)] = "";
       }},
  };
  for (const auto& [where, spoil] : bad) {
    v1::Event event = EventOf("a.b", "");
    spoil(event);
    EXPECT_THAT(RefusedEvent(event), Refuses("EVENT_INVALID", where));
  }
}

TEST_P(BadInputTest, TextThatIsNotUtf8) {
  v1::Event bad;
  bad.set_type("a.b");
  bad.set_binary("\xFF\xFE");
  std::string wire = bad.SerializeAsString();
  wire[wire.size() - 4] = 0x42;  // the field `binary` becomes `text`
  v1::AppendRequest good;
  good.add_events()->set_type("a.b");
  const std::string request = good.SerializeAsString() + '\x12' + static_cast<char>(wire.size()) + wire;
  EXPECT_THAT(service_.CallRaw("EventLog/Append", request), Refuses("EVENT_INVALID", "events[1]"));
  EXPECT_EQ(service_.Stats().record_count(), 0);
}

// With a field, unknown to this version, of so many groups one in the other.
v1::AppendRequest NestedAppend(int groups) {
  v1::AppendRequest request = AppendOf({"nested"});
  v1::Event* const event = request.mutable_events(0);
  google::protobuf::UnknownFieldSet* fields = event->GetReflection()->MutableUnknownFields(event);
  for (int i = 0; i < groups; ++i) fields = fields->AddGroup(99);
  return request;
}

TEST_P(BadInputTest, AnEventThatIsNestedTooDeeplyForItsReaders) {
  EXPECT_THAT(Refused(NestedAppend(98)), Refuses("EVENT_INVALID", "events[0]: nested too deeply"));
  grpc::ClientContext context;
  SetSafetyDeadline(context);
  const auto stream = service_.stub().AppendStream(&context);
  ASSERT_TRUE(stream->Write(NestedAppend(98)));
  v1::AppendStreamResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_EQ(answer.error().code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(service_.Stats().record_count(), 0);

  const v1::AppendRequest deep = NestedAppend(88);
  ASSERT_THAT(service_.Append(deep), IsOk());
  const absl::StatusOr<v1::ReadResponse> page = service_.Read({});
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->records_size(), 1);
  EXPECT_EQ(page->records(0).event().GetReflection()->GetUnknownFields(page->records(0).event()).field_count(), 1);
  v1::SubscribeRequest all;
  all.mutable_earliest();
  EXPECT_EQ(service_.Subscribe(all)->TextsToCaughtUp().size(), 1u);
}

TEST_P(BadInputTest, BytesThatAreNoMessage) {
  for (const std::string method :
       {"EventLog/Append", "EventLog/Read", "EventLog/GetLogStats", "EventLog/Subscribe", "LogAdmin/CreateLog",
        "LogAdmin/GetLog", "LogAdmin/ListLogs", "LogAdmin/UpdateLog", "LogAdmin/DeleteLog", "LogAdmin/TrimLog",
        "LogAdmin/VerifyLog", "LogAdmin/BackupLog", "Cursors/GetCursor", "Cursors/ListCursors", "Cursors/CommitCursor",
        "Cursors/ResetCursor", "Cursors/DeleteCursor"}) {
    EXPECT_THAT(service_.CallRaw(method, "\xFF\xFF"), Refuses("REQUEST_INVALID", "well formed")) << method;
  }
}

TEST_P(BadInputTest, ALogThatIsNotThere) {
  v1::AppendRequest append = AppendOf({"a"});
  append.set_log("other");
  v1::SubscribeRequest subscribe;
  subscribe.set_log("other");
  v1::ReadRequest read;
  read.set_log("other");
  for (const absl::Status& status : {Refused(append), Subscribed(subscribe), service_.Read(read).status(),
                                     service_.CallRaw("EventLog/GetLogStats", std::string("\x0A\x05other"))}) {
    EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kNotFound, HasSubstr("other")), HasReason("LOG_NOT_FOUND")));
  }
}

TEST_P(BadInputTest, ANameThatIsFarTooLongStillGetsItsReason) {
  v1::AppendRequest append = AppendOf({"a"});
  append.set_log(std::string(100'000, 'x'));
  EXPECT_THAT(Refused(append), HasReason("LOG_NOT_FOUND"));
  v1::Event event = EventOf("a.b", "");
  (*event.mutable_attributes())[std::string(100'000, 'K')] = "";
  EXPECT_THAT(RefusedEvent(event), HasReason("EVENT_INVALID"));
  v1::EventFilter filter;
  filter.add_subjects(std::string(100'000, 'x'));
  EXPECT_THAT(Filtered(filter), HasReason("FILTER_INVALID"));
}

TEST_P(BadInputTest, OffsetsThatAreNegative) {
  v1::SubscribeRequest subscribe;
  subscribe.set_offset(-1);
  EXPECT_THAT(Subscribed(subscribe), Refuses("OFFSET_INVALID", "offset"));
  subscribe.set_tail(-1);
  EXPECT_THAT(Subscribed(subscribe), Refuses("OFFSET_INVALID", "tail"));
  subscribe.set_offset(0);
  subscribe.set_until_offset(-1);
  EXPECT_THAT(Subscribed(subscribe), Refuses("OFFSET_INVALID", "until_offset"));
  v1::ReadRequest read;
  read.set_offset(-1);
  EXPECT_THAT(service_.Read(read).status(), Refuses("OFFSET_INVALID", "offset"));
  v1::AppendRequest append = AppendOf({"a"});
  append.set_expected_next_offset(-1);
  EXPECT_THAT(Refused(append), Refuses("OFFSET_INVALID", "expected_next_offset"));
}

TEST_P(BadInputTest, AnOffsetBeyondTheHead) {
  ASSERT_THAT(service_.Append({"a"}), IsOk());
  for (const int64_t offset : {int64_t{2}, std::numeric_limits<int64_t>::max()}) {
    v1::SubscribeRequest subscribe;
    subscribe.set_offset(offset);
    EXPECT_THAT(Subscribed(subscribe),
                AllOf(StatusIs(absl::StatusCode::kOutOfRange), HasReason("OFFSET_OUT_OF_RANGE")));
    for (const bool backward : {false, true}) {
      v1::ReadRequest read;
      read.set_offset(offset);
      read.set_backward(backward);
      EXPECT_THAT(service_.Read(read),
                  AllOf(StatusIs(absl::StatusCode::kOutOfRange), HasReason("OFFSET_OUT_OF_RANGE")));
    }
  }
}

TEST_P(BadInputTest, FiltersThatAreMalformed) {
  const std::vector<std::pair<std::string, void (*)(v1::EventFilter&)>> bad = {
      {"filter.types[0]", [](v1::EventFilter& filter) { filter.add_types(""); }},
      {"filter.types[0]", [](v1::EventFilter& filter) { filter.add_types("*"); }},
      {"filter.types[0]", [](v1::EventFilter& filter) { filter.add_types(".*"); }},
      {"filter.types[0]", [](v1::EventFilter& filter) { filter.add_types("a*"); }},
      {"filter.types[0]", [](v1::EventFilter& filter) { filter.add_types("a.*.b"); }},
      {"filter.types[0]", [](v1::EventFilter& filter) { filter.add_types("a.**"); }},
      {"filter.types[0]", [](v1::EventFilter& filter) { filter.add_types(std::string(256, 'x')); }},
      {"filter.subjects[1]",
       [](v1::EventFilter& filter) {
         filter.add_subjects("a");
         filter.add_subjects("");
       }},
      {"filter.sources[0]", [](v1::EventFilter& filter) { filter.add_sources("a\tb"); }},
      {"filter.subjects",
       [](v1::EventFilter& filter) {
         for (int i = 0; i < 101; ++i) filter.add_subjects("s" + std::to_string(i));
       }},
      {"filter.attributes", [](v1::EventFilter& filter) { (*filter.mutable_attributes())[""] = "v"; }},
      {"filter.attributes",
       [](v1::EventFilter& filter) { (*filter.mutable_attributes())["k"] = std::string(1025, 'v'); }},
  };
  for (const auto& [where, spoil] : bad) {
    v1::EventFilter filter;
    spoil(filter);
    EXPECT_THAT(Filtered(filter), Refuses("FILTER_INVALID", where));
  }
}

TEST_P(BadInputTest, FieldsThatThisVersionDoesNotKnow) {
  v1::SubscribeRequest subscribe;
  subscribe.GetReflection()->MutableUnknownFields(&subscribe)->AddVarint(77, 1);
  EXPECT_THAT(Subscribed(subscribe), Refuses("REQUEST_INVALID", "77"));
  v1::ReadRequest read;
  read.GetReflection()->MutableUnknownFields(&read)->AddVarint(78, 1);
  EXPECT_THAT(service_.Read(read).status(), Refuses("REQUEST_INVALID", "78"));
  v1::EventFilter filter;
  filter.GetReflection()->MutableUnknownFields(&filter)->AddVarint(79, 1);
  EXPECT_THAT(Filtered(filter), Refuses("REQUEST_INVALID", "79"));
  v1::AppendRequest append = AppendOf({"a"});
  append.GetReflection()->MutableUnknownFields(&append)->AddVarint(80, 1);
  EXPECT_THAT(Refused(append), Refuses("REQUEST_INVALID", "80"));
  append = AppendOf({"a"});
  append.mutable_producer()->set_id("p");
  append.producer().GetReflection()->MutableUnknownFields(append.mutable_producer())->AddVarint(81, 1);
  EXPECT_THAT(Refused(append), Refuses("REQUEST_INVALID", "81"));
  EXPECT_THAT(service_.CallRaw("EventLog/GetLogStats", "\x50\x01"), Refuses("REQUEST_INVALID", "10"));
}

TEST_P(BadInputTest, LimitsAndIntervalsOutOfRange) {
  v1::SubscribeRequest subscribe;
  subscribe.set_max_batch_records(10'001);
  EXPECT_THAT(Subscribed(subscribe), Refuses("REQUEST_INVALID", "max_batch_records"));
  subscribe.set_max_batch_records(0);
  subscribe.set_max_batch_bytes(-1);
  EXPECT_THAT(Subscribed(subscribe), Refuses("REQUEST_INVALID", "max_batch_bytes"));
  subscribe.set_max_batch_bytes(0);
  subscribe.mutable_heartbeat_interval()->set_nanos(99'999'999);
  EXPECT_THAT(Subscribed(subscribe), Refuses("REQUEST_INVALID", "heartbeat_interval"));
  subscribe.mutable_heartbeat_interval()->set_seconds(std::numeric_limits<int64_t>::max());
  EXPECT_THAT(Subscribed(subscribe), Refuses("REQUEST_INVALID", "heartbeat_interval"));
  subscribe.clear_heartbeat_interval();
  subscribe.mutable_time()->set_seconds(std::numeric_limits<int64_t>::max());
  EXPECT_THAT(Subscribed(subscribe), Refuses("REQUEST_INVALID", "time"));
  v1::ReadRequest read;
  read.set_max_records(-1);
  EXPECT_THAT(service_.Read(read).status(), Refuses("REQUEST_INVALID", "max_records"));
  read.set_max_records(0);
  read.set_max_bytes(4 * 1024 * 1024 + 1);
  EXPECT_THAT(service_.Read(read).status(), Refuses("REQUEST_INVALID", "max_bytes"));
}

TEST_P(BadInputTest, ADurabilityThatIsNotReached) {
  v1::AppendRequest append = AppendOf({"a"});
  for (const auto durability : {v1::DURABILITY_REPLICATED, static_cast<v1::Durability>(9)}) {
    append.set_durability(durability);
    EXPECT_THAT(Refused(append),
                AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("DURABILITY_UNSUPPORTED")));
  }
}

TEST_P(BadInputTest, ProducersThatAreMalformedFencedOrHaveAGap) {
  v1::AppendRequest append = AppendOf({"a"});
  append.mutable_producer()->set_epoch(1);
  EXPECT_THAT(Refused(append), Refuses("REQUEST_INVALID", "producer.id"));
  append.mutable_producer()->set_id("p");
  append.mutable_producer()->set_first_sequence(3);
  EXPECT_THAT(Refused(append), AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("SEQUENCE_GAP")));
  append.mutable_producer()->set_first_sequence(0);
  ASSERT_THAT(service_.Append(append), IsOk());
  append.mutable_producer()->set_epoch(0);
  EXPECT_THAT(service_.Append(append),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("PRODUCER_FENCED")));
  EXPECT_EQ(service_.Stats().record_count(), 1);
}

INSTANTIATE_ON_ENGINES(BadInputTest);

}  // namespace
}  // namespace eventlog

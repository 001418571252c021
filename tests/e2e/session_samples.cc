// Prints a sample of each event that proto/session/v1 describes: its type, a tab, and its data as producers write it.

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <string>

#include "glog/logging.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "proto/session/v1/claude.pb.h"
#include "proto/session/v1/session.pb.h"

namespace {

struct Sample {
  const char* type;
  const char* message;
  const char* text;  // with each of its fields
};

constexpr Sample kSamples[] = {
    {"client.connected", "ClientConnected",
     R"(session_id: "s1" client_id: "c1" pid: 4711 user: "ann" host: "north" window_size { rows: 24 columns: 80 })"},
    {"client.disconnected", "ClientDisconnected",
     R"(session_id: "s1" client_id: "c1" reason: DISCONNECT_REASON_DETACHED)"},
    {"session.created", "SessionCreated",
     R"(session_id: "s1" name: "caf\303\251" command: "sh" command: "-c" command: "echo \"$1\"" cwd: "/tmp/p" pid: 4712
        user: "ann" host: "north" window_size { rows: 24 columns: 80 })"},
    {"session.state_changed", "SessionStateChanged",
     R"(session_id: "s1" old_state: SESSION_STATE_RUNNING new_state: SESSION_STATE_IDLE)"},
    {"session.output", "SessionOutput",
     R"(session_id: "s1" text: "\033[1mcaf\303\251\357\277\275\r\n" first_byte: 9007199254740993 bytes_left_out: 12
        stream: OUTPUT_STREAM_STDERR)"},
    {"session.removed", "SessionRemoved",
     R"(session_id: "s1" reason: REMOVAL_REASON_EXITED exit_code: 0 signal: "SIGKILL" core_dumped: true)"},
    {"user.input", "UserInput", R"(session_id: "s1" client_id: "c1" text: "ls\r")"},
    {"permission.response", "PermissionResponse",
     R"(session_id: "s1" request_id: "r1" allowed: true client_id: "c1" message: "go on")"},
    {"ownership.transferred", "OwnershipTransferred", R"(session_id: "s1" old_client_id: "c1" new_client_id: "c2")"},
    {"tunnel.state_changed", "TunnelStateChanged",
     R"(session_id: "s1" tunnel_id: "t1" old_state: TUNNEL_STATE_CONNECTING new_state: TUNNEL_STATE_OPEN
        url: "https://t1.example/?a=b&c=<d>" error: "none")"},
    {"claude.turn_start", "ClaudeTurnStart", R"(session_id: "s1" turn_id: "t1" model: "large-1")"},
    {"claude.text_delta", "ClaudeTextDelta", R"(session_id: "s1" turn_id: "t1" block: 1 text: "Hello,\nworld")"},
    {"claude.thinking_delta", "ClaudeThinkingDelta",
     R"(session_id: "s1" turn_id: "t1" block: 2 thinking: "\360\237\230\200 hm")"},
    {"claude.tool_use_start", "ClaudeToolUseStart",
     R"(session_id: "s1" turn_id: "t1" tool_use_id: "u1" tool_name: "Bash")"},
    {"claude.tool_input_delta", "ClaudeToolInputDelta",
     R"(session_id: "s1" turn_id: "t1" tool_use_id: "u1" partial_json: "{\"command\":\"l")"},
    {"claude.tool_result", "ClaudeToolResult",
     R"(session_id: "s1" turn_id: "t1" tool_use_id: "u1" content { list_value { values { string_value: "a.txt" }
        values { number_value: 1.5 } values { null_value: NULL_VALUE } } } is_error: true)"},
    {"claude.turn_complete", "ClaudeTurnComplete",
     R"(session_id: "s1" turn_id: "t1" stop_reason: "end_turn" input_tokens: 1200 output_tokens: 34)"},
    {"claude.error", "ClaudeError",
     R"(session_id: "s1" turn_id: "t1" code: "overloaded" message: "try again" retryable: true)"},
    // Of a Struct with more members than one the order is different each time.
    {"claude.permission_request", "ClaudePermissionRequest",
     R"(session_id: "s1" request_id: "r1" tool_name: "Bash" tool_input { fields { key: "command"
        value { string_value: "rm -rf build" } } })"},
};

// What is part of an event, and none itself.
const std::set<std::string>& Parts() {
  static const auto* const parts = new std::set<std::string>{"WindowSize"};
  return *parts;
}

void CheckAllAreThere() {
  std::set<std::string> sampled = Parts();
  for (const Sample& sample : kSamples) sampled.insert(sample.message);
  for (const auto* file :
       {session::v1::SessionCreated::descriptor()->file(), session::v1::ClaudeTurnStart::descriptor()->file()}) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      CHECK_EQ(sampled.count(file->message_type(i)->name()), 1u) << "no sample: " << file->message_type(i)->name();
    }
  }
}

std::string Json(const Sample& sample) {
  const auto* const pool = google::protobuf::DescriptorPool::generated_pool();
  const auto* const descriptor = pool->FindMessageTypeByName(std::string("session.v1.") + sample.message);
  CHECK(descriptor != nullptr) << sample.message;
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  CHECK(google::protobuf::TextFormat::ParseFromString(sample.text, message.get())) << sample.type;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* const field = descriptor->field(i);
    const auto* const reflection = message->GetReflection();
    const bool has =
        field->is_repeated() ? reflection->FieldSize(*message, field) > 0 : reflection->HasField(*message, field);
    CHECK(has) << sample.type << " has no " << field->name();
  }
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  CHECK(google::protobuf::util::MessageToJsonString(*message, &json, options).ok());
  return json;
}

}  // namespace

int main() {
  CheckAllAreThere();
  for (const Sample& sample : kSamples) std::printf("%s\t%s\n", sample.type, Json(sample).c_str());
}

#include "tests/bench/session_events.h"

#include <cmath>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace eventlog::bench {
namespace {

constexpr int64_t kSeconds = 1'760'000'000;
constexpr int kSessions = 40;

// By how often they stand in prose and code; the first ones most.
constexpr absl::string_view kWords[] = {"the",         "to",
                                        "a",           "of",
                                        "and",         "is",
                                        "in",          "it",
                                        "that",        "this",
                                        "for",         "file",
                                        "test",        "with",
                                        "on",          "be",
                                        "I",           "function",
                                        "we",          "not",
                                        "now",         "let",
                                        "me",          "from",
                                        "as",          "error",
                                        "value",       "if",
                                        "so",          "by",
                                        "return",      "will",
                                        "run",         "should",
                                        "are",         "check",
                                        "code",        "when",
                                        "line",        "which",
                                        "an",          "add",
                                        "call",        "first",
                                        "build",       "one",
                                        "because",     "has",
                                        "time",        "state",
                                        "server",      "client",
                                        "name",        "see",
                                        "change",      "path",
                                        "only",        "fails",
                                        "list",        "same",
                                        "type",        "before",
                                        "module",      "read",
                                        "write",       "request",
                                        "then",        "import",
                                        "string",      "result",
                                        "after",       "where",
                                        "config",      "default",
                                        "index",       "message",
                                        "there",       "looks",
                                        "need",        "method",
                                        "no",          "size",
                                        "each",        "output",
                                        "version",     "next",
                                        "buffer",      "stream",
                                        "missing",     "out",
                                        "up",          "can",
                                        "but",         "case",
                                        "update",      "field",
                                        "class",       "process",
                                        "event",       "offset",
                                        "log",         "lock",
                                        "thread",      "queue",
                                        "timeout",     "handler",
                                        "parser",      "token",
                                        "cache",       "limit",
                                        "retry",       "socket",
                                        "header",      "frame",
                                        "records",     "segment",
                                        "commit",      "branch",
                                        "merge",       "diff",
                                        "schema",      "column",
                                        "table",       "query",
                                        "migration",   "endpoint",
                                        "response",    "session",
                                        "permission",  "prompt",
                                        "expected",    "assert",
                                        "undefined",   "null",
                                        "reference",   "iterator",
                                        "allocation",  "boundary",
                                        "regression",  "coverage",
                                        "fixture",     "deadlock",
                                        "overflow",    "truncated",
                                        "unicode",     "serialization",
                                        "dependency",  "compile",
                                        "linker",      "warning",
                                        "deprecated",  "refactor",
                                        "rename",      "interface",
                                        "constructor", "template",
                                        "callback",    "asynchronous",
                                        "scheduler",   "throughput",
                                        "latency",     "percentile",
                                        "benchmark",   "variance",
                                        "checksum"};
constexpr absl::string_view kFolders[] = {"src", "lib", "app", "tests", "server", "web", "internal", "cmd", "storage"};
constexpr absl::string_view kEndings[] = {".cc", ".h", ".py", ".ts", ".go", ".rs", ".md", ".json"};
constexpr absl::string_view kTools[] = {"Bash", "Read", "Edit", "Grep", "Write", "Glob"};

// splitmix64, of Steele, Lea and Flood.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}
  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  uint64_t Below(uint64_t count) { return Next() % count; }
  double Fraction() { return static_cast<double>(Next() >> 11) / static_cast<double>(uint64_t{1} << 53); }

 private:
  uint64_t state_;
};

template <typename Table>
absl::string_view Any(const Table& table, Random& random) {
  return table[random.Below(std::size(table))];
}

absl::string_view Word(Random& random) {
  // Zipf: the chance of the n-th is about 1/n.
  const double rank = std::pow(static_cast<double>(std::size(kWords)), random.Fraction());
  return kWords[static_cast<size_t>(rank) - 1];
}

std::string Words(uint64_t count, Random& random) {
  std::string text;
  for (uint64_t i = 0; i < count; ++i) {
    absl::StrAppend(&text, text.empty() ? "" : random.Below(12) == 0 ? ", " : " ", Word(random));
    if (random.Below(30) == 0) text += ".\\n";
  }
  return text;
}

std::string Path(Random& random) {
  return absl::StrCat(Any(kFolders, random), "/", Word(random), "/", Word(random), "_", Word(random),
                      Any(kEndings, random));
}

std::string ToolId(Random& random) {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string id = "toolu_01";
  for (int i = 0; i < 22; ++i) id += kLetters[random.Below(sizeof(kLetters) - 1)];
  return id;
}

std::string ToolInput(Random& random) {
  switch (random.Below(3)) {
    case 0:
      return absl::StrCat(R"({"command":"grep -rn ')", Word(random), "' ", Path(random), " | head -", random.Below(50),
                          R"("})");
    case 1:
      return absl::StrCat(R"({"file_path":"/repo/)", Path(random), R"(","offset":)", random.Below(900), R"(,"limit":)",
                          random.Below(200), "}");
    default:
      return absl::StrCat(R"({"file_path":"/repo/)", Path(random), R"(","old_string":")", Words(8, random),
                          R"(","new_string":")", Words(9, random), R"("})");
  }
}

// Sets the event's type and data.
void Fill(v1::Event& event, int index, Random& random) {
  const uint64_t kind = random.Below(100);
  const auto set = [&event](const char* type, std::string data) {
    event.set_type(type);
    event.set_text(std::move(data));
  };
  if (kind < 50) {
    set("claude.text_delta",
        absl::StrCat(R"({"index":)", index, R"(,"text":")", Words(3 + random.Below(14), random), R"("})"));
  } else if (kind < 65) {
    set("claude.thinking_delta",
        absl::StrCat(R"({"index":)", index, R"(,"thinking":")", Words(4 + random.Below(20), random), R"("})"));
  } else if (kind < 78) {
    set("claude.tool_input_delta", absl::StrCat(R"({"index":)", index, R"(,"tool_use_id":")", ToolId(random),
                                                R"(","partial_json":")", Words(1 + random.Below(5), random), R"("})"));
  } else if (kind < 84) {
    set("claude.tool_use_start", absl::StrCat(R"({"index":)", index, R"(,"tool_use_id":")", ToolId(random),
                                              R"(","name":")", Any(kTools, random), R"("})"));
  } else if (kind < 90) {
    set("hook.pre_tool_use", absl::StrCat(R"({"tool_name":")", Any(kTools, random), R"(","tool_input":)",
                                          ToolInput(random), R"(,"permission_mode":"default"})"));
  } else if (kind < 95) {
    set("claude.tool_result",
        absl::StrCat(R"({"tool_use_id":")", ToolId(random), R"(","is_error":)", random.Below(9) == 0 ? "true" : "false",
                     R"(,"content":")", Words(20 + random.Below(120), random), R"("})"));
  } else if (kind < 98) {
    set("hook.post_tool_use", absl::StrCat(R"({"tool_name":")", Any(kTools, random), R"(","tool_input":)",
                                           ToolInput(random), R"(,"duration_ms":)", random.Below(9000), "}"));
  } else {
    set("claude.turn_complete", absl::StrCat(R"({"stop_reason":"end_turn","usage":{"input_tokens":)",
                                             random.Below(90'000), R"(,"output_tokens":)", random.Below(4000), "}}"));
  }
}

}  // namespace

v1::Record SessionRecord(int64_t offset) {
  Random random(static_cast<uint64_t>(offset));
  v1::Record record;
  record.set_offset(offset);
  // About 300 events a second.
  const int64_t ms = offset * 3 + static_cast<int64_t>(random.Below(3));
  record.mutable_append_time()->set_seconds(kSeconds + ms / 1000);
  record.mutable_append_time()->set_nanos(static_cast<int32_t>(ms % 1000 * 1'000'000 + random.Below(1'000'000)));
  v1::Event* event = record.mutable_event();
  *event->mutable_time() = record.append_time();
  const uint64_t a = random.Next(), b = random.Next();
  event->set_id(absl::StrFormat("%08x-%04x-7%03x-%04x-%012x", (kSeconds * 1000 + ms) >> 16,
                                (kSeconds * 1000 + ms) & 0xFFFF, a & 0xFFF, 0x8000 | ((a >> 12) & 0x3FFF),
                                b & 0xFFFFFFFFFFFF));
  // A few sessions are busy, others less.
  Random session(static_cast<uint64_t>(std::pow(static_cast<double>(kSessions), random.Fraction())));
  event->set_subject(absl::StrFormat("%016x", session.Next()));
  event->set_source(absl::StrCat("/hosts/dev-", session.Below(6), "/agents/", 1000 + session.Below(9000)));
  Fill(*event, static_cast<int>(random.Below(6)), random);
  return record;
}

}  // namespace eventlog::bench

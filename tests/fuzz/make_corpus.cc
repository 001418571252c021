// Writes the seeds of the fuzzers' corpus: what the program itself encodes, and scripts that take each way once. Run it
// again when a format or a script changes; the files of crashes, which are named so, stay.

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "eventlog-svc/engine/producer_table.h"
#include "eventlog-svc/storage/segment_name.h"
#include "eventlog-svc/storage/segmented_log.h"
#include "glog/logging.h"
#include "proto/eventlog/v1/event_log.pb.h"
#include "tests/fuzz/segment_script.h"
#include "tests/support/fake_file_system.h"

namespace eventlog {
namespace {

// The scripts' numbers, as InputReader takes them.
std::string U8(int value) { return std::string(1, static_cast<char>(value)); }
template <typename T>
std::string Fixed(T value) {
  std::string bytes(sizeof(value), '\0');
  std::memcpy(bytes.data(), &value, sizeof(value));
  return bytes;
}
std::string Offset(int64_t value) {
  return value >= 0 && value < 0xF0 ? U8(static_cast<int>(value)) : absl::StrCat("\xFF", Fixed(value));
}
std::string Run(absl::string_view bytes) { return absl::StrCat(Fixed(static_cast<uint16_t>(bytes.size())), bytes); }
std::string Piece(SegmentPiece piece) { return U8(static_cast<int>(piece)); }
std::string Batch(int events, int skipped = 0, int unsynced = 0, bool producer = false) {
  return absl::StrCat(Piece(SegmentPiece::kBatch), U8(events - 1), U8(skipped), U8(unsynced), U8(producer));
}
std::string AnyBatch(uint32_t count, int64_t base, int64_t synced, uint32_t id_bytes, absl::string_view body) {
  return absl::StrCat(Piece(SegmentPiece::kAnyBatch), Fixed(count), Offset(base), Offset(synced),
                      Fixed(int64_t{1'700'000'000'000'000'000}), Fixed(id_bytes), Run(body));
}
std::string Flip(int back) {
  return absl::StrCat(Piece(SegmentPiece::kFlip), Fixed(static_cast<uint16_t>(back)), U8(3));
}
std::string Zeros(int count) { return absl::StrCat(Piece(SegmentPiece::kZeros), Fixed(static_cast<uint16_t>(count))); }
std::string Cut(int count) { return absl::StrCat(Piece(SegmentPiece::kCut), Fixed(static_cast<uint16_t>(count))); }
std::string Segment(absl::string_view pieces) { return absl::StrCat(U8(0), U8(0), pieces, Piece(SegmentPiece::kEnd)); }
// A file of the folder: kinds of names and contents as recovery_fuzz.cc numbers them.
std::string File(int64_t base, int name, int content, absl::string_view script) {
  return absl::StrCat(Offset(base), U8(name), U8(content), script);
}

// A small log as the service writes it.
class RealLog {
 public:
  RealLog() {
    auto log = SegmentedLog::Open(files_, "/log", {512, 200}, {});
    CHECK(log.ok());
    for (int i = 0; i < 12; ++i) {
      BatchHeader header;
      header.base_offset = header.synced_offset = (*log)->next_offset();
      header.append_time = absl::FromUnixSeconds(1'700'000'000 + i);
      EncodedBatch batch = EncodeBatch(header, {{absl::StrCat("\x1A\x05", "event"), true}});
      if ((*log)->WantsRoll(batch.bytes.size(), 0)) CHECK((*log)->Roll("").ok());
      CHECK((*log)->Append({&batch, 1}).ok());
      CHECK((*log)->Sync().ok());
      (*log)->Publish();
    }
    (*log)->Close();
  }
  std::vector<std::string> names() const { return *files_.List("/log"); }
  std::string Content(absl::string_view name) const { return files_.Content(absl::StrCat("/log/", name)); }

 private:
  FakeFileSystem files_;
};

class Corpus {
 public:
  explicit Corpus(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void Write(const std::string& target, const std::string& name, const std::string& content) const {
    std::filesystem::create_directories(folder_ / target);
    std::ofstream file(folder_ / target / name, std::ios::binary);
    CHECK(file.write(content.data(), static_cast<std::streamsize>(content.size()))) << target << "/" << name;
  }

 private:
  const std::filesystem::path folder_;
};

void WriteSegments(const Corpus& corpus) {
  const std::string kind = "segment_fuzz";
  const RealLog log;
  for (const std::string& name : log.names()) {
    const std::string content = log.Content(name).substr(0, 600);
    const bool index = absl::string_view(name).find(kIndexSuffix) != absl::string_view::npos;
    const bool mark = absl::string_view(name).find(kSyncedSuffix) != absl::string_view::npos;
    corpus.Write(kind, "real-" + name, absl::StrCat(U8(index ? 3 : mark ? 4 : 2), U8(0), content));
    corpus.Write(kind, "name-" + name, absl::StrCat(U8(5), name));
  }
  const std::string whole = absl::StrCat(Batch(1), Batch(3, 0, 2, true));
  corpus.Write(kind, "batch", absl::StrCat(U8(0), Offset(5), Offset(56), Fixed(uint16_t{77}), U8(1), whole));
  corpus.Write(kind, "batch-any",
               absl::StrCat(U8(0), Offset(5), Offset(56), Fixed(uint16_t{77}), U8(1),
                            AnyBatch(1, 5, 5, 2, "id\x0A\x04\x0A\x02ev")));
  const std::vector<std::pair<std::string, std::string>> scans = {
      {"whole", whole},
      {"zeros", whole + Zeros(100)},
      {"flip", absl::StrCat(Batch(2), Flip(5), Batch(1))},
      {"skip", absl::StrCat(Batch(2), Piece(SegmentPiece::kRaw), Run("EVBT garbage EVBT"), Batch(1, 2))},
      {"cut", absl::StrCat(Batch(4), Cut(20), Batch(1))},
      {"misplaced", absl::StrCat(Batch(1), Piece(SegmentPiece::kMisplaced), Offset(56), Batch(1))},
      {"any", AnyBatch(2, 5, 0, 0, "\x0A\x04\x0A\x02ev")}};
  for (const auto& [name, pieces] : scans) {
    corpus.Write(kind, "scan-" + name, absl::StrCat(U8(1), Offset(5), Segment(pieces)));
  }
  std::string index = absl::StrCat(U8(3), U8(1), Offset(200), Offset(9), Offset(4), Offset(7), U8(2));
  absl::StrAppend(&index, Offset(5), Offset(1), Offset(56), Offset(7), Offset(2), Offset(120));
  corpus.Write(kind, "index", absl::StrCat(index, Run("")));
  corpus.Write(kind, "index-tail", absl::StrCat(index, Run("tail")));
  corpus.Write(kind, "mark", absl::StrCat(U8(4), U8(1), Offset(56), Offset(7)));
  corpus.Write(kind, "record", absl::StrCat(U8(6), "\x0A\x06\x0A\x02ev\x10\x05"));
}

void WriteFolders(const Corpus& corpus) {
  const std::string kind = "recovery_fuzz";
  const std::string life = absl::StrCat(U8(3), U8(4), U8(2), U8(40), U8(3), U8(1));
  const std::string lives = absl::StrCat(life, U8(0), U8(21), life, U8(1), U8(33), life);
  const std::string batches = absl::StrCat(Batch(2), Batch(1), Batch(3, 0, 1, true));
  const std::string closed = File(0, 0, 0, Segment(batches));
  const std::string active = File(6, 0, 0, Segment(absl::StrCat(Batch(1), Batch(2))));
  const std::vector<std::pair<std::string, std::string>> folders = {
      {"empty", U8(0)},
      {"one", absl::StrCat(U8(1), closed)},
      {"two", absl::StrCat(U8(2), closed, active)},
      {"mark", absl::StrCat(U8(2), closed, File(0, 4, 2, absl::StrCat(Offset(120), Offset(4))))},
      {"mark-beyond", absl::StrCat(U8(2), closed, File(0, 4, 2, absl::StrCat(Offset(0x400), Offset(20))))},
      {"index", absl::StrCat(U8(3), closed, active,
                             File(0, 3, 1,
                                  absl::StrCat(Offset(0x150), Offset(6), Offset(6), Offset(0), U8(1), Offset(0),
                                               Offset(0), Offset(56), Run(""))))},
      {"torn", absl::StrCat(U8(1), File(0, 0, 0, Segment(absl::StrCat(batches, Batch(4), Cut(30), Zeros(60)))))},
      {"damage", absl::StrCat(U8(1), File(0, 0, 0, Segment(absl::StrCat(Batch(2), Flip(4), Batch(1), Batch(1)))))},
      {"hole", absl::StrCat(U8(2), closed, File(9, 0, 0, Segment(Batch(1))))},
      {"any", absl::StrCat(U8(1), File(0, 0, 0, Segment(AnyBatch(2, 0, 0, 0, "\x0A\x04\x0A\x02ev"))))},
      {"raw", absl::StrCat(U8(1), File(3, 0, 3, Run("not a segment")))},
      {"unfinished", absl::StrCat(U8(2), closed, File(6, 5, 3, Run("half")))},
      {"torn-name", absl::StrCat(U8(2), File(0, 0, 0, Segment(absl::StrCat(Piece(SegmentPiece::kRaw), Run("x")))),
                                 File(0, 6, 3, Run("aside")))}};
  for (const auto& [name, folder] : folders) corpus.Write(kind, name, absl::StrCat(folder, lives));
  const RealLog log;
  std::string real = U8(static_cast<int>(std::min<size_t>(log.names().size(), 6)));
  for (size_t i = 0; i < std::min<size_t>(log.names().size(), 6); ++i) {
    const std::string name = log.names()[i];
    absl::StrAppend(&real, Offset(0), U8(7), U8(static_cast<int>(name.size())), name, U8(3), Run(log.Content(name)));
  }
  corpus.Write(kind, "real", absl::StrCat(real, lives));
}

v1::Event FullEvent() {
  v1::Event event;
  event.set_id("0193");
  event.set_type("session.created");
  event.set_source("/a");
  event.set_subject("s1");
  event.mutable_time()->set_seconds(1'700'000'000);
  event.set_data_content_type("application/json");
  (*event.mutable_attributes())["trace"] = "x";
  event.set_text("{}");
  return event;
}

void WriteRequests(const Corpus& corpus) {
  const std::string kind = "request_fuzz";
  const auto append = [&](const std::string& name, const v1::AppendRequest& request, const std::string& more = "") {
    corpus.Write(kind, "append-" + name, absl::StrCat(U8(0), request.SerializeAsString(), more));
  };
  v1::AppendRequest request;
  append("empty", request);
  request.add_events()->set_type("a");
  append("small", request);
  append("unknown-field", request, "\xF8\x3F\x01");
  append("bad-text", request,
         "\x12\x08\x1A\x03"
         "a.b\x42\x01\xFF");
  *request.add_events() = FullEvent();
  request.set_log("events");
  request.set_expected_next_offset(7);
  request.mutable_producer()->set_id("p");
  request.mutable_producer()->set_epoch(1);
  request.mutable_producer()->set_first_sequence(3);
  request.set_durability(v1::DURABILITY_FSYNC);
  append("full", request);
  request.mutable_events(1)->set_binary("\xFF\xFE");
  request.mutable_events(1)->mutable_time()->set_nanos(-1);
  append("bad-time", request);
  for (const int levels : {88, 89, 90, 101}) {
    std::string event =
        "\x1A\x01"
        "a";
    event += std::string(static_cast<size_t>(levels), '\x7B') + std::string(static_cast<size_t>(levels), '\x7C');
    std::string length =
        U8(event.size() < 128 ? static_cast<int>(event.size()) : static_cast<int>(event.size() % 128 + 128));
    if (event.size() >= 128) length += U8(static_cast<int>(event.size() / 128));
    corpus.Write(kind, absl::StrCat("append-nested-", levels), absl::StrCat(U8(0), "\x12", length, event));
  }
  v1::SubscribeRequest subscribe;
  corpus.Write(kind, "subscribe-empty", U8(1));
  subscribe.set_offset(5);
  subscribe.mutable_filter()->add_types("session.*");
  (*subscribe.mutable_filter()->mutable_attributes())["trace"] = "x";
  subscribe.set_until_offset(9);
  subscribe.set_max_batch_records(10);
  subscribe.mutable_heartbeat_interval()->set_seconds(5);
  subscribe.set_gap_policy(v1::GAP_POLICY_FAIL);
  corpus.Write(kind, "subscribe-full", absl::StrCat(U8(1), subscribe.SerializeAsString()));
  subscribe.mutable_time()->set_seconds(1'700'000'000);
  corpus.Write(kind, "subscribe-time", absl::StrCat(U8(1), subscribe.SerializeAsString()));
  v1::ReadRequest read;
  read.set_tail(3);
  read.set_backward(true);
  read.set_max_records(4);
  read.set_max_bytes(1000);
  corpus.Write(kind, "read", absl::StrCat(U8(2), read.SerializeAsString()));
}

void WriteProducers(const Corpus& corpus) {
  const std::string kind = "producer_state_fuzz";
  ProducerTable table({4, 3});
  const std::string use = absl::StrCat(U8(1), "a", Offset(1), Offset(2), U8(0), Fixed(int64_t{5}));
  const std::string begin = absl::StrCat(U8(1), "b", Offset(0), Offset(0), U8(3), Fixed(int64_t{6}));
  const std::string script = Run(absl::StrCat(use, begin, use, begin));
  corpus.Write(kind, "none", script);
  corpus.Write(kind, "empty", script + table.Serialize());
  int64_t offset = 0;
  for (const std::string id : {"a", "b", "a", "c", "d", "e", "e", "e", "e"}) {
    const int64_t sequence = id == "a" && offset > 0 ? 2 : id == "e" && offset > 8 ? 2 * (offset - 10) / 2 + 2 : 0;
    table.Stage({id, 1, sequence}, 2, offset, absl::FromUnixSeconds(1'700'000'000));
    table.CommitStaged();
    offset += 2;
    corpus.Write(kind, absl::StrCat("after-", offset), script + table.Serialize());
  }
  corpus.Write(kind, "other-version", script + "\x02" + table.Serialize().substr(1));
}

void WriteWebSockets(const Corpus& corpus) {
  const std::string kind = "websocket_fuzz";
  const std::string mask(4, '\0');
  const auto frame = [&](int first, absl::string_view payload) {
    return absl::StrCat(U8(first), U8(0x80 | static_cast<int>(payload.size())), mask, payload);
  };
  const std::vector<std::pair<std::string, std::string>> frames = {
      {"text", frame(0x81, "{\"type\":\"ping\"}")},
      {"binary", frame(0x82, "\xFF")},
      {"fragments", absl::StrCat(frame(0x01, "ab"), frame(0x89, "ping"), frame(0x80, "cd"))},
      {"close", frame(0x88, "\x03\xE8 bye")},
      {"close-empty", frame(0x88, "")},
      {"not-utf8", frame(0x81, "\xC3\x28")},
      {"long", absl::StrCat(U8(0x82), U8(0xFE), U8(0), U8(200), "abcd", std::string(200, 'x'))},
      {"longer", absl::StrCat(U8(0x82), U8(0xFF), std::string(6, '\0'), U8(1), U8(0), "abcd")},
      {"unmasked", absl::StrCat(U8(0x81), U8(2), "hi")}};
  for (const auto& [name, bytes] : frames) corpus.Write(kind, name, absl::StrCat(U8(1), U8(2), bytes));
  const std::string hello("\xF2\x48\xCD\xC9\xC9\x07\x00", 7);
  const std::string stored("\x00\x05\x00\xFA\xFFHello\x00", 11), last("\xF3\x48\xCD\xC9\xC9\x07\x00\x00", 8);
  const std::string two_blocks("\xF2\x48\x05\x00\x00\x00\xFF\xFF\xCA\xC9\xC9\x07\x00", 13);
  // 5000 times "0".
  const std::string bomb("\xEC\xC1\x31\x01\x00\x00\x00\xC2\xA0\x4A\xEB\x9F\xCE\x14\x7E\x40\x01\x00\x00\x00\x00\x6F\x03",
                         23);
  const std::vector<std::pair<std::string, std::string>> payloads = {
      {"hello", hello}, {"stored", stored}, {"final", last},   {"two-blocks", two_blocks},
      {"empty", U8(0)}, {"bomb", bomb},     {"damaged", "abc"}};
  for (const auto& [name, payload] : payloads) {
    corpus.Write(kind, absl::StrCat("deflated-", name), absl::StrCat(U8(4), U8(2), frame(0xC1, payload)));
    corpus.Write(kind, absl::StrCat("inflate-", name), absl::StrCat(U8(3), U8(0), U8(4), U8(1), payload));
  }
  corpus.Write(kind, "deflated-fragments",
               absl::StrCat(U8(4), U8(3), frame(0x41, hello.substr(0, 3)), frame(0x89, "p"),
                            frame(0x80, hello.substr(3)), frame(0x82, "plain"), frame(0xC0, "")));
  const std::vector<std::pair<std::string, std::string>> offers = {
      {"none", ""},
      {"browser", "permessage-deflate; client_max_window_bits"},
      {"all",
       "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; "
       "client_max_window_bits=\"1\\1\""},
      {"several",
       "mux; x=1, permessage-deflate; server_max_window_bits=8, permessage-deflate;unknown, ,permessage-deflate"},
      {"malformed", "permessage-deflate; ="}};
  std::string handshake = absl::StrCat(U8(0), U8(5));
  for (const absl::string_view field :
       {"GET", "localhost", "websocket", "keep-alive, Upgrade", "dGhlIHNhbXBsZSBub25jZQ==", "13", "eventlog.v1.json"}) {
    absl::StrAppend(&handshake, U8(static_cast<int>(field.size())), field);
  }
  for (const auto& [name, offer] : offers) {
    corpus.Write(kind, absl::StrCat("extensions-", name), absl::StrCat(U8(2), offer));
    corpus.Write(kind, absl::StrCat("handshake-", name),
                 absl::StrCat(handshake, U8(static_cast<int>(offer.size())), offer));
  }
}

}  // namespace
}  // namespace eventlog

int main(int argc, char** argv) {
  if (argc != 2) {
    LOG(ERROR) << "usage: make_corpus FOLDER";
    return 2;
  }
  const eventlog::Corpus corpus(argv[1]);
  eventlog::WriteSegments(corpus);
  eventlog::WriteFolders(corpus);
  eventlog::WriteRequests(corpus);
  eventlog::WriteProducers(corpus);
  eventlog::WriteWebSockets(corpus);
  return 0;
}

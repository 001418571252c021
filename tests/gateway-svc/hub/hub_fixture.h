// A log in memory for the tests of the hub: blocks of it, a page reader over it, and a format that tests can read back.

#ifndef TESTS_GATEWAY_SVC_HUB_HUB_FIXTURE_H_
#define TESTS_GATEWAY_SVC_HUB_HUB_FIXTURE_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gateway-svc/hub/cold_reader.h"
#include "gateway-svc/hub/event_ring.h"
#include "gateway-svc/hub/frame_format.h"
#include "gateway-svc/hub/frame_spec.h"
#include "gateway-svc/hub/page_reader.h"

namespace gateway {

inline constexpr char kEpoch[] = "00000000000000aa";

// The event at an offset: type "t.0" to "t.2", subject "s0" to "s4", about 100 bytes of JSON.
inline EncodedEvent EventAt(int64_t offset) {
  EncodedEvent event;
  event.offset = offset;
  event.type = absl::StrCat("t.", offset % 3);
  event.subject = absl::StrCat("s", offset % 5);
  event.source = "/";
  event.append_time = absl::FromUnixSeconds(offset);
  event.json = absl::StrCat("{\"offset\":", offset, ",\"data\":\"", std::string(80, 'x'), "\"}");
  return event;
}

// Counts what it hears.
struct CountingWaiter : PageWaiter {
  void OnPage(int64_t) override { ++heard; }
  int heard = 0;
};

inline FrameSpec SpecOf(FrameFormat& format, const Filter& filter = {}) {
  FrameSpec spec;
  spec.filter = Normalized(filter);
  spec.format = &format;
  return spec;
}

// The block [start_offset, next_offset) of a dense log.
inline EventBlockPtr Block(int64_t start_offset, int64_t next_offset) {
  auto block = std::make_shared<EventBlock>();
  block->start_offset = start_offset;
  block->next_offset = next_offset;
  for (int64_t offset = start_offset; offset < next_offset; ++offset) {
    block->events.push_back(EventAt(offset));
    block->bytes += block->events.back().json.size();
  }
  return block;
}

inline EventBlockPtr GapBlock(int64_t start_offset, int64_t next_offset) {
  auto block = std::make_shared<EventBlock>();
  block->start_offset = start_offset;
  block->next_offset = next_offset;
  block->gap = BlockGap::kCorrupt;
  block->bytes = 1;
  return block;
}

// "E offset offset … >next;" and "G start >next;".
class TextFormat : public FrameFormat {
 public:
  std::string Events(const EventRun& run) override {
    std::string text = "E";
    for (const absl::string_view json : run.events) {
      absl::StrAppend(&text, " ", json.substr(10, json.find(',') - 10));
    }
    if (run.skipped.has_value()) absl::StrAppend(&text, " -", *run.skipped);
    return absl::StrCat(text, " >", run.next_offset, ";");
  }
  std::string Gap(BlockGap, absl::string_view, int64_t start_offset, int64_t next_offset) override {
    return absl::StrCat("G ", start_offset, " >", next_offset, ";");
  }
};

// The offsets in such frames; a gap is -(start) - 1 and -(next) - 1.
inline void ReadFrames(absl::string_view text, std::vector<int64_t>& found) {
  for (const absl::string_view frame : absl::StrSplit(text, ';', absl::SkipEmpty())) {
    const bool gap = frame[0] == 'G';
    for (const absl::string_view word : absl::StrSplit(frame.substr(1), ' ', absl::SkipEmpty())) {
      int64_t number = 0;
      if (!gap && word[0] == '>') continue;
      if (absl::SimpleAtoi(word[0] == '>' ? word.substr(1) : word, &number))
        found.push_back(gap ? -number - 1 : number);
    }
  }
}

// Reads pages of a dense log that ends at `head`, if it does; answers when the test says so, or at once.
class FakePages : public PageReader {
 public:
  explicit FakePages(int64_t page_records) : page_records_(page_records) {}

  void ReadPage(int64_t offset, int64_t until_offset, std::function<void(absl::StatusOr<LogPage>)> done) override {
    ++reads;
    auto answer = [this, offset, until_offset, done = std::move(done)] {
      if (!failure.ok()) return done(failure);
      LogPage page;
      page.epoch = kEpoch;
      page.next_offset = std::min({until_offset, offset + page_records_, head});
      page.blocks.push_back(Block(offset, page.next_offset));
      done(std::move(page));
    };
    if (hold) {
      held.push_back(std::move(answer));
    } else {
      answer();
    }
  }
  void FindTime(absl::Time, std::function<void(absl::StatusOr<LogPosition>)> done) override {
    done(LogPosition{kEpoch, 0});
  }
  void FindTail(int64_t, std::function<void(absl::StatusOr<LogPosition>)> done) override {
    done(LogPosition{kEpoch, 0});
  }

  void AnswerHeld() {
    std::vector<std::function<void()>> due;
    due.swap(held);
    for (const auto& answer : due) answer();
  }

  bool hold = false;
  int64_t head = std::numeric_limits<int64_t>::max();
  int reads = 0;
  absl::Status failure;
  std::vector<std::function<void()>> held;

 private:
  const int64_t page_records_;
};

}  // namespace gateway

#endif  // TESTS_GATEWAY_SVC_HUB_HUB_FIXTURE_H_

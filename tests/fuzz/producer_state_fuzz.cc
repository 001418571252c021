// ProducerTable::Restore: takes whatever bytes without harm, and a table that it accepts works and goes on from
// there in the next life as in this one.

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "eventlog-svc/engine/producer_table.h"
#include "glog/logging.h"
#include "tests/fuzz/input_reader.h"

namespace eventlog {
namespace {

constexpr size_t kProducersMax = 4;
constexpr size_t kBatchesMax = 3;

// Appends as the committing thread does, with sequences that fit and that do not.
void Use(InputReader script, ProducerTable& table) {
  int64_t offset = 0;
  for (int step = 0; step < 16 && !script.empty(); ++step) {
    std::string id(script.Bytes(script.U8() % 4));
    for (char& c : id) c = static_cast<char>(c & 0x7F);  // the service takes UTF-8 only
    const ProducerSequence producer{id, script.Offset() & INT64_MAX, script.Offset() & INT64_MAX};
    const int64_t count = 1 + script.U8();
    const absl::StatusOr<std::optional<ProducerTable::Taken>> taken = table.Check(producer, count);
    if (!taken.ok() || taken->has_value()) continue;
    table.Stage(producer, count, offset, absl::FromUnixNanos(script.I64()));
    const absl::StatusOr<std::optional<ProducerTable::Taken>> repeated = table.Check(producer, count);
    CHECK(repeated.ok() && repeated->has_value()) << "a staged batch is not known";
    CHECK_EQ((*repeated)->first_offset, offset);
    offset += count;
    if (step % 2 == 0) table.CommitStaged();
  }
  table.CommitStaged();
}

}  // namespace
}  // namespace eventlog

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using eventlog::ProducerTable;
  eventlog::InputReader input(data, size);
  const eventlog::ProducerTableOptions options{eventlog::kProducersMax, eventlog::kBatchesMax};
  const absl::string_view script = input.Run();
  ProducerTable table(options);
  const absl::string_view state = input.rest();
  if (!table.Restore(state).ok()) return 0;
  const std::string restored = table.Serialize();
  CHECK(state.empty() || restored.size() <= state.size()) << "something was made up";
  ProducerTable same(options);
  CHECK(same.Restore(restored).ok() && same.Serialize() == restored) << "what was restored is not stable";
  CHECK_LE(table.size(), options.producers_max);
  eventlog::Use({reinterpret_cast<const uint8_t*>(script.data()), script.size()}, table);
  const std::string after = table.Serialize();
  ProducerTable again(options);
  CHECK(again.Restore(after).ok()) << "what Serialize wrote is refused";
  CHECK(again.Serialize() == after) << "the state changed on its way";
  return 0;
}

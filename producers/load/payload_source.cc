#include "producers/load/payload_source.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace eventlog {
namespace {

constexpr size_t kPoolBytes = 64 * 1024;
// Below the log's limit of 1 MiB for an event, with its other fields.
constexpr int64_t kBytesMax = 1024 * 1024 - 4096;
constexpr double kSigma = 1.0;
constexpr double kSessionMedian = 180;
constexpr double kSessionSigma = 1.1;
constexpr int64_t kSessionBytesMax = 64 * 1024;

// The first ones most, as words are in prose.
constexpr absl::string_view kWords[] = {
    "the",    "to",     "a",      "of",    "and",    "is",     "in",      "it",     "that",   "this",    "for",
    "file",   "test",   "with",   "on",    "be",     "not",    "value",   "error",  "return", "from",    "line",
    "server", "client", "change", "path",  "module", "result", "request", "stream", "offset", "segment", "commit",
    "thread", "queue",  "parser", "token", "retry",  "header", "frame",   "schema", "branch", "latency", "fixture"};

constexpr char kOpening[] = "{\"text\":\"";
constexpr char kEnding[] = "\"}";
constexpr int64_t kFrameBytes = sizeof(kOpening) + sizeof(kEnding) - 2;

std::string WordPool(std::mt19937_64& random) {
  std::string pool;
  while (pool.size() < kPoolBytes) {
    // Zipf: the chance of the n-th is about 1/n.
    const double fraction = static_cast<double>(random() >> 11) / static_cast<double>(uint64_t{1} << 53);
    const double rank = std::pow(static_cast<double>(std::size(kWords)), fraction);
    absl::StrAppend(&pool, kWords[static_cast<size_t>(rank) - 1], " ");
  }
  return pool;
}

std::string BytePool(std::mt19937_64& random) {
  std::string pool;
  while (pool.size() < kPoolBytes) pool.push_back(static_cast<char>(random()));
  return pool;
}

bool ParseSize(absl::string_view text, int64_t& size) {
  return absl::SimpleAtoi(text, &size) && size >= 1 && size <= kBytesMax;
}

}  // namespace

absl::StatusOr<PayloadSizes> ParsePayloadSizes(absl::string_view text) {
  PayloadSizes sizes;
  if (text == "session") return PayloadSizes{16, kSessionBytesMax, kSessionMedian, kSessionSigma};
  absl::string_view median = text;
  int64_t middle = 0;
  if (absl::ConsumePrefix(&median, "lognormal:") && ParseSize(median, middle)) {
    return PayloadSizes{1, kBytesMax, static_cast<double>(middle), kSigma};
  }
  const std::vector<absl::string_view> ends = absl::StrSplit(text, '-');
  if (ends.size() <= 2 && ParseSize(ends.front(), sizes.min) && ParseSize(ends.back(), sizes.max) &&
      sizes.min <= sizes.max) {
    return sizes;
  }
  return absl::InvalidArgumentError(absl::StrCat("--payload_bytes=", text,
                                                 ": right is BYTES, MIN-MAX, lognormal:MEDIAN or session, with sizes "
                                                 "from 1 to ",
                                                 kBytesMax));
}

PayloadSource::PayloadSource(const PayloadSizes& sizes, bool binary, uint64_t seed, uint64_t stream)
    : sizes_(sizes), binary_(binary), lognormal_(std::log(std::max(sizes.median, 1.0)), sizes.sigma) {
  std::seed_seq mixed{seed, seed >> 32, stream};
  random_.seed(mixed);
  pool_ = binary ? BytePool(random_) : WordPool(random_);
}

int64_t PayloadSource::NextSize() {
  if (sizes_.median > 0) {
    return std::clamp(static_cast<int64_t>(lognormal_(random_)), sizes_.min, sizes_.max);
  }
  return sizes_.min + static_cast<int64_t>(random_() % static_cast<uint64_t>(sizes_.max - sizes_.min + 1));
}

void PayloadSource::AddFromPool(int64_t bytes, std::string& out) {
  for (size_t missing = static_cast<size_t>(std::max<int64_t>(bytes, 0)); missing > 0;) {
    const size_t at = random_() % pool_.size();
    const size_t length = std::min(missing, pool_.size() - at);
    out.append(pool_, at, length);
    missing -= length;
  }
}

int64_t PayloadSource::Fill(v1::Event& event) {
  const int64_t size = NextSize();
  std::string& data = binary_ ? *event.mutable_binary() : *event.mutable_text();
  data.clear();
  data.reserve(static_cast<size_t>(size));
  if (binary_) {
    AddFromPool(size, data);
  } else if (size >= kFrameBytes) {
    data += kOpening;
    AddFromPool(size - kFrameBytes, data);
    data += kEnding;
  } else {
    data.assign(static_cast<size_t>(size), '7');  // the shortest JSON: a number
  }
  return size;
}

}  // namespace eventlog

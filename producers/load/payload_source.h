// What the events of a load carry: text or bytes of given sizes, the same for the same seed.

#ifndef PRODUCERS_LOAD_PAYLOAD_SOURCE_H_
#define PRODUCERS_LOAD_PAYLOAD_SOURCE_H_

#include <cstdint>
#include <random>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/eventlog/v1/event.pb.h"

namespace eventlog {

// Sizes in bytes: uniform from min to max; or lognormal, cut at both, where a median is set.
struct PayloadSizes {
  int64_t min = 256;
  int64_t max = 256;
  double median = 0;
  double sigma = 0;  // of the logarithm
};

// "256", "100-2000", "lognormal:300", or "session": the sizes of a coding agent's events, many small pieces of text and
// now and then the long result of a tool. kInvalidArgument says what is right.
absl::StatusOr<PayloadSizes> ParsePayloadSizes(absl::string_view text);

// Not thread safe.
class PayloadSource {
 public:
  // Compressible JSON, or bytes that do not compress. Each `stream` of a seed is another.
  PayloadSource(const PayloadSizes& sizes, bool binary, uint64_t seed, uint64_t stream);

  // Sets the event's data, and returns its bytes.
  int64_t Fill(v1::Event& event);

 private:
  int64_t NextSize();
  // So many bytes of the pool, from anywhere in it.
  void AddFromPool(int64_t bytes, std::string& out);

  const PayloadSizes sizes_;
  const bool binary_;
  std::mt19937_64 random_;
  std::lognormal_distribution<double> lognormal_;
  std::string pool_;
};

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_PAYLOAD_SOURCE_H_

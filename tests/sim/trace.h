// What a simulation did, step by step: printed on demand, and always hashed, so that two runs can be told the same.

#ifndef TESTS_SIM_TRACE_H_
#define TESTS_SIM_TRACE_H_

#include <cstdint>
#include <iostream>

#include "absl/strings/string_view.h"

namespace eventlog {

// One thread.
class Trace {
 public:
  explicit Trace(bool is_printed) : is_printed_(is_printed) {}

  // One line, without its end.
  void Add(absl::string_view line) {
    // FNV-1a.
    for (const char c : line) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash_ = (hash_ ^ '\n') * 0x100000001b3;
    if (is_printed_) std::cout << line << "\n";
  }
  uint64_t hash() const { return hash_; }

 private:
  const bool is_printed_;
  uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace eventlog

#endif  // TESTS_SIM_TRACE_H_

// XXH64 of Yann Collet's xxHash (its specification is in the file doc/xxhash_spec.md of Cyan4973/xxHash): 64 bits that
// are the same in every process and on every machine. Finds every accident; it is no protection against intent.

#ifndef PRODUCERS_LOAD_CONTENT_HASH_H_
#define PRODUCERS_LOAD_CONTENT_HASH_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace eventlog {

// Thread safe.
uint64_t ContentHash(absl::string_view bytes, uint64_t seed = 0);

}  // namespace eventlog

#endif  // PRODUCERS_LOAD_CONTENT_HASH_H_

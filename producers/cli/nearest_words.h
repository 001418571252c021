// What somebody may have meant: the words that are written most like another.

#ifndef PRODUCERS_CLI_NEAREST_WORDS_H_
#define PRODUCERS_CLI_NEAREST_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace eventlog {

// How many letters must be put in, left out, replaced, or swapped with their neighbour to make one word of the other:
// the restricted Damerau-Levenshtein distance.
int EditDistance(absl::string_view a, absl::string_view b);

// The nearest of `words`, at most three, nearest first; none that is too unlike. Each once.
std::vector<std::string> NearestWords(absl::string_view given, const std::vector<std::string>& words);

}  // namespace eventlog

#endif  // PRODUCERS_CLI_NEAREST_WORDS_H_

#include "producers/cli/nearest_words.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/strings/match.h"

namespace eventlog {
namespace {

constexpr size_t kNearestMax = 3;
// A word of the command line is short; a longer one is nobody's slip.
constexpr size_t kWordBytesMax = 64;

}  // namespace

int EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<int>> distance(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) distance[i][0] = static_cast<int>(i);
  for (size_t j = 0; j <= b.size(); ++j) distance[0][j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const int replaced = distance[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      distance[i][j] = std::min({distance[i - 1][j] + 1, distance[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        distance[i][j] = std::min(distance[i][j], distance[i - 2][j - 2] + 1);
      }
    }
  }
  return distance[a.size()][b.size()];
}

std::vector<std::string> NearestWords(absl::string_view given, const std::vector<std::string>& words) {
  if (given.empty() || given.size() > kWordBytesMax) return {};
  std::set<std::pair<int, std::string>> found;
  for (const std::string& word : words) {
    // What somebody began to write counts as one slip.
    const int distance = absl::StartsWith(word, given) ? 1 : EditDistance(given, word);
    if (distance <= std::max(1, static_cast<int>(given.size()) / 3)) found.emplace(distance, word);
  }
  std::vector<std::string> nearest;
  for (const auto& [distance, word] : found) {
    if (nearest.size() < kNearestMax) nearest.push_back(word);
  }
  return nearest;
}

}  // namespace eventlog

#include "gateway-svc/hub/filter.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace gateway {
namespace {

bool TypeCovers(const std::string& pattern, const std::string& type) {
  if (pattern == "*") return true;
  if (!absl::EndsWith(pattern, ".*")) return pattern == type;
  return absl::StartsWith(type, absl::string_view(pattern).substr(0, pattern.size() - 1));
}

bool Contains(const std::vector<std::string>& values, const std::string& value) {
  return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

void SortAndUnique(std::vector<std::string>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

void AppendKey(char field, const std::vector<std::string>& values, std::string& key) {
  for (const std::string& value : values) absl::StrAppend(&key, std::string(1, field), value.size(), ":", value);
}

}  // namespace

bool Filter::Matches(const EncodedEvent& event) const {
  const bool type = types.empty() || std::any_of(types.begin(), types.end(), [&](const std::string& pattern) {
                      return TypeCovers(pattern, event.type);
                    });
  return type && Contains(subjects, event.subject) && Contains(sources, event.source) &&
         std::all_of(attributes.begin(), attributes.end(), [&](const auto& wanted) {
           return std::any_of(event.attributes.begin(), event.attributes.end(), [&](const auto& attribute) {
             return attribute.first == wanted.first && Contains(wanted.second, attribute.second);
           });
         });
}

Filter Normalized(Filter filter) {
  SortAndUnique(filter.types);
  SortAndUnique(filter.subjects);
  SortAndUnique(filter.sources);
  for (auto& [key, values] : filter.attributes) SortAndUnique(values);
  std::vector<std::string> kept;
  for (const std::string& type : filter.types) {
    const bool covered = std::any_of(filter.types.begin(), filter.types.end(), [&](const std::string& other) {
      return other != type && TypeCovers(other, type);
    });
    if (!covered) kept.push_back(type);
  }
  filter.types = std::move(kept);
  if (filter.types == std::vector<std::string>{"*"}) filter.types.clear();
  return filter;
}

std::string FilterKey(const Filter& filter) {
  std::string key;
  AppendKey('t', filter.types, key);
  AppendKey('s', filter.subjects, key);
  AppendKey('f', filter.sources, key);
  for (const auto& [name, values] : filter.attributes) {
    AppendKey('a', {name}, key);
    AppendKey('v', values, key);
  }
  return key;
}

}  // namespace gateway

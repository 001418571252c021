#include "producers/cli/completer.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace eventlog {
namespace {

bool IsPath(absl::string_view value) {
  for (const char* word : {"PATH", "FILE", "FOLDER", "DIR"}) {
    if (absl::StrContains(value, word)) return true;
  }
  return false;
}

const FlagSpec* Find(const std::vector<FlagSpec>& flags, absl::string_view name) {
  const auto found = std::find_if(flags.begin(), flags.end(),
                                  [&](const FlagSpec& flag) { return flag.name == CommandLine::FlagName(name); });
  return found == flags.end() ? nullptr : &*found;
}

bool Contains(const std::vector<std::string>& words, absl::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Completions Completer::Complete(const std::vector<std::string>& words) {
  found_ = Completions();
  written_ = words.empty() ? "" : words.back();
  const Place place = FindPlace(words);
  if (place.behind_dashes) {
    found_.files = true;
  } else if (place.value_of != nullptr) {
    AddValues(*place.value_of, place, "");
  } else if (absl::StartsWith(written_, "--") && absl::StrContains(written_, '=')) {
    const std::string name = written_.substr(2, written_.find('=') - 2);
    if (const FlagSpec* const flag = Find(flags_, name)) AddValues(*flag, place, absl::StrCat("--", name, "="));
  } else if (absl::StartsWith(written_, "-")) {
    AddFlags(place);
  } else if (place.command == nullptr) {
    AddCommands(place);
  } else {
    // `hook` is a command, and `hook install` is one.
    if (place.names.size() == 1) AddCommands(place);
    AddWords(place);
  }
  return std::move(found_);
}

Completer::Place Completer::FindPlace(const std::vector<std::string>& words) {
  Place place;
  flags_ = FlagsAt(place);
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (place.value_of != nullptr) {
      if (place.value_of->name == "server") place.server = word;
      place.value_of = nullptr;
    } else if (word == "--") {
      place.behind_dashes = true;
      return place;
    } else if (absl::StartsWith(word, "--")) {
      const std::pair<std::string, std::string> parts = absl::StrSplit(word.substr(2), absl::MaxSplits('=', 1));
      const FlagSpec* const flag = Find(flags_, parts.first);
      if (flag == nullptr) continue;
      place.given.emplace_back(flag->name);
      if (parts.first == "server") place.server = parts.second;
      if (!flag->value.empty() && !absl::StrContains(word, '=')) place.value_of = flag;
    } else if (word.size() == 2 && word[0] == '-') {
      for (const FlagSpec& flag : flags_) {
        if (flag.letter == word[1] && !flag.value.empty()) place.value_of = &flag;
      }
    } else if (place.names.size() < 2 && word != "help") {
      place.names.push_back(word);
      // The second word may be one of the first one's, which is a command then, and stays it.
      const std::string name = place.names.size() == 2 ? absl::StrCat(place.names[0], " ", word) : word;
      for (const Command* command : commands_) {
        if (command->name == name) place.command = command;
      }
      flags_ = FlagsAt(place);
    }
  }
  return place;
}

std::vector<FlagSpec> Completer::FlagsAt(const Place& place) const {
  std::vector<FlagSpec> flags;
  if (place.command != nullptr) flags = place.command->flags();
  for (const FlagSpec& flag : global_flags_) {
    if (Find(flags, flag.name) == nullptr) flags.push_back(flag);
  }
  return flags;
}

void Completer::AddValues(const FlagSpec& flag, const Place& place, const std::string& prefix) {
  for (const std::string& choice : CommandLine::Choices(flag)) Add(prefix + choice, "");
  if (flag.name == "log") {
    for (const std::string& name : log_names_(place.server)) Add(prefix + name, "");
  }
  if (IsPath(flag.value)) found_.files = true;
}

void Completer::AddFlags(const Place& place) {
  for (const FlagSpec& flag : flags_) {
    if (Contains(place.given, flag.name) && !flag.repeatable) continue;
    std::string word = absl::StrCat("--", flag.name, flag.value.empty() ? "" : "=");
    // What is written stays: shells leave out what does not begin with it.
    const std::string name = written_.substr(std::min<size_t>(2, written_.size()));
    if (absl::StartsWith(flag.name, CommandLine::FlagName(name))) word.replace(0, written_.size(), written_);
    Add(word, flag.help);
  }
}

void Completer::AddCommands(const Place& place) {
  std::set<std::string> groups;
  for (const Command* command : commands_) {
    const std::vector<std::string> words = absl::StrSplit(command->name, ' ');
    if (place.names.size() == 1 && words.size() == 2 && words[0] == place.names[0]) Add(words[1], command->summary);
    if (!place.names.empty()) continue;
    if (!groups.insert(words[0]).second) continue;
    Add(words[0], words.size() == 1 ? std::string(command->summary) : absl::StrCat("Commands of ", words[0]));
  }
}

void Completer::AddWords(const Place& place) {
  const absl::string_view words = place.command->words;
  for (const std::string& choice : CommandLine::Choices({"", words, "", false, '\0'})) Add(choice, "");
  if (words == "LOG") {
    for (const std::string& name : log_names_(place.server)) Add(name, "");
  }
  if (IsPath(words)) found_.files = true;
}

void Completer::Add(const std::string& word, absl::string_view description) {
  if (absl::StartsWith(word, written_)) found_.candidates.push_back({word, std::string(description)});
}

}  // namespace eventlog

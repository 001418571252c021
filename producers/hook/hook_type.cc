#include "producers/hook/hook_type.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace eventlog {
namespace {

// The log takes 255 bytes.
constexpr size_t kNameBytesMax = 200;

bool IsUpper(char c) { return absl::ascii_isupper(static_cast<unsigned char>(c)); }
bool IsLower(char c) { return absl::ascii_islower(static_cast<unsigned char>(c)); }
bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

// Whether a word begins with the upper case letter at i: fooBar, foo2Bar, MCPServer (at S).
bool BeginsWord(absl::string_view name, size_t i) {
  if (i == 0 || !IsUpper(name[i])) return false;
  if (IsAlnum(name[i - 1]) && !IsUpper(name[i - 1])) return true;
  return IsUpper(name[i - 1]) && i + 1 < name.size() && IsLower(name[i + 1]);
}

}  // namespace

std::string HookType(absl::string_view hook_event_name) {
  std::string words;
  for (size_t i = 0; i < hook_event_name.size() && words.size() < kNameBytesMax; ++i) {
    const char c = hook_event_name[i];
    const bool legal = IsAlnum(c) || c == '.' || c == '-';
    const bool separates = !legal || BeginsWord(hook_event_name, i);
    if (separates && !words.empty() && words.back() != '_') words += '_';
    if (legal) words += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  while (!words.empty() && !IsAlnum(words.back())) words.pop_back();
  const size_t begin = words.find_first_not_of("._-");
  return absl::StrCat("hook.", begin == std::string::npos ? "unknown" : words.substr(begin));
}

}  // namespace eventlog

// Runs a fuzz target as a plain test: over each file of its corpus, and over a number of seeded changes of each. The
// same changes in every run, with every compiler; to look for new ones is --config=fuzz's.

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int kChangesMax = 4;  // of one input
constexpr size_t kPieceBytesMax = 64;

// What runs now, for the handler below.
std::string current_input;
std::string crash_path;

// Keeps the input that the target did not survive: a file for the corpus, once it is fixed.
void KeepInput(int signal_number) {
  const int file = open(crash_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const ssize_t kept = write(file, current_input.data(), current_input.size());
  const ssize_t said = write(STDERR_FILENO, crash_path.data(), crash_path.size());
  if (kept < 0 || said < 0) _exit(3);
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

void RunTarget(const std::string& input) {
  current_input = input;
  // A copy of exactly this size, so that a sanitizer sees each read beyond it.
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::string Changed(std::string input, const std::string& other, std::mt19937& random) {
  const auto below = [&](size_t limit) { return limit == 0 ? 0 : random() % limit; };
  static constexpr int64_t kNumbers[] = {0, -1, 1, 0x7F, 0x80, 0xFFFF, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
  for (int left = 1 + static_cast<int>(below(kChangesMax)); left > 0; --left) {
    const size_t at = below(input.size() + 1), length = below(std::min(input.size() - at, kPieceBytesMax) + 1);
    switch (below(7)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 1:
        if (at < input.size()) input[at] = static_cast<char>(random());
        break;
      case 2:
        input.erase(at, length);
        break;
      case 3:
        input.insert(at, input.substr(below(input.size() + 1), length));
        break;
      case 4:
        input.resize(at);
        break;
      case 5: {
        const int64_t number = kNumbers[below(std::size(kNumbers))];
        input.replace(at, std::min(sizeof(number), input.size() - at), reinterpret_cast<const char*>(&number),
                      sizeof(number));
        break;
      }
      default:
        input.replace(at, length, other.substr(below(other.size() + 1), kPieceBytesMax));
        break;
    }
  }
  return input;
}

TEST(FuzzTargetTest, HoldsOverItsCorpusAndSeededChangesOfIt) {
  crash_path = std::string(std::getenv("TEST_UNDECLARED_OUTPUTS_DIR")) + "/crash-input";
  for (const int number : {SIGABRT, SIGSEGV}) signal(number, KeepInput);
  int mutations = 0;
  ASSERT_TRUE(absl::SimpleAtoi(std::getenv("FUZZ_MUTATIONS"), &mutations));
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(std::getenv("FUZZ_CORPUS"))) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  ASSERT_GE(paths.size(), 5u) << "the corpus is not there";
  std::vector<std::string> inputs;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  RunTarget("");
  for (size_t i = 0; i < inputs.size(); ++i) {
    SCOPED_TRACE(paths[i].filename());
    RunTarget(inputs[i]);
    std::mt19937 random(static_cast<uint32_t>(i));
    for (int k = 0; k < mutations; ++k) RunTarget(Changed(inputs[i], inputs[random() % inputs.size()], random));
  }
}

}  // namespace

#include "tests/bench/redis_connection.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace eventlog::bench {
namespace {

constexpr size_t kLineEnd = 2;  // CRLF

}  // namespace

std::string RedisConnection::Command(const std::vector<absl::string_view>& words) {
  std::string command = absl::StrCat("*", words.size(), "\r\n");
  for (const absl::string_view word : words) absl::StrAppend(&command, "$", word.size(), "\r\n", word, "\r\n");
  return command;
}

absl::string_view RedisConnection::ReadLine() {
  const absl::string_view line = connection_.ReadLine();
  CHECK(!line.empty() && line[0] != '-') << line;
  return line;
}

size_t RedisConnection::ReadReply() {
  size_t bytes = 0;
  for (int64_t left = 1; left > 0; --left) {
    const absl::string_view line = ReadLine();
    bytes += line.size() + kLineEnd;
    if (line[0] != '$' && line[0] != '*') continue;
    int64_t count = 0;
    CHECK(absl::SimpleAtoi(line.substr(1), &count)) << line;
    if (line[0] == '*') {
      left += std::max<int64_t>(0, count);
    } else if (count >= 0) {
      connection_.Skip(static_cast<size_t>(count) + kLineEnd);
      bytes += static_cast<size_t>(count) + kLineEnd;
    }
  }
  return bytes;
}

void RedisConnection::SkipReply(size_t size) {
  CHECK_EQ(connection_.Peek(), '*') << "not the reply that was expected";
  connection_.Skip(size);
}

RedisConnection::Page RedisConnection::ReadPage() {
  Page page;
  CHECK_EQ(ReadCount('*'), 1) << "one stream was asked for";
  CHECK_EQ(ReadCount('*'), 2) << "its name and its entries";
  SkipString();
  page.entries = ReadCount('*');
  for (int64_t left = page.entries; left > 0; --left) {
    CHECK_EQ(ReadCount('*'), 2) << "an id and its fields";
    if (left > 1) {
      SkipString();
    } else {
      page.last_id = connection_.Read(static_cast<size_t>(ReadCount('$')));
      connection_.Skip(kLineEnd);
    }
    for (int64_t words = ReadCount('*'); words > 0; --words) SkipString();
  }
  return page;
}

int64_t RedisConnection::ReadCount(char kind) {
  const absl::string_view line = ReadLine();
  int64_t count = 0;
  CHECK(line[0] == kind && absl::SimpleAtoi(line.substr(1), &count) && count >= 0) << line;
  return count;
}

void RedisConnection::SkipString() { connection_.Skip(static_cast<size_t>(ReadCount('$')) + kLineEnd); }

}  // namespace eventlog::bench

// A client of Redis that does as little as one can: it sends commands that are ready, and walks over the replies.

#ifndef TESTS_BENCH_REDIS_CONNECTION_H_
#define TESTS_BENCH_REDIS_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/bench/line_connection.h"

namespace eventlog::bench {

// Not thread safe, but one thread may send while another one reads. Crashes when the connection breaks or a reply is an
// error.
class RedisConnection {
 public:
  explicit RedisConnection(int port) : connection_(port) {}

  int fd() const { return connection_.fd(); }  // readable when a reply has come and none is buffered

  // The bytes of a command.
  static std::string Command(const std::vector<absl::string_view>& words);

  void Send(absl::string_view commands) { connection_.Send(commands); }
  // Walks over one reply, whatever it holds; gives its size in bytes.
  size_t ReadReply();
  // Skips one reply of a size that is known, and looks at its first byte only.
  void SkipReply(size_t size);

  // The least that a consumer must see of a reply of XREAD from one stream.
  struct Page {
    int64_t entries = 0;
    std::string last_id;  // behind which the next XREAD goes on
  };
  Page ReadPage();

 private:
  absl::string_view ReadLine();
  // The count of an array ('*') or the size of a string ('$').
  int64_t ReadCount(char kind);
  void SkipString();

  LineConnection connection_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_REDIS_CONNECTION_H_

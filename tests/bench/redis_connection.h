// A client of Redis that does as little as one can: it sends commands that are ready, and walks over the replies.

#ifndef TESTS_BENCH_REDIS_CONNECTION_H_
#define TESTS_BENCH_REDIS_CONNECTION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace eventlog::bench {

// Not thread safe, but one thread may send while another one reads. Crashes when the connection breaks or a reply is an
// error.
class RedisConnection {
 public:
  explicit RedisConnection(int port);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  int fd() const { return fd_; }  // readable when a reply has come and none is buffered

  // The bytes of a command.
  static std::string Command(const std::vector<absl::string_view>& words);

  void Send(absl::string_view commands);
  // Walks over one reply, whatever it holds; gives its size in bytes.
  size_t ReadReply();
  // Skips one reply of a size that is known, and looks at its first byte only.
  void SkipReply(size_t size);

 private:
  // Makes buffer_[at_] readable.
  void Fill();
  std::string ReadLine();
  void Skip(size_t size);

  const int fd_;
  std::vector<char> buffer_;
  size_t at_ = 0, end_ = 0;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_REDIS_CONNECTION_H_

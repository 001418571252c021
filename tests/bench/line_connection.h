// A connection to a server that speaks in lines and in counted bytes, as Redis and NATS do.

#ifndef TESTS_BENCH_LINE_CONNECTION_H_
#define TESTS_BENCH_LINE_CONNECTION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace eventlog::bench {

// To a port of the loopback. Not thread safe, but one thread may send while another one reads. Crashes when the
// connection breaks.
class LineConnection {
 public:
  explicit LineConnection(int port);
  ~LineConnection();
  LineConnection(const LineConnection&) = delete;
  LineConnection& operator=(const LineConnection&) = delete;

  int fd() const { return fd_; }  // readable when something has come and nothing is buffered
  bool has_buffered() const { return at_ < end_; }

  void Send(absl::string_view bytes);
  // The next byte, which stays.
  char Peek();
  // Up to the next CRLF, which is left out; valid until the next call.
  absl::string_view ReadLine();
  std::string Read(size_t size);
  void Skip(size_t size);

 private:
  // Makes buffer_[at_] readable.
  void Fill();

  const int fd_;
  std::vector<char> buffer_;
  size_t at_ = 0, end_ = 0;
  std::string line_;  // one that did not come in one piece
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_LINE_CONNECTION_H_

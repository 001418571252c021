// Thousands of firehose clients in one process, in named groups, on one epoll thread: they connect at once, stop
// reading, read on and come back, as they are told.

#ifndef TESTS_INTEGRATION_CLIENT_CROWD_H_
#define TESTS_INTEGRATION_CLIENT_CROWD_H_

#include <netinet/in.h>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/integration/crowd_client.h"

namespace eventlog::crowd {

// One thread: the calls between two Poll() only begin something, and Poll() does it.
class ClientCrowd {
 public:
  ClientCrowd();
  ~ClientCrowd();
  ClientCrowd(const ClientCrowd&) = delete;
  ClientCrowd& operator=(const ClientCrowd&) = delete;

  // Ready when standard input is; what a caller may wait for beside the clients. Returns whether it is.
  bool Poll();

  // Adds clients to a group; all begin to connect at once. `address` is IP:PORT, IPv4. A receive buffer of 0 bytes is
  // the system's. On the loopback they come from many addresses, as clients do, which also gives them ports enough.
  void Connect(const std::string& group, int clients, const std::string& address, const std::string& query,
               int receive_buffer_bytes);
  // Those whose connection ended, or never stood, go on with their last cursor.
  void Reconnect(const std::string& group, const std::string& address);
  void SetReading(const std::string& group, bool reading);
  void Close(const std::string& group);
  // What is to be known of a group, as one JSON object.
  std::string Report(const std::string& group) const;

 private:
  struct Member {
    CrowdClient client;
    std::string unsent;  // the request, until it is sent
    std::string query;
    int fd = -1;
    int receive_buffer_bytes = 0;
    int error = 0;  // errno of a connection that never stood or was cut
    bool connected = false;
    bool reading = true;
  };

  void Dial(size_t index, const std::string& address);
  void Watch(size_t index, bool change);
  void OnConnected(Member& member, size_t index);
  void OnReadable(Member& member);
  void Hangup(Member& member, int error);
  std::vector<size_t> Open(const std::string& group, bool open) const;

  int poller_ = -1;
  std::deque<Member> members_;
  std::map<std::string, std::vector<size_t>> groups_;
  std::vector<char> chunk_;
};

}  // namespace eventlog::crowd

#endif  // TESTS_INTEGRATION_CLIENT_CROWD_H_

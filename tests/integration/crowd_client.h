// What one client of a crowd has been sent: a sans-I/O receiver of the firehose over WebSocket, which judges it. It
// takes no filter: every offset is due. One thread. Kept small, since a crowd has thousands.

#ifndef TESTS_INTEGRATION_CROWD_CLIENT_H_
#define TESTS_INTEGRATION_CROWD_CLIENT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace eventlog::crowd {

class CrowdClient {
 public:
  // A new connection begins; what was reached on the last one stays. Returns the request to send.
  std::string Begin(absl::string_view host, absl::string_view query);

  // Takes what came, and appends to `answer` what is to be sent for it: pongs, and the echo of a Close frame.
  void Receive(absl::string_view bytes, std::string& answer);

  // The connection is gone.
  void Ended() { input_ = message_ = std::string(); }

  // Where it stands: the last cursor that it was given, over all connections; empty before the first.
  const std::string& cursor() const { return cursor_; }
  int64_t events() const { return events_; }
  int64_t offset() const { return offset_; }
  bool greeted() const { return greeted_; }
  bool live() const { return live_; }
  // Of the answer to the handshake; 0 when none came.
  int status() const { return status_; }
  // Of the Close frame; 0 when none came.
  int close_code() const { return close_code_; }
  const std::string& close_reason() const { return close_reason_; }
  // Of the `drain` message: -1 when none came.
  int64_t reconnect_after_ms() const { return reconnect_after_ms_; }
  // The first thing that was not as promised, on any connection; empty when all was.
  const std::string& violation() const { return violation_; }

 private:
  bool TakeHead();
  bool TakeFrame(absl::string_view& input, std::string& answer);
  void TakeMessage(absl::string_view text);
  void TakeEvents(absl::string_view text);
  void TakeGap(absl::string_view text);
  void TakeClose(absl::string_view payload);
  void TakeCursor(absl::string_view text);
  void Fail(absl::string_view what);

  std::string input_;    // not yet understood
  std::string message_;  // fragments of a message that is not whole
  std::string cursor_;
  std::string asked_;  // the cursor that this connection began with
  std::string close_reason_;
  std::string violation_;
  int64_t events_ = 0;
  int64_t offset_ = -1;
  int64_t reconnect_after_ms_ = -1;
  int status_ = 0;
  int close_code_ = 0;
  bool upgraded_ = false;
  bool greeted_ = false;
  bool live_ = false;
};

}  // namespace eventlog::crowd

#endif  // TESTS_INTEGRATION_CROWD_CLIENT_H_

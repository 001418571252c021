// Who looks at a session, as the session sees it. All calls come on sessiond's one thread, and none may call back into
// the session.

#ifndef PRODUCERS_SESSION_SESSIOND_VIEWER_H_
#define PRODUCERS_SESSION_SESSIOND_VIEWER_H_

#include <cstdint>

#include "proto/session/v1/session.pb.h"

namespace eventlog {

class SessionViewer {
 public:
  virtual ~SessionViewer() = default;

  // The session's ring has more, or has ended what it will have.
  virtual void OnOutput() = 0;
  // The command's terminal has taken so much of what this viewer typed.
  virtual void OnInputTaken(int64_t bytes) = 0;
  // There will be no more output. The session has forgotten the viewer.
  virtual void OnEnded(const session::v1::SessionRemoved& removed) = 0;
};

}  // namespace eventlog

#endif  // PRODUCERS_SESSION_SESSIOND_VIEWER_H_

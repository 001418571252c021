// Where an engine's logs are stored: makes, opens and removes the store of each.

#ifndef EVENTLOG_SVC_ENGINE_STORE_FACTORY_H_
#define EVENTLOG_SVC_ENGINE_STORE_FACTORY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/log.h"
#include "eventlog-svc/engine/log_state.h"
#include "eventlog-svc/storage/batch_store.h"

namespace eventlog {

// Used by one thread at a time.
class StoreFactory {
 public:
  struct Opened {
    std::unique_ptr<BatchStore> store;
    std::unique_ptr<LogState> state;
  };

  virtual ~StoreFactory() = default;

  // The logs that are there, sorted. What a crash left of one that was being made or removed is cleared away.
  virtual absl::StatusOr<std::vector<std::string>> List() = 0;
  // Opens a log that is there.
  virtual absl::StatusOr<Opened> Open(const std::string& name) = 0;
  // Makes a log, durably.
  virtual absl::StatusOr<Opened> Create(const std::string& name, const LogSettings& settings) = 0;
  // Makes the log one that is not there any more, durably. Its store is still open; after an error it is as before, but
  // after kUnknown nobody knows what a restart will find.
  virtual absl::Status Remove(const std::string& name) = 0;
  // Clears away what is left of a removed log, whose store is closed; readers may still have it. What cannot be cleared
  // now is when it is listed, or created anew.
  virtual void Clear(const std::string& name) = 0;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_STORE_FACTORY_H_

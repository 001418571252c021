// The disk of the bare servers: write and fdatasync of the bytes that came, and nothing else.

#ifndef TESTS_BENCH_BARE_DISK_H_
#define TESTS_BENCH_BARE_DISK_H_

#include <sys/types.h>

#include <deque>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/byte_buffer.h"

namespace eventlog::bench {

// One thread takes all that waits, writes it with pwritev, syncs once, and tells each writer. Thread safe. For a
// program that is killed in the end: it never stops.
class BareDisk {
 public:
  class Writer {
   public:
    // Its bytes are synced. On the disk's thread.
    virtual void OnSynced() = 0;

   protected:
    ~Writer() = default;
  };

  // Makes the file, or empties it. Within its first `allocated_bytes` it does not grow, so that a sync has less to do.
  explicit BareDisk(const std::string& path, off_t allocated_bytes = 0);
  void Enqueue(Writer* writer, grpc::ByteBuffer bytes);

 private:
  struct Item {
    Writer* writer;
    grpc::ByteBuffer bytes;
  };

  void Run();
  void Write(const std::deque<Item>& group);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !waiting_.empty(); }

  const int fd_;
  off_t position_ = 0;  // the thread's
  absl::Mutex mutex_;
  std::deque<Item> waiting_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace eventlog::bench

#endif  // TESTS_BENCH_BARE_DISK_H_

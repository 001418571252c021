// Lets ThreadSanitizer see the locks of the system's Abseil.
//
// Debian's libabsl_synchronization.so is built without the sanitizer, so that absl::Mutex would be invisible to it and
// every guarded access, ours and gRPC's, would look like a race. These definitions take the place of the library's (the
// program comes first in symbol lookup), tell the sanitizer what happens, and call the real ones. Linked into every
// program of --config=tsan by bazel/defs.bzl, and only there.
//
// Between a pre_ and a post_ call the sanitizer ignores the thread, which is right for the evaluation of conditions
// too: the library evaluates them with the lock held.

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

namespace {

// The library calls its own public functions; only the outermost call is told to the sanitizer.
thread_local int depth = 0;

struct Nesting {
  Nesting() { ++depth; }
  ~Nesting() { --depth; }
};

template <typename F>
F Real(const char* symbol) {
  void* found = dlsym(RTLD_NEXT, symbol);
  if (found == nullptr) {
    std::fprintf(stderr, "tsan/absl_mutex: the system's Abseil has no %s\n", symbol);
    std::abort();
  }
  return reinterpret_cast<F>(found);
}

#define REAL(F, symbol) static const auto real = Real<F>(symbol)

template <typename Call>
auto Locking(void* mutex, unsigned flags, Call call) {
  if (depth > 0) return call();
  __tsan_mutex_pre_lock(mutex, flags);
  Nesting nesting;
  if constexpr (std::is_void_v<decltype(call())>) {
    call();
    __tsan_mutex_post_lock(mutex, flags, 0);
  } else {
    const auto result = call();
    __tsan_mutex_post_lock(mutex, flags, 0);
    return result;
  }
}

template <typename Call>
bool TryLocking(void* mutex, unsigned flags, Call call) {
  if (depth > 0) return call();
  flags |= __tsan_mutex_try_lock;
  __tsan_mutex_pre_lock(mutex, flags);
  Nesting nesting;
  const bool locked = call();
  __tsan_mutex_post_lock(mutex, flags | (locked ? 0 : __tsan_mutex_try_lock_failed), 0);
  return locked;
}

template <typename Call>
void Unlocking(void* mutex, unsigned flags, Call call) {
  if (depth > 0) return call();
  __tsan_mutex_pre_unlock(mutex, flags);
  Nesting nesting;
  call();
  __tsan_mutex_post_unlock(mutex, flags);
}

// Gives the lock up and has it again when it returns.
template <typename Call>
auto Waiting(void* mutex, Call call) {
  if (depth > 0) return call();
  __tsan_mutex_pre_unlock(mutex, 0);
  __tsan_mutex_post_unlock(mutex, 0);
  __tsan_mutex_pre_lock(mutex, 0);
  Nesting nesting;
  if constexpr (std::is_void_v<decltype(call())>) {
    call();
    __tsan_mutex_post_lock(mutex, 0, 0);
  } else {
    const auto result = call();
    __tsan_mutex_post_lock(mutex, 0, 0);
    return result;
  }
}

}  // namespace

#define NS "_ZN4absl7debian3"

namespace absl {
ABSL_NAMESPACE_BEGIN

Mutex::~Mutex() {
  REAL(void (*)(Mutex*), NS "5MutexD1Ev");
  __tsan_mutex_destroy(this, __tsan_mutex_linker_init | __tsan_mutex_not_static);
  real(this);
}
void Mutex::Lock() {
  REAL(void (*)(Mutex*), NS "5Mutex4LockEv");
  Locking(this, 0, [&] { real(this); });
}
void Mutex::Unlock() {
  REAL(void (*)(Mutex*), NS "5Mutex6UnlockEv");
  Unlocking(this, 0, [&] { real(this); });
}
bool Mutex::TryLock() {
  REAL(bool (*)(Mutex*), NS "5Mutex7TryLockEv");
  return TryLocking(this, 0, [&] { return real(this); });
}
void Mutex::ReaderLock() {
  REAL(void (*)(Mutex*), NS "5Mutex10ReaderLockEv");
  Locking(this, __tsan_mutex_read_lock, [&] { real(this); });
}
void Mutex::ReaderUnlock() {
  REAL(void (*)(Mutex*), NS "5Mutex12ReaderUnlockEv");
  Unlocking(this, __tsan_mutex_read_lock, [&] { real(this); });
}
bool Mutex::ReaderTryLock() {
  REAL(bool (*)(Mutex*), NS "5Mutex13ReaderTryLockEv");
  return TryLocking(this, __tsan_mutex_read_lock, [&] { return real(this); });
}
void Mutex::LockWhen(const Condition& condition) {
  REAL(void (*)(Mutex*, const Condition&), NS "5Mutex8LockWhenERKNS0_9ConditionE");
  Locking(this, 0, [&] { real(this, condition); });
}
bool Mutex::LockWhenWithTimeout(const Condition& condition, absl::Duration timeout) {
  REAL(bool (*)(Mutex*, const Condition&, absl::Duration),
       NS "5Mutex19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  return Locking(this, 0, [&] { return real(this, condition, timeout); });
}
bool Mutex::LockWhenWithDeadline(const Condition& condition, absl::Time deadline) {
  REAL(bool (*)(Mutex*, const Condition&, absl::Time), NS "5Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  return Locking(this, 0, [&] { return real(this, condition, deadline); });
}
void Mutex::Await(const Condition& condition) {
  REAL(void (*)(Mutex*, const Condition&), NS "5Mutex5AwaitERKNS0_9ConditionE");
  Waiting(this, [&] { real(this, condition); });
}
bool Mutex::AwaitWithTimeout(const Condition& condition, absl::Duration timeout) {
  REAL(bool (*)(Mutex*, const Condition&, absl::Duration),
       NS "5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  return Waiting(this, [&] { return real(this, condition, timeout); });
}
bool Mutex::AwaitWithDeadline(const Condition& condition, absl::Time deadline) {
  REAL(bool (*)(Mutex*, const Condition&, absl::Time), NS "5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  return Waiting(this, [&] { return real(this, condition, deadline); });
}

void CondVar::Wait(Mutex* mutex) {
  REAL(void (*)(CondVar*, Mutex*), NS "7CondVar4WaitEPNS0_5MutexE");
  Waiting(mutex, [&] { real(this, mutex); });
}
bool CondVar::WaitWithTimeout(Mutex* mutex, absl::Duration timeout) {
  REAL(bool (*)(CondVar*, Mutex*, absl::Duration), NS "7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  return Waiting(mutex, [&] { return real(this, mutex, timeout); });
}
bool CondVar::WaitWithDeadline(Mutex* mutex, absl::Time deadline) {
  REAL(bool (*)(CondVar*, Mutex*, absl::Time), NS "7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  return Waiting(mutex, [&] { return real(this, mutex, deadline); });
}

// The flag behind HasBeenNotified() is read inline, by instrumented code, and written in the library.
void Notification::Notify() {
  REAL(void (*)(Notification*), NS "12Notification6NotifyEv");
  __tsan_release(&notified_yet_);
  real(this);
}
void Notification::WaitForNotification() const {
  REAL(void (*)(const Notification*), "_ZNK4absl7debian312Notification19WaitForNotificationEv");
  real(this);
  __tsan_acquire(const_cast<std::atomic<bool>*>(&notified_yet_));
}
bool Notification::WaitForNotificationWithTimeout(absl::Duration timeout) const {
  REAL(bool (*)(const Notification*, absl::Duration),
       "_ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE");
  const bool notified = real(this, timeout);
  if (notified) __tsan_acquire(const_cast<std::atomic<bool>*>(&notified_yet_));
  return notified;
}
bool Notification::WaitForNotificationWithDeadline(absl::Time deadline) const {
  REAL(bool (*)(const Notification*, absl::Time),
       "_ZNK4absl7debian312Notification31WaitForNotificationWithDeadlineENS0_4TimeE");
  const bool notified = real(this, deadline);
  if (notified) __tsan_acquire(const_cast<std::atomic<bool>*>(&notified_yet_));
  return notified;
}

bool BlockingCounter::DecrementCount() {
  REAL(bool (*)(BlockingCounter*), NS "15BlockingCounter14DecrementCountEv");
  __tsan_release(this);
  return real(this);
}
void BlockingCounter::Wait() {
  REAL(void (*)(BlockingCounter*), NS "15BlockingCounter4WaitEv");
  real(this);
  __tsan_acquire(this);
}

ABSL_NAMESPACE_END
}  // namespace absl

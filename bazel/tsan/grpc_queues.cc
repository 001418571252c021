// Tells ThreadSanitizer what orders gRPC's operations.
//
// An operation begins on one thread with grpc_call_start_batch and its tag, and its completion is taken from a queue on
// another one, with the same tag; Debian's libgrpc.so, which has the queues, is built without the sanitizer. These
// definitions take the place of the library's, as those of absl_mutex.cc do: what came before the begin of an operation
// happened before what its completion sets off, and nothing else is assumed.
//
// The types come from the system's header alone; a program without gRPC never calls any of this.

#include <dlfcn.h>
#include <grpc/grpc.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>

namespace {

template <typename F>
F Real(const char* symbol) {
  void* found = dlsym(RTLD_NEXT, symbol);
  if (found == nullptr) {
    std::fprintf(stderr, "tsan/grpc_queues: the system's gRPC has no %s\n", symbol);
    std::abort();
  }
  return reinterpret_cast<F>(found);
}

grpc_event Acquired(grpc_event event) {
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

}  // namespace

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t nops, void* tag, void* reserved) {
  static const auto real = Real<decltype(&grpc_call_start_batch)>("grpc_call_start_batch");
  __tsan_release(tag);
  return real(call, ops, nops, tag, reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline, void* reserved) {
  static const auto real = Real<decltype(&grpc_completion_queue_next)>("grpc_completion_queue_next");
  return Acquired(real(queue, deadline, reserved));
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag, gpr_timespec deadline, void* reserved) {
  static const auto real = Real<decltype(&grpc_completion_queue_pluck)>("grpc_completion_queue_pluck");
  return Acquired(real(queue, tag, deadline, reserved));
}

}  // extern "C"

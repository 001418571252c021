// What ThreadSanitizer is told at the start of every program of --config=tsan.

extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return
      // Abseil's own table of lock orders, behind a spin lock of its own, which every ~Mutex touches.
      "called_from_lib:libabsl_graphcycles_internal.so\n"
      // Inside of it gRPC finishes what an operation began on another thread, behind a queue that is not seen. No code
      // of ours runs there: the call queue hands an event on after it has returned.
      "race:grpc::CompletionQueue::AsyncNextInternal\n"
      // The last of the parts of a call that a reactor answers is counted down inside of gRPC's library, which then
      // destroys the call's own state. The reactor, which is ours, is not part of it: it had its OnDone before.
      "race:::~ServerCallback*Impl\n";
}

// gRPC's libraries are built without the sanitizer: what they allocate, copy and free through the C library is ordered
// by atomics that it does not see. In a program that links them the sanitizer leaves out what happens inside of C
// library functions, and still watches every access of our own code.
extern "C" void grpc_init() __attribute__((weak));
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
  return grpc_init != nullptr ? "ignore_noninstrumented_modules=1" : "";
}

// What a connection holds while its client says nothing, whatever the client said before.

#include <malloc.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gateway-svc/websocket/connection.h"
#include "gateway-svc/websocket/message_inflater.h"
#include "gtest/gtest.h"
#include "tests/gateway-svc/websocket/client_frame.h"
#include "tests/gateway-svc/websocket/raw_deflate.h"

namespace {

std::atomic<int64_t> live_bytes{0};

void* Allocate(size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  live_bytes += static_cast<int64_t>(malloc_usable_size(memory));
  return memory;
}

void Free(void* memory) {
  live_bytes -= static_cast<int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

void* operator new(size_t size) { return Allocate(size); }
void* operator new[](size_t size) { return Allocate(size); }
void operator delete(void* memory) noexcept { Free(memory); }
void operator delete[](void* memory) noexcept { Free(memory); }
void operator delete(void* memory, size_t size) noexcept { Free(memory); }
void operator delete[](void* memory, size_t size) noexcept { Free(memory); }

namespace gateway {
namespace {

class NoEvents : public ConnectionEvents {
 public:
  void OnMessage(bool text, std::string payload) override { ++calls; }
  void OnPong(absl::string_view payload) override { ++calls; }
  void OnControlFrame(std::string frame) override { ++calls; }
  int calls = 0;
};

TEST(ConnectionMemoryTest, NothingStaysBehindWhateverTheClientSaid) {
  MessageInflater inflater;
  NoEvents events;
  Connection connection(ConnectionLimits{100'000, 100'000}, events, &inflater);
  const std::string large(60'000, 'x'), payload(125, 'p');
  const std::string inputs[] = {
      ClientFrame(0x89, payload),
      ClientFrame(0x8A, payload),
      ClientFrame(0x81, large),
      ClientFrame(0xC2, RawDeflate(large)),
      ClientFrame(0x01, large) + ClientFrame(0x89, payload) + ClientFrame(0x80, payload),
  };
  for (std::string input : inputs) {
    const int calls = events.calls;
    const int64_t before = live_bytes;
    connection.Receive(absl::MakeSpan(input));
    EXPECT_EQ(live_bytes - before, 0) << "after a frame that begins with " << static_cast<int>(input[0]);
    EXPECT_GT(events.calls, calls);
  }
  // The count itself counts.
  std::string input = ClientFrame(0x01, large);
  const int64_t before = live_bytes;
  connection.Receive(absl::MakeSpan(input));
  EXPECT_GE(live_bytes - before, 60'000);
}

TEST(ConnectionMemoryTest, AConnectionIsSmall) {
  // There is one for each client, of whom all is to stay below 2 KiB.
  EXPECT_LE(sizeof(Connection), 176u);
}

}  // namespace
}  // namespace gateway

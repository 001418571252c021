#include "tests/bench/bare_disk.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "glog/logging.h"
#include "grpcpp/support/slice.h"

namespace eventlog::bench {
namespace {

constexpr size_t kSlicesPerWrite = 512;

}  // namespace

BareDisk::BareDisk(const std::string& path, off_t allocated_bytes)
    : fd_(open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)) {
  PCHECK(fd_ >= 0) << path;
  PCHECK(allocated_bytes == 0 || (fallocate(fd_, 0, 0, allocated_bytes) == 0 && fsync(fd_) == 0)) << path;
  std::thread([this] { Run(); }).swap(thread_);
}

void BareDisk::Enqueue(Writer* writer, grpc::ByteBuffer bytes) {
  absl::MutexLock lock(&mutex_);
  waiting_.push_back({writer, std::move(bytes)});
}

void BareDisk::Run() {
  while (true) {
    std::deque<Item> group;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &BareDisk::HasWork));
      group.swap(waiting_);
    }
    Write(group);
    PCHECK(fdatasync(fd_) == 0);
    for (const Item& item : group) item.writer->OnSynced();
  }
}

void BareDisk::Write(const std::deque<Item>& group) {
  std::vector<grpc::Slice> slices, of_item;
  for (const Item& item : group) {
    CHECK(item.bytes.Dump(&of_item).ok());
    slices.insert(slices.end(), of_item.begin(), of_item.end());
  }
  std::vector<iovec> parts;
  size_t bytes = 0;
  for (size_t i = 0; i < slices.size(); ++i) {
    parts.push_back({const_cast<uint8_t*>(slices[i].begin()), slices[i].size()});
    bytes += slices[i].size();
    if (parts.size() < kSlicesPerWrite && i + 1 < slices.size()) continue;
    const ssize_t written = pwritev(fd_, parts.data(), static_cast<int>(parts.size()), position_);
    PCHECK(written >= 0);
    CHECK_EQ(static_cast<size_t>(written), bytes) << "a short write";
    position_ += written;
    parts.clear();
    bytes = 0;
  }
}

}  // namespace eventlog::bench

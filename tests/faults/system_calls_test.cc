// The system answers with less than it was asked for, is interrupted, and fails: PosixFileSystem goes on where it may,
// and says what failed, where and why where it may not.
//
// This program has its own pread, pwritev and so on, which stand before the C library's.

// With it some of these calls are inline functions of the headers.
#undef _FORTIFY_SOURCE

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "eventlog-svc/engine/embedded/embedded_engine.h"
#include "eventlog-svc/storage/posix_file_system.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/append_oracle.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::HasSubstr;

enum Call { kOpen, kRead, kWrite, kSync, kAllocate, kTruncate, kRename, kRemove, kSyncFolder, kList, kCalls };

// What the calls do, whoever makes them.
struct System {
  // Of each kind: so many calls are passed on, then all fail with this; 0: none does.
  std::array<std::atomic<int>, kCalls> error{};
  std::array<std::atomic<int>, kCalls> passed_on{};
  // Of so many calls of a kind all but the last are interrupted.
  std::array<std::atomic<int>, kCalls> interrupted_of{};
  // One pread or pwritev does no more.
  std::atomic<size_t> bytes_max = std::numeric_limits<size_t>::max();
  std::array<std::atomic<int64_t>, kCalls> calls{};

  // Whether the call fails; errno says why.
  bool Fails(Call call) {
    const int64_t number = ++calls[call];
    if (error[call] != 0 && passed_on[call].fetch_sub(1) <= 0) {
      errno = error[call];
      return true;
    }
    if (interrupted_of[call] < 2 || number % interrupted_of[call] == 0) return false;
    errno = EINTR;
    return true;
  }
  void Fail(Call call, int with, int after = 0) {
    passed_on[call] = after;
    error[call] = with;
  }
  void Mend() {
    for (auto& number : error) number = 0;
    for (auto& number : interrupted_of) number = 0;
    for (auto& number : calls) number = 0;
    bytes_max = std::numeric_limits<size_t>::max();
  }
};

System& TheSystem() {
  static System system;
  return system;
}

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace
}  // namespace eventlog

extern "C" ssize_t pread(int file, void* buffer, size_t size, off_t position) {
  static auto* const next = eventlog::Next<ssize_t(int, void*, size_t, off_t)>("pread");
  eventlog::System& system = eventlog::TheSystem();
  return system.Fails(eventlog::kRead) ? -1 : next(file, buffer, std::min<size_t>(size, system.bytes_max), position);
}

extern "C" ssize_t pwritev(int file, const struct iovec* parts, int count, off_t position) {
  static auto* const next = eventlog::Next<ssize_t(int, const struct iovec*, int, off_t)>("pwritev");
  eventlog::System& system = eventlog::TheSystem();
  if (system.Fails(eventlog::kWrite)) return -1;
  std::vector<iovec> some(parts, parts + count);
  size_t left = system.bytes_max;
  for (iovec& part : some) {
    part.iov_len = std::min(part.iov_len, left);
    left -= part.iov_len;
  }
  return next(file, some.data(), count, position);
}

extern "C" int fdatasync(int file) {
  static auto* const next = eventlog::Next<int(int)>("fdatasync");
  return eventlog::TheSystem().Fails(eventlog::kSync) ? -1 : next(file);
}

extern "C" int fsync(int file) {
  static auto* const next = eventlog::Next<int(int)>("fsync");
  return eventlog::TheSystem().Fails(eventlog::kSyncFolder) ? -1 : next(file);
}

extern "C" int fallocate(int file, int mode, off_t position, off_t size) {
  static auto* const next = eventlog::Next<int(int, int, off_t, off_t)>("fallocate");
  return eventlog::TheSystem().Fails(eventlog::kAllocate) ? -1 : next(file, mode, position, size);
}

extern "C" int ftruncate(int file, off_t size) {
  static auto* const next = eventlog::Next<int(int, off_t)>("ftruncate");
  return eventlog::TheSystem().Fails(eventlog::kTruncate) ? -1 : next(file, size);
}

extern "C" int rename(const char* from, const char* to) {
  static auto* const next = eventlog::Next<int(const char*, const char*)>("rename");
  return eventlog::TheSystem().Fails(eventlog::kRename) ? -1 : next(from, to);
}

extern "C" int remove(const char* path) {
  static auto* const next = eventlog::Next<int(const char*)>("remove");
  return eventlog::TheSystem().Fails(eventlog::kRemove) ? -1 : next(path);
}

extern "C" struct dirent* readdir(DIR* directory) {
  static auto* const next = eventlog::Next<struct dirent*(DIR*)>("readdir");
  return eventlog::TheSystem().Fails(eventlog::kList) ? nullptr : next(directory);
}

extern "C" int open(const char* path, int flags, ...) {
  static auto* const next = eventlog::Next<int(const char*, int, ...)>("open");
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return eventlog::TheSystem().Fails(eventlog::kOpen) ? -1 : next(path, flags, mode);
}

namespace eventlog {
namespace {

class SystemCallsTest : public testing::Test {
 protected:
  SystemCallsTest() {
    std::string pattern = absl::StrCat(testing::TempDir(), "/calls-XXXXXX");
    directory_ = mkdtemp(pattern.data());
    file_ = *files_.Open(Path("f"), OpenMode::kCreate);
    system_.Mend();
  }
  ~SystemCallsTest() override { system_.Mend(); }

  std::string Path(const std::string& name) const { return absl::StrCat(directory_, "/", name); }
  // Of a failure: the words of the system, and which file.
  static auto Says(const char* words, const std::string& path) {
    return AllOf(StatusIs(absl::StatusCode::kUnavailable, AllOf(HasSubstr(words), HasSubstr(path))),
                 HasReason("STORAGE_FAILED"));
  }
  static auto SaysFull(const std::string& path) {
    return AllOf(StatusIs(absl::StatusCode::kResourceExhausted, AllOf(HasSubstr("No space left"), HasSubstr(path))),
                 HasReason("DISK_FULL"));
  }

  System& system_ = TheSystem();
  PosixFileSystem files_;
  std::string directory_;
  std::unique_ptr<File> file_;
};

TEST_F(SystemCallsTest, AShortOrInterruptedTransferGoesOnWhereItStopped) {
  std::vector<std::string> texts;
  for (int i = 0; i < 700; ++i)
    texts.push_back(std::string(static_cast<size_t>(i % 23), static_cast<char>('a' + i % 26)));
  std::string whole;
  for (const std::string& text : texts) whole += text;
  const std::vector<absl::string_view> parts(texts.begin(), texts.end());
  for (const size_t bytes_max : {1, 2, 7, 22, 23, 1000}) {
    for (const int interrupted_of : {0, 2, 3}) {
      system_.bytes_max = bytes_max;
      system_.interrupted_of[kRead] = system_.interrupted_of[kWrite] = interrupted_of;
      ASSERT_THAT(file_->Truncate(0), IsOk());
      ASSERT_THAT(file_->Write(3, parts), IsOk());
      std::string read(whole.size() + 10, '?');
      ASSERT_THAT(file_->Read(3, read.size(), read.data()), IsOkAndHolds(whole.size()));
      ASSERT_EQ(whole, read.substr(0, whole.size())) << bytes_max << " bytes in a call";
    }
  }
  EXPECT_GT(system_.calls[kWrite], static_cast<int64_t>(whole.size())) << "calls were not cut short";
}

TEST_F(SystemCallsTest, ADiskThatFillsUpInTheMiddleOfAWriteIsFull) {
  system_.bytes_max = 4;
  system_.Fail(kWrite, ENOSPC, /*after=*/2);
  EXPECT_THAT(file_->Write(0, {"four", "more", "none"}), SaysFull(Path("f")));
  std::string read(20, '?');
  EXPECT_THAT(file_->Read(0, read.size(), read.data()), IsOkAndHolds(8));
}

TEST_F(SystemCallsTest, AWriteThatDoesNothingIsAFailure) {
  system_.bytes_max = 0;
  EXPECT_THAT(file_->Write(0, {"x"}), Says("cannot write", Path("f")));
}

TEST_F(SystemCallsTest, WhatIsInterruptedIsAskedForAgainButASync) {
  for (const Call call : {kOpen, kAllocate, kTruncate}) system_.interrupted_of[call] = 3;
  EXPECT_THAT(files_.Open(Path("f"), OpenMode::kRead), IsOk());
  EXPECT_THAT(file_->Allocate(100), IsOk());
  EXPECT_THAT(file_->Truncate(50), IsOk());
  EXPECT_THAT(files_.FileSize(Path("f")), IsOkAndHolds(50));
  system_.Mend();
  // What is dirty still is not known after it. The second one would say OK.
  system_.interrupted_of[kSync] = 2;
  EXPECT_THAT(file_->Sync(), Says("Interrupted", Path("f")));
  EXPECT_EQ(system_.calls[kSync], 1);
}

TEST_F(SystemCallsTest, AFileSystemThatReservesNothingGrowsTheFile) {
  system_.Fail(kAllocate, EOPNOTSUPP);
  EXPECT_THAT(file_->Allocate(100), IsOk());
  EXPECT_THAT(files_.FileSize(Path("f")), IsOkAndHolds(100));
}

TEST_F(SystemCallsTest, EveryFailureSaysWhatAndWhereAndWhy) {
  char byte = 0;
  const auto fail = [&](int with) {
    for (int call = 0; call < kCalls; ++call) system_.Fail(static_cast<Call>(call), with);
  };
  fail(EIO);
  const std::string f = Path("f");
  EXPECT_THAT(files_.Open(f, OpenMode::kCreate), Says("cannot open", f));
  EXPECT_THAT(file_->Read(0, 1, &byte), Says("cannot read", f));
  EXPECT_THAT(file_->Write(0, {"x"}), Says("cannot write", f));
  EXPECT_THAT(file_->Sync(), Says("cannot sync", f));
  EXPECT_THAT(file_->Allocate(1), Says("cannot reserve", f));
  EXPECT_THAT(file_->Truncate(1), Says("cannot truncate", f));
  EXPECT_THAT(files_.Rename(f, Path("g")), Says("cannot rename", f));
  EXPECT_THAT(files_.Remove(f), Says("cannot remove", f));
  EXPECT_THAT(files_.List(directory_), Says("cannot list", directory_));
  EXPECT_THAT(files_.SyncDirectory(directory_), Says("cannot open folder", directory_));
  system_.error[kOpen] = 0;
  EXPECT_THAT(files_.SyncDirectory(directory_), Says("Input/output error", directory_));
  fail(ENOSPC);
  EXPECT_THAT(files_.Open(f, OpenMode::kCreate), SaysFull(f));
  EXPECT_THAT(file_->Write(0, {"x"}), SaysFull(f));
  EXPECT_THAT(file_->Sync(), SaysFull(f));
  EXPECT_THAT(file_->Allocate(1), SaysFull(f));
  EXPECT_THAT(files_.Rename(f, Path("g")), SaysFull(f));
}

// Half a list would be a log that lost its segments.
TEST_F(SystemCallsTest, AListThatBreaksOffIsNoList) {
  for (const char* const name : {"a", "b", "c"}) ASSERT_THAT(files_.Open(Path(name), OpenMode::kCreate), IsOk());
  for (int after = 0; after < 6; ++after) {
    system_.Fail(kList, EIO, after);
    EXPECT_THAT(files_.List(directory_), Says("cannot list", directory_)) << after;
  }
}

TEST_F(SystemCallsTest, AFailedAppendNamesTheFileThatIsThere) {
  EmbeddedEngineOptions options;
  options.data_dir = Path("data");
  const absl::StatusOr<std::unique_ptr<LocalEngine>> engine = OpenEmbeddedEngine(files_, options);
  ASSERT_THAT(engine, IsOk());
  system_.Fail(kSync, EIO);
  EXPECT_THAT(Append(*(*engine)->logs().at(0), MakeBatch({"lost"})),
              Says("cannot sync", "/logs/events/00000000000000000000.log"));
}

TEST_F(SystemCallsTest, ALogOverShortAndInterruptedCallsIsWhole) {
  system_.bytes_max = 100;
  for (const Call call : {kOpen, kRead, kWrite, kAllocate, kTruncate}) system_.interrupted_of[call] = 2;
  EmbeddedEngineOptions options;
  options.data_dir = Path("data");
  options.storage.segment_bytes_max = 4096;
  AppendOracle oracle;
  for (int life = 0; life < 4; ++life) {
    const absl::StatusOr<std::unique_ptr<LocalEngine>> engine = OpenEmbeddedEngine(files_, options);
    ASSERT_THAT(engine, IsOk());
    Log& log = *(*engine)->logs().at(0);
    for (int i = 0; i < 20; ++i) {
      AppendBatch batch = oracle.Send("producer", {10, 300, 70});
      oracle.Answered(oracle.last(), Append(log, std::move(batch)));
    }
    const absl::StatusOr<LogContents> contents = ReadContents(log);
    ASSERT_THAT(contents, IsOk());
    EXPECT_THAT(oracle.Compare(*contents), IsOk());
    EXPECT_EQ(oracle.acknowledged(), (life + 1) * 20);
  }
}

}  // namespace
}  // namespace eventlog

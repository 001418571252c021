#include "gateway-svc/http/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "gtest/gtest.h"

namespace gateway {
namespace {

TEST(ProcessFiguresTest, CountsOpenFiles) {
  const ProcessFigures before = ReadProcessFigures();
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(ReadProcessFigures().open_files, before.open_files + 1);
  std::fclose(file);
  EXPECT_EQ(ReadProcessFigures().open_files, before.open_files);
  EXPECT_GE(before.open_files_max, before.open_files);
}

TEST(ProcessFiguresTest, AProcessHasMemoryAndTime) {
  const ProcessFigures figures = ReadProcessFigures();
  EXPECT_GT(figures.resident_bytes, 100 * 1024);
  EXPECT_GE(figures.cpu_seconds, 0);
}

TEST(ProcessFiguresTest, WithoutDescriptorsTheRestIsStillTold) {
  rlimit files{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  const rlimit none{0, files.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const ProcessFigures figures = ReadProcessFigures();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
  EXPECT_EQ(figures.open_files, -1);
  EXPECT_EQ(figures.resident_bytes, -1);
  EXPECT_EQ(figures.open_files_max, 0);
  EXPECT_GE(figures.cpu_seconds, 0);
}

}  // namespace
}  // namespace gateway

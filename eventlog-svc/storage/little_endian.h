// Fixed width numbers in stored bytes: little endian, unaligned.

#ifndef EVENTLOG_SVC_STORAGE_LITTLE_ENDIAN_H_
#define EVENTLOG_SVC_STORAGE_LITTLE_ENDIAN_H_

#include <bit>
#include <cstring>

namespace eventlog {

static_assert(std::endian::native == std::endian::little, "the stored form is the machine's own");

template <typename T>
void StoreLittleEndian(T value, char* at) {
  std::memcpy(at, &value, sizeof(value));
}

template <typename T>
T LoadLittleEndian(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

}  // namespace eventlog

#endif  // EVENTLOG_SVC_STORAGE_LITTLE_ENDIAN_H_

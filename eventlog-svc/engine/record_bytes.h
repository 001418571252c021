// The records of one message, in wire form: a part of a page that other messages share, or bytes of their own.

#ifndef EVENTLOG_SVC_ENGINE_RECORD_BYTES_H_
#define EVENTLOG_SVC_ENGINE_RECORD_BYTES_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace eventlog {

// Pieces that lie side by side in a page are a part of it, which stays as long as this does; others are copied. Not
// thread safe; several may share a page on different threads.
class RecordBytes {
 public:
  using Page = std::shared_ptr<const std::string>;

  RecordBytes() = default;

  // Puts `piece`, which lies in `page`, behind what is there.
  void Add(const Page& page, absl::string_view piece);
  // Copies what is still a part of a page, which may go then: for a small part of a large page.
  void LetGoOfPage();

  bool holds_page() const { return page_ != nullptr; }
  size_t size() const { return view().size(); }
  absl::string_view view() const { return page_ == nullptr ? absl::string_view(own_) : part_; }

 private:
  Page page_;  // nothing: own_ has the bytes
  absl::string_view part_;
  std::string own_;
};

}  // namespace eventlog

#endif  // EVENTLOG_SVC_ENGINE_RECORD_BYTES_H_

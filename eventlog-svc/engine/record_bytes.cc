#include "eventlog-svc/engine/record_bytes.h"

namespace eventlog {

void RecordBytes::Add(const Page& page, absl::string_view piece) {
  if (piece.empty()) return;
  if (size() == 0) {
    page_ = page;
    part_ = piece;
  } else if (page_ == page && part_.data() + part_.size() == piece.data()) {
    part_ = {part_.data(), part_.size() + piece.size()};
  } else {
    LetGoOfPage();
    own_.append(piece.data(), piece.size());
  }
}

void RecordBytes::LetGoOfPage() {
  if (page_ == nullptr) return;
  own_.assign(part_.data(), part_.size());
  part_ = {};
  page_ = nullptr;
}

}  // namespace eventlog

#include "eventlog-svc/engine/record_bytes.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace {

class RecordBytesTest : public testing::Test {
 protected:
  absl::string_view Part(size_t from, size_t size) const { return absl::string_view(*page_).substr(from, size); }

  RecordBytes::Page page_ = std::make_shared<const std::string>("0123456789");
  RecordBytes bytes_;
};

TEST_F(RecordBytesTest, NothingIsThereAtFirst) {
  EXPECT_EQ(bytes_.view(), "");
  bytes_.Add(page_, Part(3, 0));
  EXPECT_EQ(bytes_.size(), 0u);
  EXPECT_FALSE(bytes_.holds_page());
}

TEST_F(RecordBytesTest, NeighboursAreAPartOfThePage) {
  bytes_.Add(page_, Part(2, 3));
  bytes_.Add(page_, Part(5, 1));
  bytes_.Add(page_, Part(6, 0));
  bytes_.Add(page_, Part(6, 4));
  EXPECT_EQ(bytes_.view(), "23456789");
  EXPECT_EQ(bytes_.view().data(), page_->data() + 2);
}

TEST_F(RecordBytesTest, ThePageStaysAsLongAsItsParts) {
  const std::weak_ptr<const std::string> page = page_;
  bytes_.Add(page_, Part(2, 3));
  page_.reset();
  RecordBytes moved = std::move(bytes_);
  EXPECT_EQ(moved.view(), "234");
  EXPECT_FALSE(page.expired());
  moved.LetGoOfPage();
  EXPECT_EQ(moved.view(), "234");
  EXPECT_TRUE(page.expired());
}

TEST_F(RecordBytesTest, WhatLiesApartIsCopied) {
  bytes_.Add(page_, Part(0, 2));
  bytes_.Add(page_, Part(3, 2));
  EXPECT_FALSE(bytes_.holds_page());
  bytes_.Add(page_, Part(5, 1));
  bytes_.Add(page_, Part(0, 1));
  EXPECT_EQ(bytes_.view(), "013450");
}

TEST_F(RecordBytesTest, WhatWasCopiedHasNoNeighbourInThePage) {
  bytes_.Add(page_, Part(0, 2));
  bytes_.LetGoOfPage();
  bytes_.Add(page_, Part(2, 1));
  bytes_.Add(page_, Part(3, 1));
  EXPECT_EQ(bytes_.view(), "0123");
  EXPECT_FALSE(bytes_.holds_page());
}

TEST_F(RecordBytesTest, PiecesOfTwoPagesAreCopied) {
  const RecordBytes::Page other = std::make_shared<const std::string>("abc");
  bytes_.Add(page_, Part(0, 2));
  bytes_.Add(other, *other);
  EXPECT_EQ(bytes_.view(), "01abc");
  EXPECT_FALSE(bytes_.holds_page());
}

}  // namespace
}  // namespace eventlog

#include "gateway-svc/http/filter_values.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Words(const absl::Status& status) { return std::string(status.message()); }

TEST(FilterValuesTest, TypesAreExactOrAPrefix) {
  Filter filter;
  for (const char* good : {"a", "session.created", "session.*", "a.b.*"}) EXPECT_TRUE(AddType(good, filter).ok());
  EXPECT_EQ(filter.types.size(), 4u);
  for (const char* bad : {"", "*", ".*", "a*", "*.a", "a.*.b", "a.**", "*.*", "a.*b"}) {
    const absl::Status status = AddType(bad, filter);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_THAT(Words(status), StartsWith("type: "));
  }
  EXPECT_EQ(filter.types.size(), 4u);
}

TEST(FilterValuesTest, WhatCanMatchNothingIsRefused) {
  Filter filter;
  EXPECT_THAT(Words(AddSubject("", filter)), StartsWith("subject: "));
  EXPECT_THAT(Words(AddSource("", filter)), StartsWith("source: "));
  EXPECT_TRUE(filter.empty());
  EXPECT_TRUE(AddSubject("s*", filter).ok()) << "a subject is exact: a star is a star";
  EXPECT_TRUE(AddAttribute("k", "", filter).ok()) << "an attribute may be empty";
}

TEST(FilterValuesTest, EachValueHasItsLength) {
  Filter filter;
  EXPECT_TRUE(AddType(std::string(255, 'a'), filter).ok());
  EXPECT_THAT(Words(AddType(std::string(256, 'a'), filter)), HasSubstr("255"));
  EXPECT_TRUE(AddSubject(std::string(1024, 'a'), filter).ok());
  EXPECT_THAT(Words(AddSubject(std::string(1025, 'a'), filter)), HasSubstr("1024"));
  EXPECT_TRUE(AddSource(std::string(1024, 'a'), filter).ok());
  EXPECT_FALSE(AddSource(std::string(1025, 'a'), filter).ok());
  EXPECT_TRUE(AddAttribute(std::string(64, 'k'), std::string(1024, 'a'), filter).ok());
  EXPECT_FALSE(AddAttribute("k", std::string(1025, 'a'), filter).ok());
  EXPECT_FALSE(AddAttribute(std::string(65, 'k'), "a", filter).ok());
}

TEST(FilterValuesTest, EachFieldTakesAHundredValues) {
  Filter filter;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(AddType(absl::StrCat("t", i), filter).ok());
    EXPECT_TRUE(AddSubject(absl::StrCat("t", i), filter).ok());
    EXPECT_TRUE(AddSource(absl::StrCat("t", i), filter).ok());
    EXPECT_TRUE(AddAttribute("k", absl::StrCat("t", i), filter).ok());
  }
  EXPECT_THAT(Words(AddType("more", filter)), HasSubstr("100"));
  EXPECT_FALSE(AddSubject("more", filter).ok());
  EXPECT_FALSE(AddSource("more", filter).ok());
  EXPECT_THAT(Words(AddAttribute("k", "more", filter)), StartsWith("attr.k: "));
  EXPECT_EQ(filter.attributes["k"].size(), 100u);
}

TEST(FilterValuesTest, KeysAreThoseThatAnEventCanHave) {
  Filter filter;
  EXPECT_TRUE(AddAttribute("trace-id_2.x", "v", filter).ok());
  for (const char* bad : {"", "Upper", "a b", "a=b", "\xC3\xA4"}) {
    EXPECT_THAT(Words(AddAttribute(bad, "v", filter)), StartsWith("attr.<key>: ")) << bad;
  }
  EXPECT_EQ(filter.attributes.size(), 1u);
  for (int i = 1; i < 64; ++i) EXPECT_TRUE(AddAttribute(absl::StrCat("k", i), "v", filter).ok());
  EXPECT_THAT(Words(AddAttribute("more", "v", filter)), HasSubstr("64 keys"));
  EXPECT_TRUE(AddAttribute("k1", "w", filter).ok()) << "one more value of a key that is there";
}

}  // namespace
}  // namespace gateway

// GoogleMock matchers for absl::Status and absl::StatusOr.
//
//   EXPECT_THAT(log.Open(), IsOk());
//   EXPECT_THAT(parser.Parse("7"), IsOkAndHolds(7));
//   EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted, HasSubstr("offset")));
//   EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kAborted), HasReason("OFFSET_MISMATCH")));

#ifndef TESTS_SUPPORT_STATUS_MATCHERS_H_
#define TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventlog-svc/engine/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace eventlog {
namespace status_matchers_internal {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

// Says what a failed expectation was given; "OK" alone when there is nothing more to say.
inline void Describe(const absl::Status& status, testing::MatchResultListener* listener) {
  *listener << "whose status is " << status.ToString();
  const std::string reason = ErrorReason(status);
  if (!reason.empty()) *listener << " with reason " << reason;
}

class IsOkMatcher {
 public:
  using is_gtest_matcher = void;
  template <typename T>
  bool MatchAndExplain(const T& value, testing::MatchResultListener* listener) const {
    if (!StatusOf(value).ok()) Describe(StatusOf(value), listener);
    return StatusOf(value).ok();
  }
  void DescribeTo(std::ostream* out) const { *out << "is OK"; }
  void DescribeNegationTo(std::ostream* out) const { *out << "is not OK"; }
};

class StatusIsMatcher {
 public:
  using is_gtest_matcher = void;
  StatusIsMatcher(absl::StatusCode code, testing::Matcher<std::string> message)
      : code_(code), message_(std::move(message)) {}
  template <typename T>
  bool MatchAndExplain(const T& value, testing::MatchResultListener* listener) const {
    const absl::Status& status = StatusOf(value);
    Describe(status, listener);
    return status.code() == code_ && message_.Matches(std::string(status.message()));
  }
  void DescribeTo(std::ostream* out) const {
    *out << "has the code " << absl::StatusCodeToString(code_) << " and a message that ";
    message_.DescribeTo(out);
  }
  void DescribeNegationTo(std::ostream* out) const {
    *out << "does not have the code " << absl::StatusCodeToString(code_) << " with a message that ";
    message_.DescribeTo(out);
  }

 private:
  absl::StatusCode code_;
  testing::Matcher<std::string> message_;
};

class HasReasonMatcher {
 public:
  using is_gtest_matcher = void;
  explicit HasReasonMatcher(std::string reason) : reason_(std::move(reason)) {}
  template <typename T>
  bool MatchAndExplain(const T& value, testing::MatchResultListener* listener) const {
    Describe(StatusOf(value), listener);
    return ErrorReason(StatusOf(value)) == reason_;
  }
  void DescribeTo(std::ostream* out) const { *out << "has the reason " << reason_; }
  void DescribeNegationTo(std::ostream* out) const { *out << "does not have the reason " << reason_; }

 private:
  std::string reason_;
};

template <typename Inner>
class IsOkAndHoldsMatcher {
 public:
  explicit IsOkAndHoldsMatcher(Inner inner) : inner_(std::move(inner)) {}
  template <typename StatusOrT>
  operator testing::Matcher<StatusOrT>() const {  // NOLINT: how a polymorphic matcher becomes one of a type
    return testing::Matcher<StatusOrT>(new Typed<const std::decay_t<StatusOrT>&>(inner_));
  }

 private:
  template <typename StatusOrT>
  class Typed : public testing::MatcherInterface<StatusOrT> {
   public:
    using Value = typename std::decay_t<StatusOrT>::value_type;
    explicit Typed(const Inner& inner) : inner_(testing::SafeMatcherCast<const Value&>(inner)) {}
    bool MatchAndExplain(StatusOrT value, testing::MatchResultListener* listener) const override {
      if (!value.ok()) {
        Describe(value.status(), listener);
        return false;
      }
      return inner_.MatchAndExplain(*value, listener);
    }
    void DescribeTo(std::ostream* out) const override {
      *out << "is OK and holds a value that ";
      inner_.DescribeTo(out);
    }
    void DescribeNegationTo(std::ostream* out) const override {
      *out << "is not OK, or holds a value that ";
      inner_.DescribeNegationTo(out);
    }

   private:
    const testing::Matcher<const Value&> inner_;
  };

  const Inner inner_;
};

}  // namespace status_matchers_internal

// A Status or StatusOr that is OK.
inline status_matchers_internal::IsOkMatcher IsOk() { return {}; }

// A StatusOr that is OK and whose value matches `inner`, a value or a matcher.
template <typename Inner>
status_matchers_internal::IsOkAndHoldsMatcher<std::decay_t<Inner>> IsOkAndHolds(Inner&& inner) {
  return status_matchers_internal::IsOkAndHoldsMatcher<std::decay_t<Inner>>(std::forward<Inner>(inner));
}

// A Status or StatusOr with this code, and a message that matches `message`.
inline status_matchers_internal::StatusIsMatcher StatusIs(absl::StatusCode code,
                                                          testing::Matcher<std::string> message = testing::_) {
  return {code, std::move(message)};
}

// A Status or StatusOr whose ErrorInfo names this reason.
inline status_matchers_internal::HasReasonMatcher HasReason(std::string reason) {
  return status_matchers_internal::HasReasonMatcher(std::move(reason));
}

}  // namespace eventlog

#endif  // TESTS_SUPPORT_STATUS_MATCHERS_H_

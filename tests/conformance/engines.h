// The conformance suites run on every engine: INSTANTIATE_ON_ENGINES(Suite) after the tests of a suite.

#ifndef TESTS_CONFORMANCE_ENGINES_H_
#define TESTS_CONFORMANCE_ENGINES_H_

#include <string>

#include "gtest/gtest.h"
#include "tests/conformance/live_service.h"

namespace eventlog {

class EngineSuite : public testing::TestWithParam<const char*> {
 protected:
  LiveService service_{GetParam()};
};

}  // namespace eventlog

#define INSTANTIATE_ON_ENGINES(suite)                                             \
  INSTANTIATE_TEST_SUITE_P(Engines, suite, testing::Values("memory", "embedded"), \
                           [](const testing::TestParamInfo<const char*>& info) { return std::string(info.param); })

#endif  // TESTS_CONFORMANCE_ENGINES_H_

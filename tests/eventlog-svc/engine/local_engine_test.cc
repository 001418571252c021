#include "eventlog-svc/engine/local_engine.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eventlog-svc/engine/memory/memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/log_driver.h"
#include "tests/support/status_matchers.h"

namespace eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// What the engine asked for, beyond the engine's life.
struct Asked {
  std::vector<std::string> names;  // that are there at the start
  std::vector<std::string> calls;
  absl::Status on_create, on_remove, on_open;
  std::function<void()> on_destroyed = [] {};
};

class FakeStores : public StoreFactory {
 public:
  explicit FakeStores(Asked& asked) : asked_(asked) {}
  ~FakeStores() override { asked_.on_destroyed(); }
  absl::StatusOr<std::vector<std::string>> List() override { return asked_.names; }
  absl::StatusOr<Opened> Open(const std::string& name) override {
    asked_.calls.push_back("open " + name);
    return asked_.on_open.ok() ? Make({}) : absl::StatusOr<Opened>(asked_.on_open);
  }
  absl::StatusOr<Opened> Create(const std::string& name, const LogSettings& settings) override {
    asked_.calls.push_back("create " + name);
    return asked_.on_create.ok() ? Make(settings) : absl::StatusOr<Opened>(asked_.on_create);
  }
  absl::Status Remove(const std::string& name) override {
    asked_.calls.push_back("remove " + name);
    return asked_.on_remove;
  }
  void Clear(const std::string& name) override { asked_.calls.push_back("clear " + name); }

 private:
  static Opened Make(const LogSettings& settings) {
    return {std::make_unique<MemoryStore>("0123456789abcdef", 1 << 20),
            std::make_unique<LogState>(ProducerTableOptions(), settings)};
  }

  Asked& asked_;
};

class LocalEngineTest : public testing::Test {
 protected:
  absl::Status Open() {
    LocalEngineOptions options;
    options.name = "memory";
    options.logs_max = 3;
    absl::StatusOr<std::unique_ptr<LocalEngine>> engine =
        LocalEngine::Open(std::move(options), std::make_unique<FakeStores>(asked_));
    if (engine.ok()) engine_ = *std::move(engine);
    return engine.status();
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const std::shared_ptr<Log>& log : engine_->logs()) names.push_back(log->name());
    return names;
  }

  Asked asked_;
  std::unique_ptr<LocalEngine> engine_;
};

TEST_F(LocalEngineTest, TheDefaultLogIsMadeOnceAndOthersAreOpened) {
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(asked_.calls, ElementsAre("create events"));
  EXPECT_EQ(engine_->name(), "memory");
  EXPECT_THAT(engine_->health(), IsOk());
  engine_.reset();
  asked_ = Asked();
  asked_.names = {"a", "events"};
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(asked_.calls, ElementsAre("open a", "open events"));
  EXPECT_THAT(Names(), ElementsAre("a", "events"));
}

TEST_F(LocalEngineTest, ALogThatDoesNotOpenIsNamed) {
  asked_.names = {"orders"};
  asked_.on_open = absl::DataLossError("its header is damaged");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("\"orders\": its header is damaged")));
}

TEST_F(LocalEngineTest, FindsItsLogAndRefusesOthersByName) {
  ASSERT_THAT(Open(), IsOk());
  const absl::StatusOr<std::shared_ptr<Log>> log = engine_->FindLog("");
  ASSERT_THAT(log, IsOk());
  EXPECT_THAT(engine_->FindLog("events"), IsOkAndHolds(*log));
  EXPECT_THAT(engine_->FindLog("Events"),
              AllOf(StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"Events\"")), HasReason("LOG_NOT_FOUND")));
}

TEST_F(LocalEngineTest, LogsComeAndGoByName) {
  ASSERT_THAT(Open(), IsOk());
  LogSettings settings;
  settings.records_max = 7;
  const absl::StatusOr<std::shared_ptr<Log>> log = engine_->CreateLog("orders", settings);
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ((*log)->settings().records_max, 7);
  EXPECT_GT((*log)->settings().create_time, absl::UnixEpoch());
  ASSERT_THAT(Append(**log, MakeBatch({"a"})), IsOk());
  EXPECT_THAT(engine_->CreateLog("orders", {}),
              AllOf(StatusIs(absl::StatusCode::kAlreadyExists), HasReason("LOG_EXISTS")));
  EXPECT_THAT(engine_->DeleteLog("orders"), IsOk());
  EXPECT_TRUE((*log)->deleted());
  EXPECT_THAT(Append(**log, MakeBatch({"b"})), HasReason("LOG_NOT_FOUND"));
  EXPECT_THAT(ReadTexts(**log), ElementsAre("a"));
  EXPECT_THAT(engine_->FindLog("orders"), HasReason("LOG_NOT_FOUND"));
  EXPECT_THAT(engine_->DeleteLog("orders"), HasReason("LOG_NOT_FOUND"));
  EXPECT_THAT(asked_.calls, ElementsAre("create events", "create orders", "remove orders", "clear orders"));
  EXPECT_THAT(engine_->CreateLog("orders", {}), IsOk());
}

TEST_F(LocalEngineTest, ALogThatCannotBeDeletedGoesOn) {
  ASSERT_THAT(Open(), IsOk());
  const absl::StatusOr<std::shared_ptr<Log>> log = engine_->CreateLog("orders", {});
  asked_.on_remove = absl::ResourceExhaustedError("no space for the mark");
  EXPECT_THAT(engine_->DeleteLog("orders"), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("orders")));
  EXPECT_THAT(engine_->FindLog("orders"), IsOkAndHolds(*log));
  EXPECT_THAT(Append(**log, MakeBatch({"a"})), IsOk());
  asked_.on_remove = absl::OkStatus();
  EXPECT_THAT(engine_->DeleteLog("orders"), IsOk());
}

TEST_F(LocalEngineTest, TheDefaultLogCannotGo) {
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(engine_->DeleteLog("events"),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason("LOG_REQUIRED")));
  EXPECT_THAT(engine_->DeleteLog(""), HasReason("LOG_INVALID"));
}

TEST_F(LocalEngineTest, WhatCannotBeCreatedLeavesNothing) {
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(engine_->CreateLog("../up", {}), HasReason("LOG_INVALID"));
  LogSettings settings;
  settings.default_durability = Durability::kFsync;
  EXPECT_THAT(engine_->CreateLog("orders", settings), HasReason("DURABILITY_UNSUPPORTED"));
  asked_.on_create = absl::ResourceExhaustedError("the disk is full");
  EXPECT_THAT(engine_->CreateLog("orders", {}), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("orders")));
  EXPECT_THAT(Names(), ElementsAre("events"));
  asked_.on_create = absl::OkStatus();
  ASSERT_THAT(engine_->CreateLog("a", {}), IsOk());
  ASSERT_THAT(engine_->CreateLog("b", {}), IsOk());
  EXPECT_THAT(engine_->CreateLog("c", {}), HasReason("QUOTA_EXCEEDED"));
}

class CountingListener : public LogListener {
 public:
  void OnLogChanged(const Log&) override { ++count; }
  std::atomic<int> count = 0;
};

TEST_F(LocalEngineTest, ListenersHearOfLogsThatComeLaterAndOfTheirEnd) {
  ASSERT_THAT(Open(), IsOk());
  CountingListener listener;
  engine_->AddListener(&listener);
  const absl::StatusOr<std::shared_ptr<Log>> log = engine_->CreateLog("orders", {});
  ASSERT_THAT(Append(**log, MakeBatch({"a"})), IsOk());
  EXPECT_EQ(listener.count, 1);
  ASSERT_THAT(engine_->DeleteLog("orders"), IsOk());
  EXPECT_EQ(listener.count, 2);
  engine_->RemoveListener(&listener);
  ASSERT_THAT(Append(**engine_->FindLog(""), MakeBatch({"a"})), IsOk());
  EXPECT_EQ(listener.count, 2);
}

TEST_F(LocalEngineTest, AfterCloseNothingIsTaken) {
  ASSERT_THAT(Open(), IsOk());
  engine_->Close();
  EXPECT_THAT(Append(**engine_->FindLog(""), MakeBatch({"a"})), HasReason("DRAINING"));
  EXPECT_THAT(engine_->CreateLog("orders", {}), HasReason("DRAINING"));
}

TEST_F(LocalEngineTest, StoresAreLetGoAfterTheLogsAreClosed) {
  PendingAppend pending;
  bool answered_before = false;
  asked_.on_destroyed = [&] { answered_before = pending.answered(); };
  ASSERT_THAT(Open(), IsOk());
  engine_->logs().at(0)->Append(MakeBatch({"a"}), pending.callback());
  engine_.reset();
  EXPECT_THAT(pending.Wait(), IsOk());
  EXPECT_TRUE(answered_before);
}

}  // namespace
}  // namespace eventlog

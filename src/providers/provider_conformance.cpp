#include "providers/provider_conformance.h"

#include <algorithm>

namespace letterlock::providers {

constexpr std::string_view message =
    "From: a@example.test\r\nTo: b@example.test\r\nSubject: conformance\r\nMessage-ID: <c1@example.test>\r\n"
    "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\n\r\nhello\r\n";

void ProviderConformance::SetUp() {
  world_ = GetParam()();
  ASSERT_NE(world_, nullptr);
}

Result<void> ProviderConformance::walk_all(WalkLimits limits) {
  auto provider = world_->make_provider();
  std::vector<User> users;
  TRY(provider->list_users(
      [&](std::vector<User>&& page) -> Result<void> {
        std::ranges::move(page, std::back_inserter(users));
        return {};
      },
      {}));
  for (const auto& user : users) {
    if (user.mailbox_state != MailboxState::active) continue;
    auto walked = stores_[user.user_id.str()].walk(*provider, user, limits);
    if (!walked && walked.error().code == "no_mailbox") continue;
    TRY(std::move(walked));
  }
  return {};
}

void ProviderConformance::expect_truth() {
  for (const auto& [user, mailbox] : world_->truth()) {
    auto& store = stores_[user];
    EXPECT_EQ(store.present(), mailbox.ids) << mailbox.address;
    EXPECT_TRUE(store.set_aside.empty()) << mailbox.address;
    for (const auto& [id, place] : mailbox.places) {
      const auto& row = store.rows[id].message;
      const auto have =
          row.folder_id.empty() ? std::set<std::string>(row.labels.begin(), row.labels.end()) : std::set<std::string>{row.folder_id.str()};
      EXPECT_EQ(have, place) << mailbox.address << " " << id;
    }
  }
}

std::string ProviderConformance::first_user() {
  const auto truth = world_->truth();
  return std::ranges::max_element(truth, {}, [](const auto& entry) { return entry.second.ids.size(); })->first;
}

TEST_P(ProviderConformance, ReadsAllMailAndThenNothing) {
  auto walked = walk_all();
  ASSERT_TRUE(walked) << walked.error().message;
  expect_truth();
  std::size_t messages = 0;
  for (auto& [user, store] : stores_) {
    for (const auto& step : store.steps) messages += step.messages.size();
    if (!store.steps.empty()) EXPECT_TRUE(store.steps.back().caught_up);
    store.steps.clear();
  }
  EXPECT_GT(messages, 0u);
  ASSERT_TRUE(walk_all());
  for (const auto& [user, store] : stores_)
    for (const auto& step : store.steps) EXPECT_TRUE(step.messages.empty()) << user;
  expect_truth();
}

TEST_P(ProviderConformance, GoesOnFromAnyStepWithoutLosingOrRepeatingMuch) {
  auto provider = world_->make_provider();
  for (int slices = 0;; ++slices) {
    ASSERT_LT(slices, 1000);
    std::size_t before = 0, after = 0;
    for (auto& [user, store] : stores_) before += store.steps.size();
    for (const auto& [user, mailbox] : world_->truth()) {
      auto& store = stores_[user];
      store.steps_max = static_cast<int>(store.steps.size()) + 1;
      auto walked =
          store.walk(*world_->make_provider(), {.user_id = UserId(user), .primary_email = mailbox.address}, {.step_messages_max = 20});
      ASSERT_TRUE(walked || walked.error().code == "no_mailbox") << walked.error().message;
    }
    for (auto& [user, store] : stores_) after += store.steps.size();
    bool complete = true;
    for (const auto& [user, mailbox] : world_->truth()) complete = complete && stores_[user].present() == mailbox.ids;
    if (complete || after == before) break;
  }
  expect_truth();
}

TEST_P(ProviderConformance, BringsWhatArrivesLater) {
  ASSERT_TRUE(walk_all());
  const auto user = first_user();
  world_->deliver(world_->truth()[user].address, std::string(message));
  ASSERT_TRUE(walk_all());
  expect_truth();
}

TEST_P(ProviderConformance, FollowsDeletionsAndMoves) {
  if (!world_->is_remote()) GTEST_SKIP() << "an archive's messages stay where they are";
  ASSERT_TRUE(walk_all());
  const auto user = first_user();
  const auto mailbox = world_->truth()[user];
  ASSERT_GE(mailbox.ids.size(), 3u);
  auto id = mailbox.ids.begin();
  world_->remove(mailbox.address, *id);
  world_->relocate(mailbox.address, *++id);
  ASSERT_TRUE(walk_all());
  expect_truth();
  world_->relocate(mailbox.address, *++id);
  world_->deliver(mailbox.address, std::string(message));
  ASSERT_TRUE(walk_all());
  expect_truth();
}

TEST_P(ProviderConformance, KeepsWhatLeftItsPlaceAndCameBackBetweenTwoReadings) {
  if (!world_->is_remote()) GTEST_SKIP() << "an archive's messages stay where they are";
  ASSERT_TRUE(walk_all());
  const auto user = first_user();
  const auto mailbox = world_->truth()[user];
  for (const auto& id : mailbox.ids) {
    world_->relocate(mailbox.address, id);
    world_->put_back(mailbox.address, id, mailbox.places.at(id));
  }
  ASSERT_TRUE(walk_all());
  expect_truth();
}

TEST_P(ProviderConformance, SweepsWhatWentWhileItsCursorWasForgotten) {
  if (!world_->is_remote()) GTEST_SKIP() << "an archive's cursor is never forgotten";
  ASSERT_TRUE(walk_all());
  const auto user = first_user();
  const auto mailbox = world_->truth()[user];
  world_->remove(mailbox.address, *mailbox.ids.begin());
  world_->deliver(mailbox.address, std::string(message));
  world_->expire_cursors();
  auto walked = walk_all();
  ASSERT_TRUE(walked) << walked.error().message;
  expect_truth();
}

TEST_P(ProviderConformance, ReadsWhatMailboxesDoByThemselves) {
  const auto provider = world_->make_provider();
  const auto changed = first_user();
  world_->change_settings(world_->truth()[changed].address);
  const auto settings = world_->settings();
  std::size_t seen = 0;
  for (const auto& [user, mailbox] : world_->truth()) {
    auto read = provider->read_settings({.user_id = UserId(user), .primary_email = mailbox.address}, {});
    if (!read && read.error().code == "no_mailbox") continue;
    ASSERT_TRUE(read) << mailbox.address << ": " << read.error().message;
    ASSERT_EQ(read->has_value(), settings.has_value());
    if (!settings) continue;
    for (auto& setting : **read) {
      EXPECT_TRUE(setting.definition.starts_with('{')) << setting.definition;
      setting.definition.clear();
    }
    std::ranges::sort(**read, {}, [](const MailboxSetting& setting) { return std::pair(setting.kind, setting.setting_id); });
    EXPECT_EQ(**read, settings->at(user)) << mailbox.address;
    seen += (*read)->size();
  }
  if (settings) {
    EXPECT_GE(seen, 3u);
  }
}

TEST_P(ProviderConformance, OutlastsPassingFaults) {
  if (!world_->is_remote()) GTEST_SKIP() << "an archive is not behind a network";
  world_->order_fault(world_->mail_path(), R"("status":503,"times":2)");
  world_->order_fault(world_->mail_path(), R"("status":429,"times":1,"retry_after":"1")");
  world_->order_fault(world_->mail_path(), R"("cut_after_bytes":20,"times":2)");
  auto walked = walk_all();
  ASSERT_TRUE(walked) << walked.error().message;
  expect_truth();
}

TEST_P(ProviderConformance, RenewsATokenThatEndsInMidPaging) {
  if (!world_->is_remote()) GTEST_SKIP() << "an archive needs no token";
  auto provider = world_->make_provider();
  const auto user = first_user();
  const auto mailbox = world_->truth()[user];
  auto& store = stores_[user];
  bool expired = false;
  auto walked = provider->walk({.user_id = UserId(user), .primary_email = mailbox.address}, {}, {.step_messages_max = 5},
                               [&](Step&& step) -> Result<bool> {
                                 for (const auto& item : step.messages) store.rows[item.provider_message_id.str()] = {.message = item};
                                 if (!expired) world_->expire_tokens();
                                 expired = true;
                                 return true;
                               },
                               {});
  ASSERT_TRUE(walked) << walked.error().message;
  EXPECT_TRUE(expired);
  EXPECT_EQ(store.present(), mailbox.ids);
}

TEST_P(ProviderConformance, KeepsItsCursorWhenTheProviderStaysDown) {
  if (!world_->is_remote()) GTEST_SKIP() << "an archive is not behind a network";
  ASSERT_TRUE(walk_all());
  const auto before = stores_;
  world_->deliver(world_->truth()[first_user()].address, std::string(message));
  world_->order_fault(world_->mail_path(), R"("status":503,"times":1000)");
  const auto walked = walk_all();
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().kind, ErrorKind::unavailable);
  for (const auto& [user, store] : before) EXPECT_EQ(stores_[user].stored(), store.stored());
}

TEST_P(ProviderConformance, StopsWhenTheSinkHasEnough) {
  const auto user = first_user();
  auto& store = stores_[user];
  store.steps_max = 1;
  ASSERT_TRUE(store.walk(*world_->make_provider(), {.user_id = UserId(user), .primary_email = world_->truth()[user].address},
                         {.step_messages_max = 2}));
  EXPECT_EQ(store.steps.size(), 1u);
  EXPECT_LE(store.present().size(), 2u);
}

}  // namespace letterlock::providers

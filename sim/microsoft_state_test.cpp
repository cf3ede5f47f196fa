#include "sim/microsoft_state.h"

#include <gtest/gtest.h>

#include <set>

namespace letterlock::sim {
namespace {

const TimePoint now = *from_rfc3339("2026-11-23T12:00:00Z");

class MicrosoftStateTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const RawSource> raw(const std::string& subject) {
    return std::make_shared<StoredRaw>("Subject: " + subject + "\r\n\r\nhello\r\n");
  }
  std::string folder(const std::string& well_known) const { return state_.folder(user(), well_known)->id; }
  // Kinds of what a folder's delta tells since then, in order.
  std::vector<MicrosoftState::Change::Kind> changes(const std::string& folder_id, std::uint64_t since) {
    std::vector<MicrosoftState::Change::Kind> kinds;
    for (const auto& change : state_.changes(user(), folder_id, since, 100).changes) kinds.push_back(change.kind);
    return kinds;
  }
  const MicrosoftUser& user() const { return state_.users().front(); }

  using Kind = MicrosoftState::Change::Kind;
  MicrosoftState state_{CompanyMail{.company = {.domain = "firm.example", .people = {{.address = "ann@firm.example"}}}}, now};
};

TEST_F(MicrosoftStateTest, ADraftKeepsItsIdWhenItIsSavedAndWhenItIsSent) {
  const auto drafts = folder("drafts"), sent = folder("sentitems");
  const auto begun = state_.change_sequence(user());
  const auto id = state_.add(user(), raw("one"), now, "drafts", "");
  ASSERT_TRUE(state_.save_draft(user(), id, raw("two"), now));
  EXPECT_EQ(changes(drafts, begun), std::vector{Kind::whole});
  const auto saved = state_.change_sequence(user());
  ASSERT_TRUE(state_.send_draft(user(), id, raw("three"), now + std::chrono::minutes(1)));
  EXPECT_EQ(changes(drafts, saved), std::vector{Kind::removed});
  EXPECT_EQ(changes(sent, saved), std::vector{Kind::whole});
  const auto message = state_.message(user(), id);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->is_draft);
  EXPECT_EQ(message->folder_id, sent);
  EXPECT_TRUE(message->raw->read().contains("three"));
  EXPECT_FALSE(state_.send_draft(user(), id, raw("four"), now)) << "it is no draft any more";
  EXPECT_FALSE(state_.save_draft(user(), id, raw("four"), now));
}

TEST_F(MicrosoftStateTest, AMessageThatChangedAfterItCameComesWholeWhereverThePageEnds) {
  const auto inbox = folder("inbox");
  const auto begun = state_.change_sequence(user());
  std::set<std::string> added;
  for (const char* subject : {"one", "two", "three"}) added.insert(state_.add(user(), raw(subject), now, "inbox", ""));
  ASSERT_TRUE(state_.set_read(user(), *added.begin(), true));
  for (const std::size_t page_size : {1, 2, 3, 4}) {
    std::set<std::string> whole;
    bool more = true;
    for (auto since = begun; more;) {
      const auto page = state_.changes(user(), inbox, since, page_size);
      for (const auto& change : page.changes) {
        if (change.kind == Kind::whole) whole.insert(change.message.id);
        EXPECT_TRUE(whole.contains(change.message.id)) << "what changed of a message that nobody was told of; page of " << page_size;
      }
      more = page.more;
      since = page.upto;
    }
    EXPECT_EQ(whole, added) << "page of " << page_size;
  }
}

TEST_F(MicrosoftStateTest, AReturnIsLostWithAllThatThePageTells) {
  const auto inbox = folder("inbox");
  const auto moved = state_.add(user(), raw("moved"), now, "inbox", "");
  const auto begun = state_.change_sequence(user());
  ASSERT_TRUE(state_.move(user(), moved, "archive"));
  state_.add(user(), raw("between"), now, "inbox", "");
  ASSERT_TRUE(state_.move(user(), moved, "inbox"));
  for (const std::size_t page_size : {2, 3}) {
    int told = 0;
    bool more = true;
    for (auto since = begun; more;) {
      const auto page = state_.changes(user(), inbox, since, page_size, true);
      for (const auto& change : page.changes) {
        if (change.message.id != moved) continue;
        ++told;
        EXPECT_EQ(change.kind, Kind::removed) << "page of " << page_size;
      }
      more = page.more;
      since = page.upto;
    }
    EXPECT_EQ(told, 1) << "page of " << page_size;
  }
}

TEST_F(MicrosoftStateTest, AFolderOfTheUsersOwnIsListedRenamedAndGoesWithItsMessages) {
  const auto own = state_.add_folder(user(), "inbox", "Own");
  const auto kept = state_.add(user(), raw("kept"), now, "inbox", ""), lost = state_.add(user(), raw("lost"), now, "inbox", "");
  ASSERT_TRUE(state_.move(user(), lost, own));
  ASSERT_TRUE(state_.rename_folder(user(), own, "Other"));
  EXPECT_EQ(state_.folder(user(), own)->name, "Other");
  EXPECT_EQ(state_.folder(user(), own)->total, 1u);
  ASSERT_TRUE(state_.remove_folder(user(), own));
  EXPECT_FALSE(state_.folder(user(), own));
  EXPECT_FALSE(state_.message(user(), lost));
  EXPECT_TRUE(state_.message(user(), kept));
  EXPECT_FALSE(state_.remove_folder(user(), own)) << "it is gone";
  EXPECT_FALSE(state_.remove_folder(user(), folder("inbox"))) << "the provider's own stay";
  EXPECT_FALSE(state_.rename_folder(user(), folder("inbox"), "x"));
  EXPECT_EQ(state_.add_folder(user(), "nowhere", "x"), "");
}

}  // namespace
}  // namespace letterlock::sim

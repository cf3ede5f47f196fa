#include "providers/google/gmail_settings.h"

#include <gtest/gtest.h>

namespace letterlock::providers {
namespace {

using Texts = std::vector<std::string>;

std::pair<Texts, Texts> terms(std::string_view query) {
  Texts words, senders;
  read_gmail_query(query, words, senders);
  return {words, senders};
}

TEST(GmailQuery, FindsWordsAndSenders) {
  EXPECT_EQ(terms("invoice payment"), std::pair(Texts({"invoice", "payment"}), Texts()));
  EXPECT_EQ(terms("subject:(invoice OR \"wire transfer\") from:{boss@x.example cfo}"),
            std::pair(Texts({"invoice", "wire transfer"}), Texts({"boss@x.example", "cfo"})));
  EXPECT_EQ(terms("-newsletter to:me has:attachment after:2024/01/01 rechnung"), std::pair(Texts({"rechnung"}), Texts()));
  EXPECT_EQ(terms("-subject:(a b) -(c d) e"), std::pair(Texts({"e"}), Texts()));
  EXPECT_EQ(terms("a|b, c"), std::pair(Texts({"a", "b", "c"}), Texts()));
}

TEST(GmailQuery, EndsOnAnyText) {
  for (const char* query : {"", "(", ")", "\"", "from:", "from:(", "-", "-(", ":", "a:b:c", "\"open", "((((((", "{}{}", "from:\"a b"})
    terms(query);
  EXPECT_EQ(terms(std::string(100'000, '(') + "x"), std::pair(Texts({"x"}), Texts()));
}

TEST(GmailSettings, BecomeMailboxSettings) {
  const auto read = read_gmail_settings(
      {.filters = R"({"filter":[
         {"id":"F1","criteria":{"from":"ceo@acme.example","subject":"Invoice","query":"bank OR \"wire transfer\""},
          "action":{"addLabelIds":["TRASH"],"removeLabelIds":["INBOX","UNREAD"],"forward":"X@Evil.example"}},
         {"id":"F2","criteria":{},"action":{"addLabelIds":["Label_7"],"removeLabelIds":["INBOX"]}},
         {"action":{"addLabelIds":["Label_7"]},"id":"F3"},
         {"id":"F4","criteria":{"query":"x"},"action":{"removeLabelIds":["INBOX"]}},
         {"id":"F5","action":{"addLabelIds":["SPAM"]}}]})",
       .forwarding_addresses = R"({"forwardingAddresses":[{"forwardingEmail":"x@evil.example","verificationStatus":"accepted"},
                                   {"forwardingEmail":"y@evil.example","verificationStatus":"pending"}]})",
       .auto_forwarding = R"({"enabled":true,"emailAddress":"x@evil.example","disposition":"trash"})",
       .delegates = R"({"delegates":[{"delegateEmail":"Dee@acme.example","verificationStatus":"accepted"}]})",
       .labels = R"({"labels":[{"id":"Label_7","name":"Rechnungen"},{"id":"INBOX","name":"INBOX"}]})"});
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 9u);
  auto first = (*read)[0];
  EXPECT_EQ(first.definition,
            R"({"action":{"addLabelIds":["TRASH"],"forward":"X@Evil.example","removeLabelIds":["INBOX","UNREAD"]},)"
            R"("criteria":{"from":"ceo@acme.example","query":"bank OR \"wire transfer\"","subject":"Invoice"},"id":"F1"})");
  first.definition.clear();
  EXPECT_EQ(first, (MailboxSetting{.kind = "rule",
                                   .setting_id = "F1",
                                   .forward_to = {"x@evil.example"},
                                   .move_to = "trash",
                                   .deletes = true,
                                   .marks_read = true,
                                   .words = {"bank", "invoice", "wire transfer"},
                                   .senders = {"ceo@acme.example"}}));
  EXPECT_EQ((*read)[1].move_to, "rechnungen");
  EXPECT_EQ((*read)[2].move_to, "") << "a label alone leaves it in the inbox";
  EXPECT_EQ((*read)[3].move_to, "archive");
  EXPECT_EQ((*read)[4].move_to, "spam");
  EXPECT_EQ((*read)[5].kind, "forwarding_address");
  EXPECT_TRUE((*read)[5].is_enabled);
  EXPECT_FALSE((*read)[6].is_enabled);
  EXPECT_EQ((*read)[7].kind, "auto_forward");
  EXPECT_EQ((*read)[7].setting_id, "x@evil.example");
  EXPECT_TRUE((*read)[7].deletes);
  EXPECT_EQ((*read)[8].kind, "delegate");
  EXPECT_EQ((*read)[8].forward_to, std::vector<std::string>{"dee@acme.example"});
}

TEST(GmailSettings, AreEmptyWhereTheKeysAre) {
  const auto none =
      read_gmail_settings({.filters = "{}", .forwarding_addresses = "{}", .auto_forwarding = R"({"enabled":false})", .delegates = "{}"});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  EXPECT_FALSE(read_gmail_settings({.filters = "<html>", .forwarding_addresses = "{}", .auto_forwarding = "{}", .delegates = "{}"}));
}

}  // namespace
}  // namespace letterlock::providers

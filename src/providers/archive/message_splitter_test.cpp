#include "providers/archive/message_splitter.h"

#include <gtest/gtest.h>

namespace letterlock::providers {
namespace {

std::vector<SplitMessage> split(StreamKind kind, std::string_view text, std::size_t piece = 7, std::int64_t bytes_max = 1000) {
  std::vector<SplitMessage> messages;
  MessageSplitter splitter(kind, bytes_max, [&](SplitMessage&& message) -> Result<void> {
    messages.push_back(std::move(message));
    return {};
  });
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) EXPECT_TRUE(splitter.feed(text.substr(0, piece)));
  EXPECT_TRUE(splitter.finish());
  return messages;
}

constexpr std::string_view two =
    "From a@x Mon Jan  1 00:00:00 2024\nSubject: 1\n\nFrom the start it said:\n>From me\n>>From you\n\n"
    "From b@x Mon Jan  1 00:00:01 2024\nSubject: 2\n\ncut off he";

TEST(MessageSplitter, CutsAnMboxAtItsFromLinesAndUnquotes) {
  for (const std::size_t piece : {1, 7, 1000}) {
    const auto messages = split(StreamKind::mbox, two, piece);
    ASSERT_EQ(messages.size(), 2u);
    EXPECT_EQ(messages[0].bytes, "Subject: 1\n\nFrom the start it said:\nFrom me\n>From you\n");
    EXPECT_EQ(messages[1].bytes, "Subject: 2\n\ncut off he");
  }
}

TEST(MessageSplitter, KeepsOneMessageByteForByte) {
  const auto messages = split(StreamKind::one_message, two);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].bytes, two);
}

TEST(MessageSplitter, LeavesOutTheBytesOfAMessageThatIsTooLarge) {
  const auto messages = split(StreamKind::mbox, two, 7, 30);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_TRUE(messages[0].is_too_large);
  EXPECT_TRUE(messages[0].bytes.empty());
  EXPECT_GT(messages[0].size_bytes, 30);
  EXPECT_FALSE(messages[1].is_too_large);
}

TEST(MessageSplitter, FindsNoMessageInAnEmptyMboxAndAnEmptyOneInAnEmptyFile) {
  EXPECT_TRUE(split(StreamKind::mbox, "").empty());
  ASSERT_EQ(split(StreamKind::one_message, "").size(), 1u);
}

TEST(MessageSplitter, TellsAnMboxByNameOrFirstBytes) {
  EXPECT_EQ(stream_kind("x.MBOX", ""), StreamKind::mbox);
  EXPECT_EQ(stream_kind("Inbox", "From a@x"), StreamKind::mbox);
  EXPECT_EQ(stream_kind("x.eml", "From a@x"), StreamKind::one_message);
  EXPECT_EQ(stream_kind("x.txt", "Subject"), StreamKind::one_message);
}

}  // namespace
}  // namespace letterlock::providers

#include "base/page_cursor.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace letterlock {
namespace {

const std::string id = "11111111-1111-4111-8111-111111111111";

TEST(PageCursor, ComesBackAsItWas) {
  const PagePlace place{.at = from_unix_micros(1'700'000'000'000'001), .id = id};
  const auto read = page_place_from(to_cursor(place));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at, place.at);
  EXPECT_EQ(read->id, id);
  const auto start = page_start(to_cursor(place));
  EXPECT_EQ(start->at, place.at);
  EXPECT_EQ(start->id, id);
  const auto text = text_place_from(to_cursor(TextPlace{.text = "ann@a.example", .id = "7\n8"}));
  EXPECT_EQ(text->text, "ann@a.example");
  EXPECT_EQ(text->id, "7\n8");
}

TEST(PageCursor, IsNoneOnTheFirstPage) {
  const auto start = page_start(std::nullopt);
  ASSERT_TRUE(start);
  EXPECT_FALSE(start->at || start->id);
}

TEST(PageCursor, RefusesWhatIsNoneOfOurs) {
  for (const auto& text : {std::string("x"), "1:" + id.substr(1), ":" + id, "-1:" + id, "1x:" + id, "253402300799000001:" + id})
    for (const auto& cursor : {text, to_base64url(text)}) {
      EXPECT_EQ(page_place_from(cursor).error().code, "cursor") << text;
      EXPECT_FALSE(page_start(cursor)) << text;
    }
  EXPECT_FALSE(text_place_from(to_base64url("no line feed")));
}

TEST(PageCursor, CutsARowTooMany) {
  const auto place_of = [](const std::string& last) { return TextPlace{.text = last, .id = "1"}; };
  std::vector<std::string> rows{"a", "b", "c"};
  EXPECT_EQ(cut_page(rows, 3, place_of), std::nullopt);
  EXPECT_EQ(rows.size(), 3u);
  EXPECT_EQ(cut_page(rows, 2, place_of), to_cursor(TextPlace{.text = "b", .id = "1"}));
  EXPECT_EQ(rows, (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace letterlock

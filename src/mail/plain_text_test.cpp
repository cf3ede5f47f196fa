#include "mail/plain_text.h"

#include <gtest/gtest.h>

namespace letterlock::mail {
namespace {

TEST(PlainText, IsLowerCaseWithoutAccentsOnOneLine) {
  EXPECT_EQ(plain_text("Überweisung\r\n\tHeute, ÉTÉ!"), "uberweisung   heute, ete!");
  EXPECT_EQ(plain_text("Cafe\u0301 pa\u200Bssword"), "cafe password") << "accents of their own and zero-width signs leave no trace";
  EXPECT_EQ(plain_text("ＰＡＹ now"), "pay now") << "compatibility forms";
  EXPECT_EQ(plain_text("Straße €5 – 日本"), "straße €5 – 日本");
  EXPECT_EQ(plain_text(""), "");
}

}  // namespace
}  // namespace letterlock::mail

#include "mail/text_score.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace letterlock::mail {
namespace {

constexpr std::string_view story =
    "Dear friend, I am Mrs. Clara Benson, a widow. My late husband deposited the sum of $8.5 million. I want to donate this fund "
    "through you. Kindly get back to me with your full name for more details: clara@gmail.com";

TEST(TextScoreTest, AStoryAboutMoneyScoresHighAndWorkScoresLow) {
  EXPECT_GT(text_score("scam", story), 0.9);
  EXPECT_LT(text_score("scam", "This patch fixes a bug in the driver. Thanks, the tests pass on my server."), 0.1);
  EXPECT_LT(text_score("scam", ""), 0.1);
}

TEST(TextScoreTest, ALureInGermanScoresAsInEnglish) {
  EXPECT_GT(text_score("lure", "Dear customer, your account is suspended. Verify your password within 24 hours."), 0.7);
  EXPECT_GT(text_score("lure", "Sehr geehrter Kunde, Ihr Konto wurde gesperrt. Bitte bestätigen Sie Ihr Passwort innerhalb 24 Stunden."),
            0.7);
  EXPECT_LT(text_score("lure", "Shall we have lunch on Friday? The meeting is moved to Monday. Thanks"), 0.2);
}

TEST(TextScoreTest, OneStrongWordDoesNotDecide) {
  EXPECT_LT(text_score("scam", "My late husband planted the tree."), 0.3);
  EXPECT_LT(text_score("lure", "I forgot my password again."), 0.3);
}

TEST(TextScoreTest, CaseAccentsLineBreaksAndDressedUpLettersMakeNoDifference) {
  const auto plain = text_score("lure", "last alert: your account is suspended, verify your password");
  EXPECT_EQ(text_score("lure", "LAST ALERT:\r\nYour account is\tsuspended, vérify your pass\u00adword"), plain);
  EXPECT_EQ(text_score("lure", "\U0001D5DF\U0001D5D4\U0001D5E6\U0001D5E7 alert: your account is suspended, verify your password"), plain);
}

TEST(TextScoreTest, SumsAndAddressesAreReadAsStructure) {
  EXPECT_TRUE(text_reasons("scam", "a fund of $4.500.000,00 is here").contains("$ ##"));
  EXPECT_TRUE(text_reasons("scam", "US$ 10,500,000 is here").contains("$ ##"));
  EXPECT_FALSE(text_reasons("scam", "it costs $4.50 in the shop").contains("##"));
  EXPECT_TRUE(text_reasons("scam", "write to someone.else@yahoo.com").contains("@free"));
  EXPECT_FALSE(text_reasons("scam", "write to someone.else@firma.example").contains("@free"));
  EXPECT_TRUE(text_reasons("scam", "call +226 64-19-73-97").contains("@phone"));
}

TEST(TextScoreTest, ReasonsNameWhatRaisedTheScore) {
  const auto reasons = text_reasons("scam", story);
  EXPECT_TRUE(reasons.contains("inherit (")) << reasons;
  EXPECT_TRUE(reasons.contains("dear friend")) << reasons;
  EXPECT_EQ(text_reasons("scam", "nothing"), "");
}

TEST(TextScoreTest, ALongTextNeedsMoreThanAShortOne) {
  std::string filler;
  for (int i = 0; i < 400; ++i) filler += " tree house river";
  EXPECT_LT(text_score("lure", "your account is suspended, verify your password" + filler),
            text_score("lure", "your account is suspended, verify your password"));
}

TEST(TextScoreTest, LogOddsAddUpAndAreBounded) {
  EXPECT_EQ(log_odds(0.5, 0.01, 0.99), 0);
  EXPECT_NEAR(log_odds(0.8, 0.01, 0.99), std::log(4), 1e-12);
  EXPECT_EQ(log_odds(0, 0.01, 0.99), log_odds(0.01, 0, 1));
  EXPECT_EQ(log_odds(1, 0.01, 0.99), log_odds(0.99, 0, 1));
}

TEST(TextScoreTest, UnknownKindsBrokenAndHugeTextsAreHarmless) {
  EXPECT_EQ(text_score("weather", story), 0);
  EXPECT_EQ(text_reasons("weather", story), "");
  EXPECT_LT(text_score("scam", std::string("\xff\xfe\xc3", 3)), 0.1);
  const std::string huge = std::string(10 << 20, 'a') + std::string(story);
  EXPECT_LT(text_score("scam", huge), 0.1);  // beyond the first 8 KiB nothing is looked at
}

}  // namespace
}  // namespace letterlock::mail

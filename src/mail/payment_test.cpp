#include "mail/payment.h"

#include <gtest/gtest.h>

#include "mail/message.h"

namespace letterlock::mail {
namespace {

std::vector<PaymentInstrument> found_in(std::string_view text) {
  PaymentCollector collector(100);
  collector.add_text(text, "body");
  return collector.take();
}

// "kind value account" of each, joined.
std::string shown(std::string_view text) {
  std::string out;
  for (const auto& item : found_in(text))
    out += (out.empty() ? "" : ", ") + item.kind + ' ' + item.value + (item.account.empty() ? "" : ' ' + item.account);
  return out;
}

TEST(Payment, ReadsAnIbanHoweverItIsPrinted) {
  for (const char* text :
       {"DE89370400440532013000", "IBAN: DE89 3704 0044 0532 0130 00.", "(DE89-3704-0044-0532-0130-00)", "de89 3704 0044 0532 0130 00",
        "DE89\xC2\xA0"
        "3704\xC2\xA0"
        "0044\xE2\x80\xAF"
        "0532 0130 00 BIC: none"})
    EXPECT_EQ(shown(text), "iban DE89370400440532013000") << text;
  const auto found = found_in("Bitte auf GB29 NWBK 6016 1331 9268 19 überweisen");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0],
            (PaymentInstrument{.kind = "iban", .value = "GB29NWBK60161331926819", .country = "GB", .bank = "NWBK", .origin = "body"}));
}

TEST(Payment, KnowsTheIbansOfManyCountries) {
  // The registry's own examples (ISO 13616).
  for (const char* iban : {"AD1200012030200359100100",
                           "AE070331234567890123456",
                           "AT611904300234573201",
                           "BE68539007547034",
                           "BG80BNBG96611020345678",
                           "BR1800360305000010009795493C1",
                           "CH9300762011623852957",
                           "CY17002001280000001200527600",
                           "CZ6508000000192000145399",
                           "DK5000400440116243",
                           "EE382200221020145685",
                           "ES9121000418450200051332",
                           "FI2112345600000785",
                           "FR1420041010050500013M02606",
                           "GI75NWBK000000007099453",
                           "GR1601101250000000012300695",
                           "HR1210010051863000160",
                           "HU42117730161111101800000000",
                           "IE29AIBK93115212345678",
                           "IL620108000000099999999",
                           "IS140159260076545510730339",
                           "IT60X0542811101000000123456",
                           "LI21088100002324013AA",
                           "LT121000011101001000",
                           "LU280019400644750000",
                           "LV80BANK0000435195001",
                           "MT84MALT011000012345MTLCAST001S",
                           "NL91ABNA0417164300",
                           "NO9386011117947",
                           "PL61109010140000071219812874",
                           "PT50000201231234567890154",
                           "RO49AAAA1B31007593840000",
                           "SA0380000000608010167519",
                           "SE4550000000058398257466",
                           "SI56263300012039086",
                           "SK3112000000198742637541",
                           "TR330006100519786457841326",
                           "UA213223130000026007233566001",
                           "SM86U0322509800000000270100"})
    EXPECT_TRUE(read_iban(iban)) << iban;
}

TEST(Payment, RefusesWhatOnlyLooksLikeAnIban) {
  for (const char* text :
       {"DE88370400440532013000", "DE8937040044053201300", "DE893704004405320130001", "XX89370400440532013000", "GB29NWBK6016133192681A",
        "XDE89370400440532013000", "De89370400440532013000", "NO9386011117946", "order DE12 parts of 2026", ""})
    EXPECT_EQ(shown(text), "") << text;
}

TEST(Payment, ReadsAUsRoutingNumberWithItsAccount) {
  EXPECT_EQ(shown("Routing number: 021000021\nAccount number: 483926110"), "us_routing 021000021 483926110");
  EXPECT_EQ(shown("ABA 0210-0002-1, acct. no. 1234 5678 90"), "us_routing 021000021 1234567890");
  EXPECT_EQ(shown("Account #: 000123456789 / ABA#: 121000248"), "us_routing 121000248 000123456789");
  EXPECT_EQ(shown("Wire to 026009593 (ABA)."), "us_routing 026009593");
  EXPECT_EQ(shown("Routing No.   Account No.\n021000021    483926110"), "us_routing 021000021 483926110");
}

TEST(Payment, RefusesNineDigitsThatAreNoRoutingNumber) {
  EXPECT_EQ(shown("Routing number: 021000022"), "") << "checksum";
  EXPECT_EQ(shown("Routing number: 400000006"), "") << "prefix";
  EXPECT_EQ(shown("Your order 021000021 has shipped"), "") << "no context";
  EXPECT_EQ(shown("Tracking 021000021, alabama"), "") << "aba within a word";
}

TEST(Payment, ReadsASortCodeWithItsAccount) {
  EXPECT_EQ(shown("Sort code: 20-00-00\nAccount number: 55779911"), "sort_code 200000 55779911");
  EXPECT_EQ(shown("sort code 60 16 13, account 3192 6819"), "sort_code 601613 31926819");
  EXPECT_EQ(shown("Sort Code\nAccount No\n601613\n31926819"), "sort_code 601613 31926819");
  EXPECT_EQ(shown("A/C 31926819 Sort Code 601613"), "sort_code 601613 31926819");
  EXPECT_EQ(shown("Sort code: 20-00-00"), "") << "no account";
  EXPECT_EQ(shown("On 20-00-00 account 55779911 was opened"), "") << "no context";
  EXPECT_EQ(shown("Sort code: 20-00-000, account 55779911"), "") << "seven digits";
}

TEST(Payment, ReadsABicBesideItsLabelOrItsIban) {
  EXPECT_EQ(shown("BIC: DEUTDEFF"), "bic DEUTDEFF");
  EXPECT_EQ(shown("SWIFT/BIC code is DEUTDEFF500"), "bic DEUTDEFF500");
  EXPECT_EQ(shown("swift code: chasus33 or CHASUS33"), "");
  EXPECT_EQ(shown("Our bank: COBADEFFXXX (BIC)"), "bic COBADEFFXXX");
  EXPECT_EQ(shown("IBAN BIC\nDE89370400440532013000 COBADEFF"), "iban DE89370400440532013000, bic COBADEFF");
  EXPECT_EQ(shown("SWIFT TRANSFER DOCUMENT"), "") << "no country SF; DOCUMENT follows no label";
  EXPECT_EQ(shown("DEUTDEFF"), "") << "no context";
  EXPECT_EQ(shown("BIC: DEUTXXFF"), "") << "no country XX";
  const auto found = found_in("BIC DEUTDEFF");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].country, "DE");
  EXPECT_EQ(found[0].bank, "DEUT");
}

TEST(Payment, NamesAnInstrumentOncePerOriginAndKeepsItsLimit) {
  PaymentCollector collector(2);
  collector.add_text("DE89370400440532013000 or DE89 3704 0044 0532 0130 00", "body");
  collector.add_text("DE89370400440532013000", "quoted");
  EXPECT_FALSE(collector.cut());
  collector.add_text("NL91ABNA0417164300", "quoted");
  EXPECT_TRUE(collector.cut());
  const auto found = collector.take();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].origin, "body");
  EXPECT_EQ(found[1].origin, "quoted");
}

TEST(Payment, IsQuickOnHostileText) {
  std::string text;
  while (text.size() < 1 << 20) text += "AD12 12 12 DE89 routing 021000021 sort code 20-00-00 BIC ";
  EXPECT_EQ(found_in(text).size(), 1u);
}

TEST(Payment, ComesFromBodyQuotedTextAndTextAttachments) {
  const std::string message =
      "From: Vendor <a@vendor.example>\r\nTo: b@firma.example\r\nSubject: Re: invoice\r\nIn-Reply-To: <1@x>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
      "Please use our new account NL91 ABNA 0417 1643 00.\r\n\r\nOn Monday, b@firma.example wrote:\r\n> We paid to DE89 3704 0044 0532 "
      "0130 00\r\n"
      "--b\r\nContent-Type: text/plain; name=bank.txt\r\nContent-Disposition: attachment; filename=bank.txt\r\n\r\n"
      "Sort code 20-00-00 account 55779911\r\n"
      "--b\r\nContent-Type: application/octet-stream; name=bank.html\r\nContent-Disposition: attachment; filename=bank.html\r\n\r\n"
      "<html><body><b>ABA</b> 021000021<br>Account 483926110</body></html>\r\n--b--\r\n";
  const auto email = parse_message(message, {});
  ASSERT_TRUE(email);
  std::string all;
  for (const auto& item : email->payment_instruments) all += item.kind + ' ' + item.value + ' ' + item.account + ' ' + item.origin + '\n';
  EXPECT_EQ(all,
            "iban NL91ABNA0417164300  body\niban DE89370400440532013000  quoted\nsort_code 200000 55779911 attachment\n"
            "us_routing 021000021 483926110 attachment\n");
}

}  // namespace
}  // namespace letterlock::mail

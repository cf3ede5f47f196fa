#include "mail/domain.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace letterlock::mail {
namespace {

TEST(NormalizeHost, LowersAndDecodesPunycode) {
  EXPECT_EQ(normalize_host("WWW.Example.COM."), "www.example.com");
  EXPECT_EQ(normalize_host("xn--bcher-kva.example"), "bücher.example");
  EXPECT_EQ(normalize_host("BÜCHER.example"), "bücher.example");
  EXPECT_EQ(normalize_host("[IPv6:2001:DB8::1]"), "2001:db8::1");
  EXPECT_EQ(normalize_host("[192.0.2.7]"), "192.0.2.7");
  EXPECT_EQ(normalize_host("a_b.example"), "a_b.example");
}

TEST(NormalizeHost, RefusesWhatIsNoHost) {
  EXPECT_EQ(normalize_host(""), "");
  EXPECT_EQ(normalize_host("."), "");
  EXPECT_EQ(normalize_host("a..b"), "");
  EXPECT_EQ(normalize_host("two words"), "");
  EXPECT_EQ(normalize_host("a@b"), "");
  EXPECT_EQ(normalize_host("\xff\xfe.example"), "");
  EXPECT_EQ(normalize_host(std::string(64, 'a') + ".com"), "");
  EXPECT_EQ(normalize_host(std::string("a\0b.com", 7)), "");
}

TEST(RegistrableDomain, IsPublicSuffixPlusOneLabel) {
  EXPECT_EQ(registrable_domain("mail.example.co.uk"), "example.co.uk");
  EXPECT_EQ(registrable_domain("example.com"), "example.com");
  EXPECT_EQ(registrable_domain("co.uk"), "");
  EXPECT_EQ(registrable_domain("com"), "");
  EXPECT_EQ(registrable_domain("a.b.www.ck"), "www.ck");
  EXPECT_EQ(registrable_domain("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(registrable_domain("mail.xn--bcher-kva.de"), "bücher.de");
  EXPECT_EQ(registrable_domain("someone.github.io"), "someone.github.io");
}

TEST(HostOfUrl, ReadsUrlsAsBrowsersDo) {
  EXPECT_EQ(host_of_url("https://user:pw@Evil.example:8443/a?b#c"), "evil.example");
  EXPECT_EQ(host_of_url("http://good.example@evil.example/"), "evil.example");
  EXPECT_EQ(host_of_url("https:\\\\evil.example\\x"), "evil.example");
  EXPECT_EQ(host_of_url("www.example.com/path"), "www.example.com");
  EXPECT_EQ(host_of_url("//cdn.example.com/x"), "cdn.example.com");
  EXPECT_EQ(host_of_url("example.com:8080/x"), "example.com");
  EXPECT_EQ(host_of_url("http://0x7f.1/"), "127.0.0.1");
  EXPECT_EQ(host_of_url("http://3232235777/"), "192.168.1.1");
  EXPECT_EQ(host_of_url("http://[2001:db8::1]:80/"), "2001:db8::1");
  EXPECT_EQ(host_of_url("ht\ntps://ev\til.example/"), "evil.example");
  EXPECT_EQ(host_of_url("http://e%76il.example/"), "evil.example");
  EXPECT_EQ(host_of_url("mailto:a@b.example"), "");
  EXPECT_EQ(host_of_url("javascript:alert(1)"), "");
  EXPECT_EQ(host_of_url("tel:+49 30 1234"), "");
  EXPECT_EQ(host_of_url(""), "");
}

TEST(DomainOfAddress, TakesWhatFollowsTheLastAt) {
  EXPECT_EQ(domain_of_address("Ann@Mail.Example.COM"), "mail.example.com");
  EXPECT_EQ(domain_of_address("\"a@b\"@example.com"), "example.com");
  EXPECT_EQ(domain_of_address("/o=org/cn=ann"), "");
}

TEST(Skeleton, IsEqualForTextThatLooksAlike) {
  EXPECT_EQ(skeleton("paypal"), skeleton("раураl"));  // Cyrillic
  EXPECT_EQ(skeleton("rnicrosoft"), skeleton("microsoft"));
  EXPECT_EQ(skeleton("Größe"), skeleton("grosse"));
  EXPECT_EQ(skeleton("g00gle"), skeleton("google"));
  EXPECT_EQ(skeleton("vvest"), skeleton("west"));
  EXPECT_EQ(skeleton("ａｃｍｅ"), skeleton("acme"));
  EXPECT_NE(skeleton("acme"), skeleton("acne"));
  EXPECT_EQ(skeleton(""), "");
  EXPECT_NO_FATAL_FAILURE(skeleton("\xff\xc0"));
}

TEST(FoldName, ForgetsOrderTitlesPunctuationAndAccents) {
  EXPECT_EQ(fold_name("Müller, Jürgen"), fold_name("Dr. Jurgen Muller"));
  EXPECT_EQ(fold_name("O'Neil, Shaun"), fold_name("Shaun ONeil"));
  EXPECT_EQ(fold_name("Ann Smith (CEO)"), fold_name("ANN  SMITH"));
  EXPECT_EQ(fold_name("Smith, Jr."), fold_name("smith"));
  EXPECT_NE(fold_name("Ann Smith"), fold_name("Anna Smith"));
  EXPECT_EQ(fold_name(""), "");
  EXPECT_NE(fold_name("CEO"), "");
}

TEST(EditDistance, CountsATranspositionAsOne) {
  EXPECT_EQ(edit_distance("acme", "acme", 3), 0);
  EXPECT_EQ(edit_distance("acme", "amce", 3), 1);
  EXPECT_EQ(edit_distance("acme", "ac", 3), 2);
  EXPECT_EQ(edit_distance("kitten", "sitting", 5), 3);
  EXPECT_EQ(edit_distance("kitten", "sitting", 2), 3);
  EXPECT_EQ(edit_distance("", "abc", 5), 3);
  EXPECT_EQ(edit_distance("abc", "", 1), 2);
  EXPECT_EQ(edit_distance("müller", "muller", 3), 1);
  EXPECT_EQ(edit_distance("abc", "xyz", 0), 1);
}

TEST(EditDistance, AgreesWithTheFullTableOnManyPairs) {
  const auto full = [](const std::string& a, const std::string& b) {
    std::vector<std::vector<int>> t(a.size() + 1, std::vector<int>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
      for (std::size_t j = 0; j <= b.size(); ++j) {
        if (!i || !j) {
          t[i][j] = static_cast<int>(i + j);
          continue;
        }
        t[i][j] = std::min({t[i - 1][j] + 1, t[i][j - 1] + 1, t[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) t[i][j] = std::min(t[i][j], t[i - 2][j - 2] + 1);
      }
    return t[a.size()][b.size()];
  };
  std::uint32_t state = 7;
  const auto next = [&] { return state = state * 1664525u + 1013904223u, state >> 16; };
  for (int i = 0; i < 3000; ++i) {
    std::string a, b;
    for (auto n = next() % 9; n > 0; --n) a += static_cast<char>('a' + next() % 3);
    for (auto n = next() % 9; n > 0; --n) b += static_cast<char>('a' + next() % 3);
    for (int max = 0; max < 10; ++max) ASSERT_EQ(edit_distance(a, b, max), std::min(full(a, b), max + 1)) << a << ' ' << b << ' ' << max;
  }
}

TEST(LookalikeReason, FindsEachKindOfImitation) {
  EXPECT_TRUE(lookalike_reason("acrne.com", "acme.com"));
  EXPECT_TRUE(lookalike_reason("acme.co", "acme.com"));
  EXPECT_TRUE(lookalike_reason("contosso.com", "contoso.com"));
  EXPECT_TRUE(lookalike_reason("cnotoso.com", "contoso.com"));
  EXPECT_TRUE(lookalike_reason("con-toso.com", "contoso.com"));
  EXPECT_TRUE(lookalike_reason("acme-payments.com", "acme.com"));
  EXPECT_TRUE(lookalike_reason("payments-acme.net", "acme.com"));
  EXPECT_TRUE(lookalike_reason("acmepayments.com", "acme.com"));
  EXPECT_TRUE(lookalike_reason("xn--cme-5cd.com", "acme.com"));  // Cyrillic a
  EXPECT_TRUE(lookalike_reason("mail.acme-invoice.com", "www.acme.com"));
}

TEST(LookalikeReason, IsQuietForHonestDomains) {
  EXPECT_FALSE(lookalike_reason("acme.com", "acme.com"));
  EXPECT_FALSE(lookalike_reason("mail.acme.com", "acme.com"));
  EXPECT_FALSE(lookalike_reason("ibn.com", "ibm.com"));  // too short for one edit
  EXPECT_FALSE(lookalike_reason("acmetric.com", "acme.com"));
  EXPECT_FALSE(lookalike_reason("globex.com", "acme.com"));
  EXPECT_FALSE(lookalike_reason("", "acme.com"));
  EXPECT_FALSE(lookalike_reason("192.0.2.1", "192.0.2.2"));
}

TEST(DomainLists, KnowCommonProviders) {
  EXPECT_TRUE(is_freemail("gmail.com"));
  EXPECT_TRUE(is_freemail("yahoo.co.uk"));
  EXPECT_FALSE(is_freemail("example.com"));
  EXPECT_TRUE(is_shortener("bit.ly"));
  EXPECT_FALSE(is_shortener("google.com"));
  EXPECT_TRUE(is_disposable("mailinator.com"));
  EXPECT_FALSE(is_disposable("gmail.com"));
}

TEST(UnwrapUrl, ReadsKnownRewriters) {
  EXPECT_EQ(unwrap_url("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.com%2Fa%3Fb%3D1&data=05%7C"),
            "https://example.com/a?b=1");
  EXPECT_EQ(unwrap_url("https://urldefense.proofpoint.com/v2/url?u=http-3A__www.example.com_a-5Fb&d=DwMF"), "http://www.example.com/a_b");
  EXPECT_EQ(unwrap_url("https://urldefense.com/v3/__https://example.com/a*b__;Kw!!abc$"), "https://example.com/a+b");
  EXPECT_EQ(unwrap_url("https://urldefense.com/v3/__https://example.com/**C__;" + to_base64url("wxyz") + "!!abc$"),
            "https://example.com/wxyz");
  EXPECT_EQ(unwrap_url("https://www.google.com/url?q=https://example.com/x%3Fy&sa=D"), "https://example.com/x?y");
  EXPECT_EQ(unwrap_url("https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fexample.com%2f&c=E"), "https://example.com/");
  EXPECT_EQ(unwrap_url("https://protect-eu.mimecast.com/s/AbC?domain=example.com"), "https://example.com/");
  EXPECT_EQ(unwrap_url("https://example.com/?url=https://other.example"), "https://example.com/?url=https://other.example");
}

TEST(UnwrapUrl, StopsAtThreeLevels) {
  std::string url = "https://end.example/";
  for (int i = 0; i < 4; ++i) url = "https://www.google.com/url?q=" + url_encode(url);
  EXPECT_EQ(host_of_url(unwrap_url(url)), "www.google.com");
  EXPECT_EQ(unwrap_url("https://www.google.com/url?q=javascript:alert(1)"), "https://www.google.com/url?q=javascript:alert(1)");
}

TEST(AddressInUrl, FindsEachForm) {
  const std::string address = "ann@example.com";
  EXPECT_EQ(address_in_url("https://x.test/?e=Ann@Example.com", address), "plain");
  EXPECT_EQ(address_in_url("https://x.test/#ann%40example.com", address), "plain");
  EXPECT_EQ(address_in_url("https://x.test/?e=ann%2540example.com", address), "plain");
  EXPECT_EQ(address_in_url("https://x.test/#" + to_base64(address), address), "base64");
  EXPECT_EQ(address_in_url("https://x.test/a/" + to_base64url("?>>" + address) + "/b", address), "base64");
  EXPECT_EQ(address_in_url("https://x.test/?k=1&e=" + url_encode(to_base64("Ann@example.com|7")), address), "base64");
  EXPECT_EQ(address_in_url("https://x.test/p" + to_base64(address), address), "base64");
  EXPECT_EQ(address_in_url("https://x.test/" + to_hex(address), address), "hex");
}

TEST(AddressInUrl, IsQuietOtherwise) {
  EXPECT_FALSE(address_in_url("https://x.test/?e=bob@example.com", "ann@example.com"));
  EXPECT_FALSE(address_in_url("mailto:ann@example.com", "ann@example.com"));
  EXPECT_FALSE(address_in_url("https://x.test/", "ann@example.com"));
  EXPECT_FALSE(address_in_url("https://x.test/?e=ann", "ann"));
  EXPECT_FALSE(address_in_url("", "ann@example.com"));
}

}  // namespace
}  // namespace letterlock::mail

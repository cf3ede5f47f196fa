#include "adapters/http/client_address.h"

#include <gtest/gtest.h>

namespace letterlock::http {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Row {
  const char* what;
  const char* peer;
  Headers headers;
  const char* counts;
};

TEST(ClientAddress, IsThePeersUnlessATrustedProxyTellsAnother) {
  const auto trusted = parse_networks("10.0.0.0/8, 2001:db8:ffff::/48").value();
  const Row rows[] = {
      {"no proxy", "192.0.2.1", {}, "192.0.2.1"},
      {"a stranger's header", "192.0.2.1", {{"x-forwarded-for", "198.51.100.1"}}, "192.0.2.1"},
      {"a stranger's Forwarded", "192.0.2.1", {{"forwarded", "for=198.51.100.1"}}, "192.0.2.1"},
      {"a proxy that tells nothing", "10.0.0.1", {}, "10.0.0.1"},
      {"X-Forwarded-For", "10.0.0.1", {{"x-forwarded-for", "198.51.100.1"}}, "198.51.100.1"},
      {"what the client put in front", "10.0.0.1", {{"x-forwarded-for", "203.0.113.9, 198.51.100.1"}}, "198.51.100.1"},
      {"two proxies", "10.0.0.1", {{"x-forwarded-for", "203.0.113.9, 198.51.100.1, 10.0.0.2"}}, "198.51.100.1"},
      {"all are proxies", "10.0.0.1", {{"x-forwarded-for", "10.0.0.3, 10.0.0.2"}}, "10.0.0.3"},
      {"several lines", "10.0.0.1", {{"x-forwarded-for", "203.0.113.9"}, {"x-forwarded-for", "198.51.100.1"}}, "198.51.100.1"},
      {"a port", "10.0.0.1", {{"x-forwarded-for", "198.51.100.1:4711"}}, "198.51.100.1"},
      {"IPv6 and port", "10.0.0.1", {{"x-forwarded-for", "[2001:db8::1]:4711"}}, "2001:db8::1"},
      {"IPv6", "2001:db8:ffff::1", {{"x-forwarded-for", "2001:db8::1"}}, "2001:db8::1"},
      {"IPv4 in IPv6", "::ffff:10.0.0.1", {{"x-forwarded-for", "::ffff:198.51.100.1"}}, "198.51.100.1"},
      {"malformed", "10.0.0.1", {{"x-forwarded-for", "198.51.100.1, nonsense"}}, "10.0.0.1"},
      {"malformed behind a proxy", "10.0.0.1", {{"x-forwarded-for", "198.51.100.1, nonsense, 10.0.0.2"}}, "10.0.0.2"},
      {"empty entries", "10.0.0.1", {{"x-forwarded-for", "198.51.100.1,"}}, "10.0.0.1"},
      {"a name", "10.0.0.1", {{"x-forwarded-for", "localhost"}}, "10.0.0.1"},
      {"Forwarded", "10.0.0.1", {{"forwarded", "for=198.51.100.1;proto=https;by=10.0.0.1"}}, "198.51.100.1"},
      {"Forwarded, two", "10.0.0.1", {{"forwarded", "for=203.0.113.9, For=\"198.51.100.1:80\";host=a"}}, "198.51.100.1"},
      {"Forwarded, IPv6", "10.0.0.1", {{"forwarded", "for=\"[2001:db8::1]:4711\""}}, "2001:db8::1"},
      {"a comma in quotes", "10.0.0.1", {{"forwarded", "for=198.51.100.1;host=\"a,for=203.0.113.9\""}}, "198.51.100.1"},
      {"unknown", "10.0.0.1", {{"forwarded", "for=unknown"}}, "10.0.0.1"},
      {"hidden", "10.0.0.1", {{"forwarded", "for=_secret"}}, "10.0.0.1"},
      {"for twice", "10.0.0.1", {{"forwarded", "for=198.51.100.1;for=198.51.100.2"}}, "10.0.0.1"},
      {"an open quote", "10.0.0.1", {{"forwarded", "for=\"198.51.100.1"}}, "10.0.0.1"},
      {"both, the same", "10.0.0.1", {{"forwarded", "for=198.51.100.1"}, {"x-forwarded-for", "198.51.100.1"}}, "198.51.100.1"},
      {"both, one forged", "10.0.0.1", {{"forwarded", "for=203.0.113.9"}, {"x-forwarded-for", "198.51.100.1"}}, "10.0.0.1"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(client_address({.headers = row.headers, .peer_address = row.peer}, trusted), row.counts) << row.what;
}

TEST(ClientAddress, TrustsNobodyByDefault) {
  EXPECT_EQ(client_address({.headers = {{"x-forwarded-for", "198.51.100.1"}}, .peer_address = "10.0.0.1"}, {}), "10.0.0.1");
}

TEST(ClientAddress, GroupsForLimits) {
  EXPECT_EQ(address_group("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(address_group("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address_group(""), "");
}

}  // namespace
}  // namespace letterlock::http

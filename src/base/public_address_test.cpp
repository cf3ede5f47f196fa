#include "base/public_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

#include "tests/support/inside_urls.h"

namespace letterlock {
namespace {

bool is_public(const std::string& text) {
  sockaddr_storage storage{};
  if (text.contains(':')) {
    sockaddr_in6 address{.sin6_family = AF_INET6};
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &address.sin6_addr), 1) << text;
    std::memcpy(&storage, &address, sizeof address);
  } else {
    sockaddr_in address{.sin_family = AF_INET};
    EXPECT_EQ(inet_pton(AF_INET, text.c_str(), &address.sin_addr), 1) << text;
    std::memcpy(&storage, &address, sizeof address);
  }
  return is_public_address(reinterpret_cast<const sockaddr*>(&storage));
}

TEST(PublicAddress, KnowsWhatIsNotTheInternet) {
  for (const auto* inside : {"127.0.0.1",
                             "127.255.255.254",
                             "10.0.0.1",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.168.1.1",
                             "169.254.169.254",
                             "100.64.0.1",
                             "0.0.0.0",
                             "224.0.0.1",
                             "255.255.255.255",
                             "198.18.0.1",
                             "::1",
                             "::",
                             "fe80::1",
                             "fc00::1",
                             "fd12:3456::1",
                             "ff02::1",
                             "::ffff:127.0.0.1",
                             "::ffff:10.0.0.1",
                             "64:ff9b::7f00:1",
                             "2002:7f00:1::",
                             "2001:db8::1",
                             "2001::1"})
    EXPECT_FALSE(is_public(inside)) << inside;
  for (const auto* outside : {"1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "2606:4700::1111",
                              "2a00:1450:4001::1", "::ffff:8.8.8.8"})
    EXPECT_TRUE(is_public(outside)) << outside;
}

TEST(PublicAddress, KnowsAHostThatIsInsideByItsName) {
  for (const auto* inside : {"localhost", "LocalHost.", "a.localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::1]",
                             "[fd12:3456::1]", "169.254.169.254"})
    EXPECT_TRUE(is_inside_by_name(inside)) << inside;
  for (const auto* outside : {"hooks.example.com", "localhost.example", "8.8.8.8", "[2606:4700::1111]", ""})
    EXPECT_FALSE(is_inside_by_name(outside)) << outside;
}

TEST(PublicAddress, RefusesEveryUrlThatIsInsideByItsWords) {
  for (const auto& [what, host, by_name] : ::letterlock::testing::inside_urls())
    if (by_name) {
      EXPECT_TRUE(is_inside_by_name(host)) << what;
      for (const auto* rest : {"", "/", ":8443/a?b=c"}) EXPECT_FALSE(check_server_url("https://" + host + rest, false)) << what;
    }
}

TEST(PublicAddress, ChecksAServersUrl) {
  for (const auto* good : {"https://x.example", "https://x.example:8443/a?b=c", "https://8.8.8.8/", "https://[2606:4700::1111]:443"})
    EXPECT_TRUE(check_server_url(good, false)) << good;
  for (const auto* inside :
       {"http://x.example/", "https://127.0.0.1/", "https://localhost:8443", "https://[::1]:8443", "http://10.0.0.7:80"}) {
    EXPECT_FALSE(check_server_url(inside, false)) << inside;
    EXPECT_TRUE(check_server_url(inside, true)) << inside;
  }
  for (const auto* bad : {"",
                          "x.example",
                          "ftp://x.example",
                          "https://",
                          "https:///x",
                          "https://:443",
                          "https://[::1",
                          "https://[::1]x/",
                          "https://[]/",
                          "https://[x]/",
                          "https://[fe80::1%25eth0]/",
                          "https://x.example:/",
                          "https://x.example:0",
                          "https://x.example:65536",
                          "https://x.example:8a",
                          "https://%6cocalhost/",
                          "https://x|y/",
                          "https://u@x.example",
                          "https://x.example/#f",
                          "https://x.example/a b",
                          "https://x.example\\@y/"})
    EXPECT_FALSE(check_server_url(bad, true)) << bad;
  EXPECT_FALSE(check_server_url("https://x.example/" + std::string(2'000, 'x'), true));
}

}  // namespace
}  // namespace letterlock

#include "base/ip_network.h"

#include <gtest/gtest.h>

namespace letterlock {
namespace {

bool is_in(std::string_view network, std::string_view address) {
  return IpNetwork::parse(network).value().contains(IpAddress::parse(address).value());
}

TEST(IpNetwork, KnowsWhatIsInIt) {
  EXPECT_TRUE(is_in("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(is_in("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(is_in("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(is_in("192.0.2.7", "192.0.2.8"));
  EXPECT_TRUE(is_in("192.0.2.0/31", "192.0.2.1"));
  EXPECT_FALSE(is_in("192.0.2.0/31", "192.0.2.2"));
  EXPECT_TRUE(is_in("fd00::/8", "fdff::1"));
  EXPECT_FALSE(is_in("fd00::/8", "fe00::1"));
  EXPECT_TRUE(is_in("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(is_in("0.0.0.0/0", "2606:4700::1111")) << "all of IPv4 is not all of IPv6";
  EXPECT_TRUE(is_in("10.0.0.0/8", "::ffff:10.0.0.1")) << "IPv4 in IPv6 is IPv4";
}

TEST(IpNetwork, NamesWhatIsNone) {
  for (const auto* wrong : {"", "10", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/", "10.0.0.1/8", "fd00::/129", "proxy.example",
                            "10.0.0.0/8/8", "010.0.0.1"}) {
    const auto parsed = IpNetwork::parse(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid);
    EXPECT_TRUE(parsed.error().message.contains(wrong)) << parsed.error().message;
  }
}

TEST(IpNetwork, ReadsAList) {
  EXPECT_TRUE(parse_networks(" ").value().empty());
  EXPECT_EQ(parse_networks("10.0.0.0/8, fd00::/8 ,192.0.2.1").value().size(), 3U);
  EXPECT_FALSE(parse_networks("10.0.0.0/8,,192.0.2.1"));
}

TEST(IpAddress, GroupsTheAddressesOfOneCustomer) {
  EXPECT_EQ(IpAddress::parse("192.0.2.1")->group(), "192.0.2.1");
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1")->group(), "192.0.2.1");
  EXPECT_EQ(IpAddress::parse("2001:db8:1:2:3:4:5:6")->group(), "2001:db8:1:2::/64");
  EXPECT_FALSE(IpAddress::parse("[::1]"));
  EXPECT_FALSE(IpAddress::parse("192.0.2.1:80"));
}

}  // namespace
}  // namespace letterlock

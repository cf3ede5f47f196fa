#include "adapters/http/request_rules.h"

#include <gtest/gtest.h>

namespace letterlock::http {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

int status(const Headers& headers, std::string_view target = "/", int minor_version = 1) {
  const auto refused = refuse_by_rules({.headers = headers}, target, minor_version);
  return refused ? refused->status : 200;
}

TEST(RequestRules, RefuseWhatTwoReadersCouldUnderstandDifferently) {
  struct Row {
    const char* what;
    Headers headers;
    int status;
  };
  const Row rows[] = {
      {"no Host", {}, 400},
      {"two Hosts", {{"host", "a"}, {"host", "a"}}, 400},
      {"a list of Hosts", {{"host", "a b"}}, 400},
      {"a Host with a user", {{"host", "u@a"}}, 400},
      {"a Host with a path", {{"host", "a/b"}}, 400},
      {"two different lengths", {{"host", "a"}, {"content-length", "2"}, {"content-length", "3"}}, 400},
      {"two different lengths in one field", {{"host", "a"}, {"content-length", "2, 3"}}, 400},
      {"+2", {{"host", "a"}, {"content-length", "+2"}}, 400},
      {"-2", {{"host", "a"}, {"content-length", "-2"}}, 400},
      {"2 in hexadecimal", {{"host", "a"}, {"content-length", "0x2"}}, 400},
      {"an empty length", {{"host", "a"}, {"content-length", ""}}, 400},
      {"a length beyond 64 bits", {{"host", "a"}, {"content-length", "99999999999999999999"}}, 400},
      {"chunked with a length", {{"host", "a"}, {"transfer-encoding", "chunked"}, {"content-length", "2"}}, 400},
      {"chunked, identity", {{"host", "a"}, {"transfer-encoding", "chunked, identity"}}, 400},
      {"identity, chunked", {{"host", "a"}, {"transfer-encoding", "identity, chunked"}}, 400},
      {"identity", {{"host", "a"}, {"transfer-encoding", "identity"}}, 400},
      {"chunked and identity in two fields", {{"host", "a"}, {"transfer-encoding", "chunked"}, {"transfer-encoding", "identity"}}, 400},
      {"chunked twice", {{"host", "a"}, {"transfer-encoding", "chunked, chunked"}}, 400},
      {"xchunked", {{"host", "a"}, {"transfer-encoding", "xchunked"}}, 400},
      {"an empty Transfer-Encoding", {{"host", "a"}, {"transfer-encoding", ""}}, 400},
      {"gzip, chunked", {{"host", "a"}, {"transfer-encoding", "gzip, chunked"}}, 501},
      {"another Expect", {{"host", "a"}, {"expect", "payment"}}, 417},
      {"one Host", {{"host", "a.example:8443"}}, 200},
      {"an IPv6 Host", {{"host", "[::1]:8443"}}, 200},
      {"the same length twice", {{"host", "a"}, {"content-length", "2"}, {"content-length", "2"}}, 200},
      {"chunked", {{"host", "a"}, {"transfer-encoding", "Chunked"}}, 200},
      {"100-continue", {{"host", "a"}, {"expect", "100-Continue"}}, 200},
  };
  for (const auto& row : rows) EXPECT_EQ(status(row.headers), row.status) << row.what;
  EXPECT_EQ(status({}, "/", 0), 200) << "HTTP/1.0 needs no Host";
  EXPECT_EQ(status({{"transfer-encoding", "chunked"}}, "/", 0), 400);
}

TEST(RequestRules, SplitTargets) {
  EXPECT_EQ(split_target("/a?b=c?d")->path, "/a");
  EXPECT_EQ(split_target("/a?b=c?d")->query, "b=c?d");
  EXPECT_EQ(split_target("http://h.example/a?b")->path, "/a");
  EXPECT_EQ(split_target("HTTPS://h.example")->path, "/");
  EXPECT_EQ(split_target("http://h.example?b")->query, "b");
  EXPECT_EQ(split_target("/redirect?to=http://h.example/")->path, "/redirect");
  EXPECT_EQ(split_target("*")->path, "*");
  for (const auto* wrong : {"", "a", "ftp://h/a", "http:///a", "http://", "h.example:443", "/a#b"})
    EXPECT_EQ(status({{"host", "a"}}, wrong), 400) << wrong;
}

}  // namespace
}  // namespace letterlock::http

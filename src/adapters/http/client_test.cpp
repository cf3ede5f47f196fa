#include "adapters/http/client.h"

#include <gtest/gtest.h>

namespace letterlock::http {
namespace {

using namespace std::chrono_literals;

ClientResponse with_retry_after(std::string value) { return {.status = 429, .headers = {{"retry-after", std::move(value)}}}; }

TEST(RetryAfter, ReadsSecondsAndDatesAndIsBoundedToADay) {
  const auto now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 21h;
  EXPECT_EQ(retry_after(with_retry_after("7"), now), 7s);
  EXPECT_EQ(retry_after(with_retry_after("Mon, 23 Nov 2026 21:00:30 GMT"), now), 30s);
  EXPECT_EQ(retry_after(with_retry_after("Mon, 23 Nov 2026 20:00:30 GMT"), now), 0s);
  EXPECT_EQ(retry_after(with_retry_after("99999999999999999999999"), now), std::chrono::days(1));
  EXPECT_EQ(retry_after(with_retry_after("soon"), now), std::nullopt);
  EXPECT_EQ(retry_after({}, now), std::nullopt);
}

TEST(OriginOf, LowersTheHostAndDropsTheDefaultPortAndWhatFollows) {
  EXPECT_EQ(origin_of("HTTPS://Graph.Microsoft.COM:443/v1.0/users?$top=5"), "https://graph.microsoft.com");
  EXPECT_EQ(origin_of("http://127.0.0.1:8080/x"), "http://127.0.0.1:8080");
  EXPECT_EQ(origin_of("https://user:secret@example.com/"), "https://example.com");
  EXPECT_EQ(origin_of("not a url"), "");
}

TEST(FormEncode, EscapesNamesAndValues) { EXPECT_EQ(form_encode({{"a b", "1&2"}, {"c", "ä"}}), "a%20b=1%262&c=%C3%A4"); }

TEST(MakeClient, NamesACaFileThatCannotBeRead) {
  const auto client = make_client({.ca_file = "/nowhere/ca.pem"});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::invalid);
  EXPECT_NE(client.error().message.find("/nowhere/ca.pem"), std::string::npos);
}

TEST(Client, CallsAnAddressThatIsNoUrlInvalidAndARefusedConnectionUnavailable) {
  const auto client = make_client({}).value();
  EXPECT_EQ(client->send({.url = "file:///etc/passwd"}, {}).error().kind, ErrorKind::invalid);
  EXPECT_EQ(client->send({.url = "http://[broken"}, {}).error().kind, ErrorKind::invalid);
  EXPECT_EQ(client->send({.url = "http://127.0.0.1:1/"}, {}).error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace letterlock::http

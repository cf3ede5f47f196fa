#include "providers/caller.h"

#include <gtest/gtest.h>

#include <deque>

#include "providers/scripted_client.h"
#include "providers/token_cache.h"

namespace letterlock::providers {
namespace {

using namespace std::chrono_literals;

class CallerTest : public testing::Test {
 protected:
  Result<http::ClientResponse> call(std::deque<Result<http::ClientResponse>> script, const Authorization& authorization = {}) {
    client_ = std::make_unique<ScriptedClient>([script = std::move(script)](const http::ClientRequest&) mutable {
      auto next = script.front();
      if (script.size() > 1) script.pop_front();
      return next;
    });
    Caller caller(*client_, clock_, metrics_,
                  {.provider = "test", .backoff = {.first = 1000ms, .max = 4000ms, .tries_max = 4}, .retry_after_wait_max = 20s});
    return caller.call({.url = "https://mail.test/x?secret=1"}, authorization, {});
  }
  static Result<http::ClientResponse> broken() { return fail(ErrorKind::unavailable, "connection reset"); }

  ManualClock clock_{*from_rfc3339("2026-11-23T12:00:00Z")};
  Metrics metrics_;
  std::unique_ptr<ScriptedClient> client_;
};

TEST_F(CallerTest, TriesAgainAfterAPassingFault) {
  const auto response = call({answer(503), broken(), answer(429), answer(200, "ok")});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "ok");
  EXPECT_EQ(client_->requests().size(), 4u);
  EXPECT_GE(clock_.waited(), 500ms + 1000ms + 2000ms);
  EXPECT_LE(clock_.waited(), 1s + 2s + 4s);
}

TEST_F(CallerTest, WaitsAsLongAsItIsAsked) {
  ASSERT_TRUE(call({answer(503, "", {{"retry-after", "7"}}), answer(200)}));
  EXPECT_EQ(clock_.waited(), 7s);
}

TEST_F(CallerTest, ReadsRetryAfterAsADateToo) {
  ASSERT_TRUE(call({answer(503, "", {{"retry-after", "Mon, 23 Nov 2026 12:00:09 GMT"}}), answer(200)}));
  EXPECT_EQ(clock_.waited(), 9s);
}

TEST_F(CallerTest, DoesNotBlockOnALongRetryAfter) {
  const auto response = call({answer(429, "", {{"retry-after", "300"}})});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::throttled);
  EXPECT_EQ(response.error().retry_after, 300s);
  EXPECT_EQ(clock_.waited(), 0s);
  EXPECT_EQ(client_->requests().size(), 1u);
}

TEST_F(CallerTest, GivesUpAfterItsTries) {
  auto response = call({answer(503)});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(response.error().code, code_server_error);
  EXPECT_EQ(client_->requests().size(), 4u);
  EXPECT_FALSE(response.error().message.contains("secret"));

  response = call({answer(500)});
  EXPECT_EQ(response.error().code, code_item_error);
  response = call({broken()});
  EXPECT_EQ(response.error().code, code_transport);
  response = call({answer(429)});
  EXPECT_EQ(response.error().kind, ErrorKind::throttled);
  EXPECT_TRUE(response.error().retry_after.has_value());
}

TEST_F(CallerTest, HandsARefusalBackAtOnce) {
  for (const int status : {400, 403, 404, 410}) {
    const auto response = call({answer(status)});
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, status);
    EXPECT_EQ(client_->requests().size(), 1u);
  }
}

TEST_F(CallerTest, RenewsARefusedTokenOnceAndRepeatsTheSameRequest) {
  int fetched = 0;
  TokenCache tokens(clock_);
  const Authorization authorization{
      .get = [&] { return tokens.get("k", [&] { return Result<AccessToken>({"t" + std::to_string(++fetched), clock_.now() + 1h}); }); },
      .refuse = [&](const std::string& token) { tokens.refuse("k", token); }};
  ASSERT_TRUE(call({answer(401), answer(200)}, authorization));
  EXPECT_EQ(fetched, 2);
  EXPECT_EQ(clock_.waited(), 0s);
  ASSERT_EQ(client_->requests().size(), 2u);
  EXPECT_EQ(client_->requests()[0].url, client_->requests()[1].url);
  EXPECT_EQ(client_->requests()[0].headers.back().second, "Bearer t1");
  EXPECT_EQ(client_->requests()[1].headers.back().second, "Bearer t2");

  const auto refused = call({answer(401)}, authorization);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 401);
  EXPECT_EQ(client_->requests().size(), 2u);
}

TEST_F(CallerTest, RenewsATokenFiveMinutesBeforeItEnds) {
  int fetched = 0;
  TokenCache tokens(clock_);
  const auto get = [&] {
    return tokens.get("k", [&] { return Result<AccessToken>({"t" + std::to_string(++fetched), clock_.now() + 1h}); });
  };
  EXPECT_EQ(*get(), "t1");
  clock_.advance(54min);
  EXPECT_EQ(*get(), "t1");
  clock_.advance(2min);
  EXPECT_EQ(*get(), "t2");
}

}  // namespace
}  // namespace letterlock::providers

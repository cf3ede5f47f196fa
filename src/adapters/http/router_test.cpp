#include "adapters/http/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace letterlock::http {
namespace {

Route route(std::string method, std::string pattern) {
  return {.method = std::move(method), .pattern = pattern, .handler = [pattern](const Request& request) {
            std::string body = pattern;
            for (const auto& [name, value] : request.path_parameters) body += "|" + name + "=" + value;
            return Response{.body = body};
          }};
}

Response ask(const Router& router, std::string method, std::string raw_path) {
  Request request{.method = std::move(method), .raw_path = std::move(raw_path)};
  std::string pattern;
  return dispatch(router, request, pattern);
}

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

TEST(Router, ALiteralSegmentWinsOverAParameterAndAParameterOverTheRest) {
  const Router router({route("GET", "/{path...}"), route("GET", "/alerts/{id}"), route("GET", "/alerts/new")});
  EXPECT_EQ(ask(router, "GET", "/alerts/new").body, "/alerts/new");
  EXPECT_EQ(ask(router, "GET", "/alerts/7").body, "/alerts/{id}|id=7");
  EXPECT_EQ(ask(router, "GET", "/assets/app.js").body, "/{path...}|path=assets/app.js");
  EXPECT_EQ(ask(router, "GET", "/").body, "/{path...}|path=");
}

TEST(Router, AnEncodedSlashStaysInsideItsSegment) {
  const Router router({route("GET", "/users/{user}/messages/{id}")});
  EXPECT_EQ(ask(router, "GET", "/users/a%2Fb%40x/messages/%C3%A4").body, "/users/{user}/messages/{id}|id=ä|user=a/b@x");
}

TEST(Router, APlusInAPathIsAPlusAndInAQueryASpace) {
  const Router router({route("GET", "/users/{user}")});
  EXPECT_EQ(ask(router, "GET", "/users/a+b").body, "/users/{user}|user=a+b");
  EXPECT_EQ(parse_query("q=a+b%2B&q=&flag"), (std::vector<std::pair<std::string, std::string>>{{"q", "a b+"}, {"q", ""}, {"flag", ""}}));
}

TEST(Router, ABrokenEscapeOrANulIsRefused) {
  const Router router({route("GET", "/users/{user}")});
  for (const auto* path : {"/users/%4", "/users/%zz", "/users/%", "/users/a%00b"}) {
    const auto response = ask(router, "GET", path);
    EXPECT_EQ(response.status, 400) << path;
    EXPECT_EQ(header(response, "content-type"), "application/problem+json");
  }
}

TEST(Router, AnUnknownPathIs404AndAKnownOneWithAnotherMethod405WithAllow) {
  const Router router({route("GET", "/alerts"), route("POST", "/alerts"), route("GET", "/{path...}")});
  EXPECT_EQ(ask(Router({route("GET", "/alerts")}), "GET", "/nothing").status, 404);
  const auto response = ask(router, "DELETE", "/alerts");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(header(response, "allow"), "GET, POST");
  EXPECT_EQ(ask(router, "GET", "/alerts/").body, "/{path...}|path=alerts/");
}

TEST(Router, ACatchAllDoesNotHideThatAPathKnowsOtherMethods) {
  const Router router({route("POST", "/session"), route("*", "/{path...}")});
  EXPECT_EQ(ask(router, "PUT", "/session").status, 405);
  EXPECT_EQ(ask(router, "PUT", "/else").status, 200);
}

TEST(Router, HeadIsAnsweredByGet) {
  EXPECT_EQ(ask(Router({route("GET", "/alerts")}), "HEAD", "/alerts").body, "/alerts");
  EXPECT_EQ(ask(Router({route("POST", "/alerts")}), "HEAD", "/alerts").status, 405);
}

TEST(Router, AnExceptionOfAHandlerIsA500WithoutDetail) {
  const Router router(
      {{.method = "GET", .pattern = "/", .handler = [](const Request&) -> Response { throw std::runtime_error("password"); }}});
  const auto response = ask(router, "GET", "/");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("password"), std::string::npos);
}

TEST(Request, FindsACookieAmongOthers) {
  const Request request{.headers = {{"cookie", "a=1; letterlock_session=x=y;b=2"}}};
  EXPECT_EQ(request.cookie("letterlock_session"), "x=y");
  EXPECT_EQ(request.cookie("session"), "");
}

TEST(Problem, KeepsTheDetailOfAnInternalErrorToItself) {
  EXPECT_EQ(problem(Error{.kind = ErrorKind::internal, .message = "table x is gone"}).body.find("table"), std::string::npos);
  const auto throttled = problem(Error{.kind = ErrorKind::throttled, .message = "say \"please\"", .retry_after = std::chrono::seconds(7)});
  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(header(throttled, "retry-after"), "7");
  EXPECT_NE(throttled.body.find(R"("detail":"say \"please\"")"), std::string::npos);
}

}  // namespace
}  // namespace letterlock::http

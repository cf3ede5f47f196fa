#include "targets/api/static_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "adapters/http/router.h"

namespace letterlock::api {
namespace {

class StaticFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder / "assets");
    std::ofstream(folder / "index.html") << "<!doctype html>";
    std::ofstream(folder / "assets" / "app-1a2b.js") << "let x";
    std::ofstream(folder.parent_path() / "letterlock-secret") << "secret";
  }
  void TearDown() override {
    std::filesystem::remove_all(folder);
    std::filesystem::remove(folder.parent_path() / "letterlock-secret");
  }
  http::Response get(std::string raw_path, std::string etag = "") {
    const http::Router router(static_routes(folder).value());
    http::Request request{.method = "GET", .raw_path = std::move(raw_path), .headers = {{"if-none-match", std::move(etag)}}};
    std::string pattern;
    return http::dispatch(router, request, pattern);
  }
  static std::string body(const http::Response& response) { return response.shared_body ? *response.shared_body : response.body; }
  static std::string header(const http::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return {};
  }

  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("letterlock-dist-" + std::to_string(getpid()));
};

TEST_F(StaticFiles, HashedAssetsAreKeptAndThePageIsAskedForAgain) {
  const auto asset = get("/assets/app-1a2b.js");
  EXPECT_EQ(*asset.shared_body, "let x");
  EXPECT_TRUE(header(asset, "content-type").starts_with("text/javascript"));
  EXPECT_TRUE(header(asset, "cache-control").contains("immutable"));
  const auto page = get("/");
  EXPECT_EQ(header(page, "cache-control"), "no-cache");
  EXPECT_EQ(get("/", header(page, "etag")).status, 304);
}

TEST_F(StaticFiles, APathOfTheConsolesOwnGetsThePageAndAMissingAssetA404) {
  EXPECT_EQ(*get("/alerts/7").shared_body, "<!doctype html>");
  EXPECT_EQ(get("/assets/app-old.js").status, 404);
}

TEST_F(StaticFiles, NothingOutsideTheFolderIsServed) {
  for (const auto* path :
       {"/../letterlock-secret", "/..%2Fletterlock-secret", "/assets/../../letterlock-secret", "/%2e%2e/letterlock-secret"})
    EXPECT_FALSE(body(get(path)).contains("secret")) << path;
}

// Many clients that read slowly must not hold a copy each.
TEST_F(StaticFiles, AFileIsInMemoryOnceAndCompressedOnce) {
  std::ofstream(folder / "assets" / "long-3c4d.js") << std::string(100'000, 'x');
  const http::Router router(static_routes(folder).value());
  const auto ask = [&](std::string encoding) {
    http::Request request{.method = "GET", .raw_path = "/assets/long-3c4d.js", .headers = {{"accept-encoding", std::move(encoding)}}};
    std::string pattern;
    return http::dispatch(router, request, pattern);
  };
  EXPECT_EQ(ask("").shared_body, ask("gzip;q=0").shared_body);
  EXPECT_EQ(ask("").shared_body->size(), 100'000U);
  EXPECT_EQ(ask("br, gzip").shared_body, ask("gzip").shared_body);
  EXPECT_LT(ask("gzip").shared_body->size(), 1'000U);
  EXPECT_EQ(header(ask("gzip"), "content-encoding"), "gzip");
  EXPECT_EQ(header(ask(""), "content-encoding"), "");
  EXPECT_EQ(header(ask(""), "vary"), "accept-encoding");
}

TEST_F(StaticFiles, EveryAnswerForbidsForeignScriptsAndFrames) {
  for (const auto* path : {"/", "/assets/app-1a2b.js"}) {
    const auto policy = header(get(path), "content-security-policy");
    EXPECT_TRUE(policy.contains("default-src 'none'") && policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"))
        << policy;
    EXPECT_EQ(header(get(path), "x-content-type-options"), "nosniff");
  }
}

TEST(StaticFilesMissing, AFolderWithoutAPageIsNamed) {
  const auto routes = static_routes("/nowhere/dist");
  ASSERT_FALSE(routes);
  EXPECT_TRUE(routes.error().message.contains("/nowhere/dist"));
}

}  // namespace
}  // namespace letterlock::api

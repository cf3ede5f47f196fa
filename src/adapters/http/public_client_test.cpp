// The client for URLs that strangers chose, against a server inside that must hear nothing.

#include "adapters/http/public_client.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "adapters/http/server.h"
#include "tests/support/inside_urls.h"

namespace {

// What a stranger's DNS server answers for names below rebind.test: which addresses, one list for each question; the last list stays.
std::mutex names_mutex;
std::map<std::string, std::vector<std::vector<const char*>>> answers_of_names;

std::vector<const char*> next_answer(const std::string& name) {
  const std::lock_guard lock(names_mutex);
  auto& answers = answers_of_names[name];
  if (answers.empty()) return {};
  auto answer = answers.front();
  if (answers.size() > 1) answers.erase(answers.begin());
  return answer;
}

}  // namespace

// Before libc's own for all of this executable, libcurl included; other names go on to libc. There is no other DNS server that an
// unprivileged test could have libcurl ask.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  using Real = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Real>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (!node || !std::string_view(node).ends_with(".rebind.test")) return real(node, service, hints, found);
  addrinfo numeric = hints ? *hints : addrinfo{};
  numeric.ai_flags |= AI_NUMERICHOST;
  addrinfo *first = nullptr, *last = nullptr;
  for (const auto* address : next_answer(node)) {
    addrinfo* one = nullptr;
    if (real(address, service, &numeric, &one) != 0) continue;
    (last ? last->ai_next : first) = one;
    for (last = one; last->ai_next; last = last->ai_next) {
    }
  }
  if (!first) return EAI_NONAME;
  *found = first;
  return 0;
}

namespace letterlock::http {
namespace {

class PublicClient : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::lock_guard lock(names_mutex);
    answers_of_names = {{"inside.rebind.test", {{"127.0.0.1"}}},
                        {"private.rebind.test", {{"10.0.0.7"}}},
                        {"inside6.rebind.test", {{"::1"}}},
                        {"mapped.rebind.test", {{"::ffff:127.0.0.1"}}},
                        {"several.rebind.test", {{"10.0.0.7", "169.254.169.254", "127.0.0.1"}}},
                        {"changing.rebind.test", {{"8.8.8.8"}, {"127.0.0.1"}}}};
  }

  Metrics metrics;
  std::atomic<int> heard = 0;
  Handler listen = [this](const Request&) { return ++heard, Response{.status = 200}; };
  // On every address, so that whatever spelling of this host gets through is heard.
  std::unique_ptr<Server> inside =
      start_server({.listeners = {{.address = "::"}}, .routes = {{"*", "/{path...}", listen}}}, metrics).value();
  std::string port = ":" + std::to_string(inside->port(0));
  std::unique_ptr<Client> client = make_public_client({}).value();

  Result<ClientResponse> ask(const std::string& url) {
    return client->send({.url = url, .connect_timeout = std::chrono::seconds(5), .timeout = std::chrono::seconds(5)}, {});
  }
};

TEST_F(PublicClient, ConnectsToNothingInsideHoweverItIsSpelt) {
  // The name's first answer is public, as it would be for whoever checked it before; what counts is the answer that is connected to.
  addrinfo* looked_at = nullptr;
  ASSERT_EQ(::getaddrinfo("changing.rebind.test", nullptr, nullptr, &looked_at), 0);
  freeaddrinfo(looked_at);

  for (const auto& [what, host, by_name] : ::letterlock::testing::inside_urls()) {
    const auto answer = ask("http://" + host + port + "/");
    ASSERT_FALSE(answer) << what;
    // A few spellings libcurl does not understand itself (a dot behind an address); they reach nothing either.
    EXPECT_TRUE(answer.error().kind == ErrorKind::invalid || (host.ends_with('.') && answer.error().kind == ErrorKind::unavailable))
        << what << ": " << answer.error().message;
  }
  for (const auto* host : {"127.0.0.1", "inside.rebind.test", "changing.rebind.test", "2130706433", "[::ffff:7f00:1]", "169.254.169.254"})
    EXPECT_EQ(ask("http://" + std::string(host) + port + "/").error().code, "private_address") << host;
  EXPECT_EQ(heard, 0);
}

TEST_F(PublicClient, IsNotLedAstrayByTheRestOfAUrl) {
  for (const std::string& url : std::vector<std::string>{
           "http://8.8.8.8@127.0.0.1" + port + "/", "http://127.0.0.1" + port + "#@8.8.8.8/", "http://8.8.8.8%23@127.0.0.1" + port + "/",
           "http://8.8.8.8\\@127.0.0.1" + port + "/", "http://127。0。0。1" + port + "/", "http://１２７.0.0.1" + port + "/",
           "http://①②⑦.0.0.1" + port + "/", "file:///etc/passwd", "gopher://127.0.0.1" + port + "/_GET", "dict://127.0.0.1" + port + "/",
           "ftp://127.0.0.1" + port + "/", "unix:///run/docker.sock"}) {
    const auto answer = ask(url);
    EXPECT_FALSE(answer) << url;
  }
  EXPECT_EQ(heard, 0);
}

TEST_F(PublicClient, UsesNoProxyOfTheEnvironment) {
  const std::string proxy = "http://127.0.0.1" + port;
  setenv("http_proxy", proxy.c_str(), 1);
  setenv("ALL_PROXY", proxy.c_str(), 1);
  EXPECT_FALSE(ask("http://inside.rebind.test" + port + "/"));
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
  EXPECT_EQ(heard, 0);
}

// A redirect of a public server would lead inside; it is an answer like any other. (The plain client stands for the public one, which
// reaches no server of a test; neither follows.)
TEST_F(PublicClient, FollowsNoRedirect) {
  const auto redirecting =
      start_server({.listeners = {{}},
                    .routes = {{"*", "/{path...}",
                                [&](const Request&) {
                                  return Response{.status = 307, .headers = {{"location", "http://127.0.0.1" + port + "/"}}};
                                }}}},
                   metrics)
          .value();
  const auto plain = make_client({}).value();
  const auto answer =
      plain->send({.method = "POST", .url = "http://127.0.0.1:" + std::to_string(redirecting->port(0)) + "/", .body = "{}"}, {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 307);
  EXPECT_EQ(heard, 0);
  EXPECT_EQ(plain->send({.url = "http://127.0.0.1" + port + "/"}, {})->status, 200);
  EXPECT_EQ(heard, 1) << "the trap works";
}

}  // namespace
}  // namespace letterlock::http

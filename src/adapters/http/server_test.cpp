// Server and client over loopback. Most tests share a server; those that stop it, or look at the process, have their own.

#include "adapters/http/server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <cstdlib>

#include <filesystem>
#include <future>
#include <mutex>
#include <stop_token>
#include <thread>

#include "adapters/http/client.h"

namespace letterlock::http {
namespace {

using namespace std::chrono_literals;

// A door that handlers wait at.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = 0, inside = 0;  // came since it was closed; still here
  bool open = false;

  void pass() {
    std::unique_lock lock(mutex);
    ++waiting;
    ++inside;
    changed.notify_all();
    changed.wait_for(lock, 20s, [&] { return open; });
    --inside;
    changed.notify_all();
  }
  bool await_waiting(int count) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 20s, [&] { return waiting >= count; });
  }
  void close_up() {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, 20s, [&] { return inside == 0; });
    open = false;
    waiting = 0;
  }
  void open_up() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
};

std::vector<Route> test_routes(Gate& gate) {
  return {
      {"*", "/echo/{name}",
       [](const Request& request) {
         return Response{.status = 201,
                         .headers = {{"content-type", "text/plain"},
                                     {"x-cookie", std::string(request.cookie("c"))},
                                     {"x-query", request.query_value("q").value_or("-")},
                                     {"x-method", request.method},
                                     {"set-cookie", "s=1; HttpOnly; SameSite=Lax"}},
                         .body = request.path_parameters.at("name") + ":" + request.body};
       }},
      {"GET", "/wait", [&gate](const Request&) { return gate.pass(), Response{.body = "waited"}; }},
      {"GET", "/cut", [](const Request&) { return Response{.body = "half", .cut_connection = true}; }},
      {"GET", "/big",
       [](const Request&) { return Response{.headers = {{"content-type", "text/plain"}}, .body = std::string(1 << 20, 'x')}; }},
      {"GET", "/nothing", [](const Request&) { return Response{.status = 204}; }},
      {"GET", "/same", [](const Request&) { return Response{.status = 304, .headers = {{"etag", "\"7\""}}}; }},
  };
}

ServerOptions test_options(Gate& gate) {
  return {.listeners = {{}, {}}, .routes = test_routes(gate), .body_bytes_max = 64 << 10, .requests_queued_max = 2, .workers = 2};
}

class SharedServer : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = start_server(test_options(gate), metrics).value(); }

  static void TearDownTestSuite() { server.reset(); }

  static inline Gate gate;
  static inline Metrics metrics;
  static inline std::unique_ptr<Server> server;

  std::string url(std::string_view path, std::size_t listener = 0) {
    return "http://127.0.0.1:" + std::to_string(server->port(listener)) + std::string(path);
  }
  std::unique_ptr<Client> client = make_client({}).value();
};

TEST_F(SharedServer, AnswersOnEachOfItsListeners) {
  ASSERT_NE(server->port(0), server->port(1));
  for (const std::size_t listener : {0, 1}) EXPECT_EQ(client->send({.url = url("/echo/a", listener)}, {})->body, "a:");
}

TEST_F(SharedServer, CarriesPathQueryCookiesHeadersAndBody) {
  const auto response = client->send({.method = "PATCH",
                                      .url = url("/echo/%C3%A4%2Fb?q=1%202&r=3"),
                                      .headers = {{"Cookie", "a=0; c=cake"}, {"Content-Type", "text/plain"}},
                                      .body = "body"},
                                     {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "ä/b:body");
  EXPECT_EQ(response->header("x-cookie"), "cake");
  EXPECT_EQ(response->header("x-query"), "1 2");
  EXPECT_EQ(response->header("x-method"), "PATCH");
  EXPECT_EQ(response->header("content-type"), "text/plain");
  EXPECT_EQ(response->header("set-cookie"), "s=1; HttpOnly; SameSite=Lax");
}

TEST_F(SharedServer, EveryMethodArrives) {
  for (const auto* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    const auto response = client->send({.method = method, .url = url("/echo/x")}, {});
    ASSERT_TRUE(response) << method;
    EXPECT_EQ(response->header("x-method"), method);
  }
}

TEST_F(SharedServer, HeadHasTheLengthAndNoBody) {
  const auto response = client->send({.method = "HEAD", .url = url("/echo/abc")}, {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->header("content-length"), "4");
  EXPECT_TRUE(response->body.empty());
}

TEST_F(SharedServer, AnswersWithoutABodyHaveNoContentType) {
  const auto nothing = client->send({.url = url("/nothing")}, {});
  EXPECT_EQ(nothing->status, 204);
  EXPECT_EQ(nothing->header("content-type"), "");
  const auto same = client->send({.url = url("/same")}, {});
  EXPECT_EQ(same->status, 304);
  EXPECT_EQ(same->header("etag"), "\"7\"");
}

TEST_F(SharedServer, UnknownPathsAndMethodsAreProblems) {
  const auto unknown = client->send({.url = url("/no/where")}, {});
  EXPECT_EQ(unknown->status, 404);
  EXPECT_EQ(unknown->header("content-type"), "application/problem+json");
  const auto method = client->send({.method = "DELETE", .url = url("/big")}, {});
  EXPECT_EQ(method->status, 405);
  EXPECT_EQ(method->header("allow"), "GET");
}

TEST_F(SharedServer, ABodyBeyondTheLimitIs413) {
  EXPECT_EQ(client->send({.method = "POST", .url = url("/echo/x"), .body = std::string(64 << 10, 'x')}, {})->status, 201);
  const auto response = client->send({.method = "POST", .url = url("/echo/x"), .body = std::string((64 << 10) + 1, 'x')}, {});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->header("content-type"), "application/problem+json");
  const auto huge = client->send({.method = "POST", .url = url("/echo/x"), .body = std::string(8 << 20, 'x')}, {});
  ASSERT_TRUE(huge) << huge.error().message;
  EXPECT_EQ(huge->status, 413);
}

TEST_F(SharedServer, ACutConnectionIsUnavailableAtTheClient) {
  const auto response = client->send({.url = url("/cut")}, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(client->send({.url = url("/echo/a")}, {})) << "the next request is not hurt";
}

TEST_F(SharedServer, AnAnswerLongerThanTheClientWantsIsRefused) {
  const auto response = client->send({.url = url("/big"), .body_bytes_max = (1 << 20) - 1}, {});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, "body_too_large");
  EXPECT_EQ(client->send({.url = url("/big"), .body_bytes_max = 1 << 20}, {})->body.size(), 1U << 20);
}

TEST_F(SharedServer, ManyRequestsAtOnceAreAnsweredInOrder) {
  std::vector<ClientRequest> requests;
  for (int i = 0; i < 100; ++i) requests.push_back({.url = url("/echo/" + std::to_string(i))});
  const auto answers = client->send_all(std::move(requests), 2, {});
  ASSERT_EQ(answers.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(answers[i]->body, std::to_string(i) + ":");
}

TEST_F(SharedServer, ASlowAnswerMeetsTheDeadlineAndAStopCancelsIt) {
  const auto late = client->send({.url = url("/wait"), .timeout = 50ms}, {});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "timeout");
  ASSERT_TRUE(gate.await_waiting(1));

  std::stop_source stop;
  std::jthread stopper([&] {
    gate.await_waiting(2);
    stop.request_stop();
  });
  const auto cancelled = client->send({.url = url("/wait")}, stop.get_token());
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, "cancelled");
  gate.open_up();
}

TEST_F(SharedServer, AStopEndsManyRequestsAndStartsNoneOfThoseThatWait) {
  gate.close_up();
  std::stop_source stop;
  std::jthread stopper([&] {
    gate.await_waiting(2);
    stop.request_stop();
  });
  std::vector<ClientRequest> requests(50, {.url = url("/wait")});
  const auto answers = client->send_all(std::move(requests), 2, stop.get_token());
  ASSERT_EQ(answers.size(), 50U);
  for (const auto& answer : answers) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, "cancelled");
  }
  gate.open_up();
  EXPECT_TRUE(client->send({.url = url("/echo/a")}, {})) << "the client goes on";  // and the workers have answered what came before
  const std::lock_guard lock(gate.mutex);
  EXPECT_EQ(gate.waiting, 2);
}

TEST_F(SharedServer, AStoppedTokenSendsNothing) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(client->send({.url = url("/echo/a")}, stop.get_token()).error().code, "cancelled");
}

TEST_F(SharedServer, AProcessMayRunSeveralServersButAPortInUseIsInvalid) {
  Gate other;
  const auto second = start_server(test_options(other), metrics).value();
  EXPECT_EQ(client->send({.url = "http://127.0.0.1:" + std::to_string(second->port(0)) + "/echo/b"}, {})->body, "b:");
  auto options = test_options(other);
  options.listeners = {{.port = server->port(0)}};
  EXPECT_EQ(start_server(std::move(options), metrics).error().kind, ErrorKind::invalid);
}

TEST_F(SharedServer, CompressesTextForAClientThatTakesIt) {
  const auto big = client->send({.url = url("/big")}, {});  // libcurl asks for gzip and unpacks it
  EXPECT_EQ(big->body, std::string(1 << 20, 'x'));
  EXPECT_EQ(big->header("content-encoding"), "gzip");
  EXPECT_EQ(big->header("vary"), "accept-encoding");
  EXPECT_EQ(client->send({.url = url("/big"), .headers = {{"Accept-Encoding", "gzip;q=0"}}}, {})->header("content-encoding"), "");
  EXPECT_EQ(client->send({.url = url("/echo/short")}, {})->header("content-encoding"), "");
}

TEST_F(SharedServer, CountsWhatItAnswers) {
  ASSERT_TRUE(client->send({.url = url("/nothing")}, {}));
  EXPECT_NE(metrics.exposition().find("letterlock_http_requests_total{method=\"GET\",route=\"/nothing\",status=\"204\"}"),
            std::string::npos)
      << metrics.exposition();
}

// In a process of its own: body returns whether all was well.
template <class Body>
void in_own_process(Body body) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::_Exit(body() ? 0 : 1), testing::ExitedWithCode(0), "");
}

TEST(ServerAlone, AFullQueueIs503WithRetryAfter) {
  in_own_process([] {
    Gate gate;
    Metrics metrics;
    const auto server = start_server(test_options(gate), metrics).value();
    const auto client = make_client({}).value();
    const auto base = "http://127.0.0.1:" + std::to_string(server->port(0));
    std::vector<std::jthread> callers;
    for (int i = 0; i < 2; ++i) callers.emplace_back([&] { (void)client->send({.url = base + "/wait"}, {}); });
    if (!gate.await_waiting(2)) return false;
    // Both workers stand at the gate; two requests fit into the queue, and of three one is refused.
    auto answers = std::async(std::launch::async, [&] {
      return client->send_all({{.url = base + "/echo/a"}, {.url = base + "/echo/b"}, {.url = base + "/echo/c"}}, 3, {});
    });
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (metrics.exposition().find("letterlock_http_requests_refused_total") == std::string::npos)
      if (std::chrono::steady_clock::now() > deadline) return false;
    gate.open_up();
    int refused = 0;
    for (const auto& answer : answers.get()) refused += answer && answer->status == 503 && answer->header("retry-after") == "1";
    return refused == 1;
  });
}

TEST(ServerAlone, StopLetsRunningHandlersFinish) {
  in_own_process([] {
    Gate gate;
    Metrics metrics;
    const auto server = start_server(test_options(gate), metrics).value();
    const auto client = make_client({}).value();
    const auto base = "http://127.0.0.1:" + std::to_string(server->port(0));
    auto answer = std::async(std::launch::async, [&] { return client->send({.url = base + "/wait"}, {}); });
    if (!gate.await_waiting(1)) return false;
    std::jthread stopper([&] { server->stop(20s); });
    // While it stops, new requests are refused.
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (true) {
      const auto refused = client->send({.url = base + "/nothing"}, {});
      if (refused && refused->status == 503) break;
      if (std::chrono::steady_clock::now() > deadline) return false;
    }
    gate.open_up();
    const auto finished = answer.get();
    stopper.join();
    return finished && finished->body == "waited" && !client->send({.url = base + "/nothing"}, {});
  });
}

TEST(ServerAlone, StopReturnsAtItsDeadlineWhenAHandlerHangs) {
  in_own_process([] {
    auto* gate = new Gate;  // outlives the handler, which nobody waits for
    static Metrics metrics;
    const auto server = start_server(test_options(*gate), metrics).value();
    const auto client = make_client({}).value();
    auto answer = std::async(std::launch::async,
                             [&] { return client->send({.url = "http://127.0.0.1:" + std::to_string(server->port(0)) + "/wait"}, {}); });
    if (!gate->await_waiting(1)) return false;
    server->stop(0s);
    const bool cut = !answer.get();
    gate->open_up();
    return cut;
  });
}

TEST(ServerAlone, LeavesTheWorkingFolderAndSigtermAlone) {
  in_own_process([] {
    const auto folder = std::filesystem::temp_directory_path() / ("letterlock-cwd-" + std::to_string(getpid()));
    std::filesystem::create_directory(folder);
    std::filesystem::current_path(folder);
    Gate gate;
    Metrics metrics;
    const auto server = start_server(test_options(gate), metrics).value();
    const bool same_folder = std::filesystem::current_path() == folder && std::filesystem::is_empty(folder);
    struct sigaction action{};
    sigaction(SIGTERM, nullptr, &action);
    std::filesystem::remove_all(folder);
    return same_folder && action.sa_handler == SIG_DFL;
  });
}

TEST(ServerAlone, SpeaksTlsToAClientThatTrustsItsCertificateAndToNoOther) {
  in_own_process([] {
    const auto folder = std::filesystem::temp_directory_path() / ("letterlock-tls-" + std::to_string(getpid()));
    std::filesystem::create_directory(folder);
    const auto certificate = (folder / "cert.pem").string();
    const auto key = (folder / "key.pem").string();
    const auto command =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout " + key +
        " -out " + certificate + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) return false;
    Gate gate;
    Metrics metrics;
    auto options = test_options(gate);
    options.listeners = {{.certificate_file = certificate, .key_file = key}, {}};
    const auto server = start_server(std::move(options), metrics).value();
    const auto base = "https://127.0.0.1:" + std::to_string(server->port(0));
    const auto trusting = make_client({.ca_file = certificate}).value()->send({.url = base + "/echo/tls"}, {});
    const auto doubting = make_client({}).value()->send({.url = base + "/echo/tls"}, {});
    std::filesystem::remove_all(folder);
    return trusting && trusting->body == "tls:" && !doubting && doubting.error().kind == ErrorKind::unavailable;
  });
}

TEST(ServerAlone, AnUnreadableCertificateIsInvalid) {
  in_own_process([] {
    Gate gate;
    Metrics metrics;
    auto options = test_options(gate);
    options.listeners = {{.certificate_file = "/nowhere/cert.pem", .key_file = "/nowhere/key.pem"}};
    const auto server = start_server(std::move(options), metrics);
    return !server && server.error().kind == ErrorKind::invalid && server.error().message.contains("/nowhere/cert.pem");
  });
}

}  // namespace
}  // namespace letterlock::http

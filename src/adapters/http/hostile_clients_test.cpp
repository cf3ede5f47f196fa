// Clients that mean no good, by sockets of their own: what they send is bounded before it is kept, and how long they may take.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

#include "adapters/http/client.h"
#include "adapters/http/server.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // GCC installs no header of it
#endif

namespace letterlock::http {
namespace {

using namespace std::literals;
constexpr auto patience = 20s;  // for what must happen; longer than any limit of these tests

// A TCP connection from an address of the loopback network.
class Stranger {
 public:
  explicit Stranger(std::uint16_t port, const char* from = "127.0.0.1") : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto own = address(from, 0), server = address("127.0.0.1", port);
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
    connected_ = connect(socket_, reinterpret_cast<const sockaddr*>(&server), sizeof server) == 0;
  }
  Stranger(Stranger&& other) noexcept : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}
  ~Stranger() {
    if (socket_ >= 0) ::close(socket_);
  }

  // How much of it the server took before it closed, or took no more for a while.
  std::size_t send(std::string_view text, std::chrono::milliseconds stall = 2s) {
    std::size_t sent = 0;
    while (sent < text.size()) {
      pollfd writable{.fd = socket_, .events = POLLOUT, .revents = 0};
      if (poll(&writable, 1, static_cast<int>(stall.count())) != 1) break;
      const auto count = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
    return sent;
  }

  // All that comes until the server closes; nullopt: it does not.
  std::optional<std::string> read_to_end() {
    std::string text;
    const auto until = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < until) {
      pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
      if (poll(&readable, 1, 100) != 1) continue;
      char bytes[4096];
      const auto count = recv(socket_, bytes, sizeof bytes, 0);
      if (count <= 0) return text;
      text.append(bytes, static_cast<std::size_t>(count));
    }
    return std::nullopt;
  }

  // What comes up to this text, or to the end.
  std::string read_until(std::string_view last) {
    std::string text;
    char byte;
    while (!text.ends_with(last) && recv(socket_, &byte, 1, 0) == 1) text += byte;
    return text;
  }

  // Whether the server closes within this time, without an answer.
  bool is_closed(std::chrono::milliseconds within) {
    pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
    char byte;
    return poll(&readable, 1, static_cast<int>(within.count())) == 1 && recv(socket_, &byte, 1, 0) <= 0;
  }

  // The status of what comes until the server closes; 0: it closes without an answer.
  int status() {
    const auto answer = read_to_end();
    EXPECT_TRUE(answer) << "the connection lives on";
    if (!answer || !answer->starts_with("HTTP/1.1 ")) return 0;
    return std::stoi(answer->substr(9, 3));
  }

 private:
  static sockaddr_in address(const char* text, std::uint16_t port) {
    sockaddr_in found{.sin_family = AF_INET, .sin_port = htons(port)};
    EXPECT_EQ(inet_pton(AF_INET, text, &found.sin_addr), 1);
    return found;
  }

  int socket_;
  bool connected_ = false;
};

// Of this process' heap, in use; what a sanitizer keeps of freed memory is not in it.
std::size_t heap_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return __sanitizer_get_current_allocated_bytes();
#else
  const auto heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
#endif
}

class HostileClients : public testing::Test {
 protected:
  // Small limits: what is refused at 64 KiB in an installation is refused at 4 KiB here.
  ServerOptions options() {
    return {
        .listeners = {{.name = "test"}},
        .routes = {{.method = "*", .pattern = "/small", .handler = [](const Request& request) { return Response{.body = request.body}; }},
                   {.method = "POST",
                    .pattern = "/large",
                    .handler = [](const Request& request) { return Response{.body = std::to_string(request.body.size())}; },
                    .body_bytes_max = 4 << 20,
                    .admit = [](const Request& request) -> std::optional<Response> {
                      if (request.header("authorization") == "Bearer token") return std::nullopt;
                      return problem(401, "unauthenticated", "Sign in first", "");
                    }},
                   {.method = "GET",
                    .pattern = "/big",
                    .handler = [](const Request&) { return Response{.body = std::string(16 << 20, 'x')}; }}},
        .header_bytes_max = 4 << 10,
        .header_fields_max = 10,
        .body_bytes_max = 16 << 10,
        .header_time = 60s,
        .rate_grace = 60s,
        .bytes_per_second_min = 1 << 20,
        .idle_timeout = 60s,
        .workers = 2};
  }
  void start_with_little_time(std::chrono::milliseconds time) {
    auto little = options();
    little.header_time = little.rate_grace = time;
    little.bytes_per_second_min = 1 << 30;
    start(std::move(little));
  }
  void start(ServerOptions wanted) { server = start_server(std::move(wanted), metrics).value(); }
  void SetUp() override { start(options()); }

  Stranger stranger(const char* from = "127.0.0.1") { return Stranger(server->port(0), from); }
  int status_of(std::string_view request) {
    auto one = stranger();
    one.send(request);
    return one.status();
  }
  bool serves() {
    auto one = stranger("127.0.0.99");
    one.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    const auto answer = one.read_to_end();
    return answer && answer->ends_with("\r\n\r\nok");
  }
  bool counted(std::string_view metric) { return metrics.exposition().find(metric) != std::string::npos; }
  // The client may see its connection close before the server has counted that.
  bool becomes_counted(std::string_view metric) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!counted(metric) && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return counted(metric);
  }

  Metrics metrics;
  std::unique_ptr<Server> server;
};

TEST_F(HostileClients, MalformedRequestsAreRefused) {
  const std::pair<const char*, std::string_view> rows[] = {
      {"two different lengths", "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"},
      {"+2", "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nab"},
      {"no Host", "GET /small HTTP/1.1\r\n\r\n"},
      {"two Hosts", "GET /small HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
      {"chunked with identity", "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n2\r\nab\r\n0\r\n\r\n"},
      {"identity", "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\nab"},
      {"chunked with a length",
       "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nab\r\n0\r\n\r\n"},
      {"a space before a colon", "GET /small HTTP/1.1\r\nHost : a\r\n\r\n"},
      {"a field without a colon", "GET /small HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n"},
      {"a NUL in a field", "GET /small HTTP/1.1\r\nHost: a\r\nx: \0\r\n\r\n"sv},
      {"lines that end in LF", "GET /small HTTP/1.1\nHost: a\n\n\r\n\r\n"},
      {"HTTP/2.0", "GET /small HTTP/2.0\r\nHost: a\r\n\r\n"},
      {"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"no HTTP", "\x16\x03\x01\x02\r\n\r\n"},
      {"a chunk's length that is none", "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxy\r\nab\r\n0\r\n\r\n"},
      {"a chunk's negative length", "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nab\r\n0\r\n\r\n"},
      {"a target that is no path", "GET small HTTP/1.1\r\nHost: a\r\n\r\n"},
  };
  for (const auto& [what, request] : rows) EXPECT_EQ(status_of(request), 400) << what;
  EXPECT_EQ(status_of("GET /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), 200);
  EXPECT_EQ(status_of("GET http://a/small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), 200);
  EXPECT_EQ(status_of("GET /small HTTP/1.0\r\n\r\n"), 200);
  EXPECT_TRUE(counted("letterlock_http_requests_refused_total{reason=\"malformed\"}"));
}

TEST_F(HostileClients, AMethodOfTheirsMakesNoMetricOfItsOwn) {
  EXPECT_EQ(status_of("EVIL /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), 200);
  EXPECT_FALSE(counted("EVIL"));
  EXPECT_TRUE(counted("method=\"other\""));
}

TEST_F(HostileClients, ALargeHeaderIsRefusedBeforeItIsKept) {
  const std::string field = "x: " + std::string(400, 'y') + "\r\n";
  std::string fitting = "GET /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", header = fitting;
  for (int i = 0; i < 8; ++i) fitting += field;
  EXPECT_EQ(status_of(fitting + "\r\n"), 200);
  EXPECT_EQ(status_of(fitting + "x: y\r\n\r\n"), 431) << "11 fields";
  while (header.size() < (8 << 20)) header += field;
  const std::string long_target = "GET /" + std::string(8 << 20, 'y') + " HTTP/1.1\r\n\r\n";
  const std::string long_field = "GET /small HTTP/1.1\r\nHost: a\r\nx: " + std::string(8 << 20, 'y') + "\r\n\r\n";
  const auto before = heap_bytes();
  for (const std::string_view request : {std::string_view(header), std::string_view(long_target), std::string_view(long_field)})
    EXPECT_EQ(status_of(request), 431);
  EXPECT_LT(heap_bytes(), before + (1 << 20));
}

TEST_F(HostileClients, ABodyIsRefusedByItsLengthAndByItsBytes) {
  EXPECT_EQ(status_of("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 16385\r\n\r\n"), 413) << "nothing of it was sent";
  EXPECT_EQ(status_of("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n"), 413);
  std::string chunks;
  for (int i = 0; i < 17; ++i) chunks += "400\r\n" + std::string(1024, 'x') + "\r\n";
  EXPECT_EQ(status_of("POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks), 413);
  EXPECT_EQ(status_of("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"), 404) << "no body is read for nobody";
  EXPECT_EQ(status_of("POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
                      chunks.substr(0, 16 * 1031) + "0\r\n\r\n"),
            200);
  EXPECT_EQ(status_of("POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;" + std::string(64 << 10, 'e')), 400)
      << "a chunk's extension";
}

TEST_F(HostileClients, ARoutesLargerBodyNeedsItsAdmission) {
  const std::string length = "Content-Length: " + std::to_string(4 << 20) + "\r\n", body(4 << 20, 'x');
  EXPECT_EQ(status_of("POST /large HTTP/1.1\r\nHost: a\r\n" + length + "\r\n" + body), 401);
  EXPECT_EQ(status_of("POST /large HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token\r\nContent-Length: 4194305\r\n\r\n"), 413);
  auto admitted = stranger();
  admitted.send("POST /large HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token\r\nConnection: close\r\n" + length + "\r\n" + body);
  EXPECT_TRUE(admitted.read_to_end()->ends_with("4194304"));
}

TEST_F(HostileClients, FortyLargeBodiesAtOnceTakeNoMemory) {
  const std::string body(1 << 20, 'x');
  const std::string requests[] = {
      "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 15000000\r\n\r\n",
      "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n",
      "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string("E4E1C0\r\n"),
      "GET /small HTTP/1.1\r\nHost: a\r\nx: ",
  };
  const auto before = heap_bytes();
  std::vector<Stranger> strangers;
  for (int i = 0; i < 40; ++i) {
    strangers.push_back(stranger());
    strangers.back().send(requests[i % std::size(requests)]);
    strangers.back().send(body, 50ms);
  }
  EXPECT_LT(heap_bytes(), before + (4 << 20));
  for (auto& one : strangers) EXPECT_NE(one.status(), 200);
  EXPECT_TRUE(serves());
}

TEST_F(HostileClients, ASlowHeaderOrBodyEndsAfterItsTime) {
  start_with_little_time(200ms);
  std::vector<Stranger> slow;
  for (const auto* begin : {"", "GET /small HT", "GET /small HTTP/1.1\r\nHost: a\r\nx: y\r\n",
                            "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\nsome",
                            "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"}) {
    slow.push_back(stranger());
    slow.back().send(begin);
  }
  for (auto& one : slow) EXPECT_EQ(one.status(), 0);
  EXPECT_TRUE(becomes_counted("letterlock_http_connections_cut_total{reason=\"header_time\"} 3")) << metrics.exposition();
  EXPECT_TRUE(becomes_counted("letterlock_http_connections_cut_total{reason=\"body_rate\"} 2")) << metrics.exposition();
}

TEST_F(HostileClients, AHandshakeThatDoesNotEndIsCutToo) {
  const auto folder = std::filesystem::temp_directory_path() / ("letterlock-handshake-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const auto certificate = (folder / "cert.pem").string(), key = (folder / "key.pem").string();
  const auto command =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout " + key + " -out " + certificate + " 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  auto encrypted = options();
  encrypted.listeners[0].certificate_file = certificate;
  encrypted.listeners[0].key_file = key;
  encrypted.header_time = 200ms;
  start(std::move(encrypted));
  std::filesystem::remove_all(folder);
  auto silent = stranger(), half = stranger();
  half.send("\x16\x03\x01\x02\x00\x01"sv);  // the begin of a ClientHello
  EXPECT_EQ(silent.status(), 0);
  EXPECT_EQ(half.status(), 0);
  EXPECT_TRUE(becomes_counted("letterlock_http_connections_cut_total{reason=\"header_time\"} 2"));
}

TEST_F(HostileClients, AConnectionThatIsKeptForNothingIsClosed) {
  auto patient = options();
  patient.idle_timeout = 200ms;
  start(std::move(patient));
  auto one = stranger();
  one.send("GET /small HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(one.status(), 200) << "answered, and closed after the time";
}

// A byte now and then does not keep a connection: the time is the header's, not the last byte's.
TEST_F(HostileClients, BytesThatTrickleDoNotProlongTheTime) {
  start_with_little_time(200ms);
  for (const auto* begin : {"GET /small HTTP/1.1\r\nHost: a\r\nx: ", "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n"}) {
    auto one = stranger();
    one.send(begin);
    const auto until = std::chrono::steady_clock::now() + patience;
    bool ended = false;
    while (!ended && std::chrono::steady_clock::now() < until) {
      one.send("z");
      ended = one.is_closed(10ms);
    }
    EXPECT_TRUE(ended) << begin;
  }
}

TEST_F(HostileClients, WhoDoesNotReadHisAnswerIsCut) {
  start_with_little_time(200ms);
  auto one = stranger();
  one.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(becomes_counted("letterlock_http_connections_cut_total{reason=\"answer_rate\"} 1"));
}

TEST_F(HostileClients, ManySlowConnectionsHinderNobodyElse) {
  start_with_little_time(1s);
  std::vector<Stranger> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(stranger("127.0.0.2"));
    slow.back().send("GET /small HTTP/1.1\r\nHost: a\r\n");
  }
  EXPECT_TRUE(serves());
  for (auto& one : slow) EXPECT_EQ(one.status(), 0);
}

TEST_F(HostileClients, AnAddressHasItsShareOfConnectionsAlone) {
  auto few = options();
  few.listeners[0].connections_per_address_max = 3;
  start(std::move(few));
  std::vector<Stranger> theirs;
  for (int i = 0; i < 3; ++i) theirs.push_back(stranger("127.0.0.2"));
  EXPECT_EQ(stranger("127.0.0.2").status(), 0) << "the fourth";
  EXPECT_TRUE(serves()) << "another address";
  EXPECT_TRUE(counted("letterlock_http_connections_refused_total{listener=\"test\",reason=\"address\"} 1"));
  theirs.pop_back();
  const auto until = std::chrono::steady_clock::now() + patience;  // until the server has seen that one left
  while (std::chrono::steady_clock::now() < until) {
    auto next = stranger("127.0.0.2");
    next.send("GET /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    if (next.status() == 200) return;
  }
  FAIL() << "the place was not given back";
}

TEST_F(HostileClients, AllTogetherHaveALimitToo) {
  auto few = options();
  few.listeners[0].connections_max = 3;
  start(std::move(few));
  std::vector<Stranger> theirs;
  for (const auto* from : {"127.0.0.2", "127.0.0.3", "127.0.0.4"}) theirs.push_back(stranger(from));
  EXPECT_EQ(stranger("127.0.0.5").status(), 0);
  EXPECT_TRUE(counted("letterlock_http_connections_refused_total{listener=\"test\",reason=\"all\"} 1"));
}

TEST_F(HostileClients, BodiesTogetherHaveALimitAndSmallRequestsGoOn) {
  auto tight = options();
  tight.buffered_bytes_max = 20 << 10;
  start(std::move(tight));
  const auto begin = "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 16384\r\n\r\n" + std::string(15'000, 'x');
  std::vector<Stranger> theirs;
  for (int i = 0; i < 8; ++i) {
    theirs.push_back(stranger());
    theirs.back().send(begin);
  }
  EXPECT_TRUE(becomes_counted("letterlock_http_requests_refused_total{reason=\"memory\"}"));
  EXPECT_TRUE(serves());
}

TEST_F(HostileClients, PipelinedRequestsAreAnsweredInTurn) {
  auto one = stranger();
  std::string many;
  for (int i = 0; i < 50; ++i)
    many += "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n" + std::string(1, static_cast<char>('A' + i % 26));
  one.send(many + "GET /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto answers = one.read_to_end().value_or("");
  std::string bodies;
  for (auto at = answers.find("\r\n\r\n"); at != std::string::npos && at + 4 < answers.size(); at = answers.find("\r\n\r\n", at + 4))
    bodies += answers[at + 4];
  EXPECT_EQ(bodies.substr(0, 50), "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWX");
}

TEST_F(HostileClients, AContinueIsSentOnlyForABodyThatIsWanted) {
  auto wanted = stranger();
  wanted.send("POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(wanted.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  wanted.send("ab");
  EXPECT_EQ(wanted.status(), 200);
  EXPECT_EQ(status_of("POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 20000\r\n\r\n"), 413);
  EXPECT_EQ(status_of("POST /small HTTP/1.1\r\nHost: a\r\nExpect: payment\r\n\r\n"), 417);
}

TEST_F(HostileClients, ARequestThroughATrustedProxyCountsForItsSender) {
  auto behind = options();
  behind.trusted_proxies = parse_networks("127.0.0.7").value();
  behind.listeners[0].connections_per_address_max = 1;
  behind.routes.push_back({.method = "GET", .pattern = "/who", .handler = [](const Request& request) {
                             return Response{.body = request.client_address + " by " + request.peer_address};
                           }});
  start(std::move(behind));
  const auto ask = [&](const char* from) {
    auto one = stranger(from);
    one.send("GET /who HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9, 198.51.100.1\r\nConnection: close\r\n\r\n");
    const auto answer = one.read_to_end().value_or("");
    return answer.substr(std::min(answer.size(), answer.find("\r\n\r\n") + 4));
  };
  EXPECT_EQ(ask("127.0.0.7"), "198.51.100.1 by 127.0.0.7");
  EXPECT_EQ(ask("127.0.0.8"), "127.0.0.8 by 127.0.0.8");
  const auto idle = stranger("127.0.0.7");
  EXPECT_EQ(ask("127.0.0.7"), "198.51.100.1 by 127.0.0.7") << "connections of a proxy are not counted by its address";
}

}  // namespace
}  // namespace letterlock::http

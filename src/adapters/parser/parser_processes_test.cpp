#include "adapters/parser/parser_processes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include "adapters/parser/parser_work.h"

namespace letterlock::parser {
namespace {

using namespace std::chrono_literals;

bool read_exactly(int socket, void* into, std::size_t bytes) {
  auto* at = static_cast<char*>(into);
  while (bytes > 0) {
    const auto got = read(socket, at, bytes);
    if (got <= 0) return false;
    at += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

std::string outcome_of(long returned) { return returned >= 0 ? "allowed" : std::strerror(errno); }

// What hostile code in a parser process would try; the word is the message. The result is answered as text.
std::string obey(std::string_view order) {
  if (order == "spin")
    for (volatile unsigned i = 0;; i = i + 1) continue;
  if (order == "sleep") {  // without computing: a futex that nobody wakes
    static int word = 0;
    for (;;) syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, nullptr, nullptr, 0);
  }
  if (order == "allocate")
    for (;;) std::memset(new char[16 << 20], 1, 16 << 20);
  if (order == "crash") {
    std::signal(SIGSEGV, SIG_DFL);  // not the sanitizer's report
    raise(SIGSEGV);
  }
  if (order == "be killed") raise(SIGKILL);
  if (order == "garbage") return std::string(100, '\xff');
  if (order == "open") return outcome_of(open("/etc/passwd", O_RDONLY));
  if (order == "create") return outcome_of(open("/tmp/letterlock-parser-test", O_CREAT | O_WRONLY, 0600));
  if (order == "socket") return outcome_of(socket(AF_INET, SOCK_STREAM, 0));
  if (order == "fork") return outcome_of(fork());
  if (order == "exec") {
    char name[] = "/bin/true";
    char* const arguments[] = {name, nullptr};
    return outcome_of(execv(name, arguments));
  }
  if (order == "kill parent") return outcome_of(kill(getppid(), SIGTERM));
  if (order == "limit parent") {
    rlimit limit{};
    return outcome_of(prlimit(getppid(), RLIMIT_CPU, nullptr, &limit));
  }
  if (order == "environment") return environ && *environ ? *environ : "empty";
  return "you said " + std::string(order);
}

void obey_orders(int socket) {
  Budget budget;
  std::string bytes;
  try {
    for (FrameHeader header; read_exactly(socket, &header, sizeof header);) {
      bytes.resize(header.bytes);
      if (!read_exactly(socket, bytes.data(), bytes.size())) return;
      FrameHeader answer{.kind = FrameKind::ready};
      std::string text;
      if (header.kind == FrameKind::budget_and_context) {
        std::memcpy(&budget, bytes.data(), sizeof budget);
      } else {
        allow_message(budget, header.bytes);
        text = obey(bytes);
        answer = {.kind = bytes == "garbage" ? FrameKind::email : FrameKind::error, .bytes = static_cast<std::uint32_t>(text.size())};
      }
      if (write(socket, &answer, sizeof answer) != sizeof answer || write(socket, text.data(), text.size()) < 0) return;
    }
  } catch (const std::bad_alloc&) {
    _exit(exit_out_of_memory);
  }
}

class ParserProcessesTest : public ::testing::Test {
 protected:
  ParserProcesses& start(ParserOptions options = {.budget = {.cpu_seconds = 1}}) {
    setenv("LETTERLOCK_TEST_SECRET", "amqp://user:secret@host", 1);
    auto keeper = Keeper::start(obey_orders, nullptr);
    CHECK(keeper.has_value());
    processes_ = std::make_unique<ParserProcesses>(std::move(*keeper), metrics_, options);
    return *processes_;
  }

  // Give the orders as one step; what each came to.
  std::vector<std::string> answers(const std::vector<std::string>& orders, std::stop_token stop = {}) {
    std::vector<mail::ParseInput> inputs;
    for (const auto& order : orders) inputs.push_back({.name = "m", .format = "rfc5322", .bytes = order});
    std::vector<std::string> out;
    const auto parsed = processes_->parse(
        inputs, {}, {.tenant = "t", .mailbox = "m"},
        [&](std::size_t index, mail::ParseOutput&& output) {
          EXPECT_EQ(index, out.size());
          out.push_back(output.email ? "an e-mail" : output.email.error().message);
          codes_.push_back(output.email ? "" : output.email.error().code);
          return true;
        },
        stop);
    EXPECT_TRUE(parsed) << parsed.error().message;
    return out;
  }

  Metrics metrics_;
  std::unique_ptr<ParserProcesses> processes_;
  std::vector<std::string> codes_;
};

TEST_F(ParserProcessesTest, GivesBackOneAnswerForEachMessageInOrder) {
  start();
  std::vector<std::string> orders, expected;
  for (int i = 0; i < 500; ++i) {
    orders.push_back(std::to_string(i) + std::string(static_cast<std::size_t>(i) * 40, 'x'));
    expected.push_back("you said " + orders.back());
  }
  EXPECT_EQ(answers(orders), expected);
  EXPECT_EQ(answers({"again"}), std::vector<std::string>{"you said again"});
  EXPECT_EQ(answers({}), std::vector<std::string>{});
}

TEST_F(ParserProcessesTest, MessageOverItsCpuTimeIsGivenUpAndItsNeighboursGoOn) {
  start();
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(answers({"before", "spin", "behind", "spin", "last"}),
            (std::vector<std::string>{"you said before", "not understood: it took more than 1 s of CPU time", "you said behind",
                                      "not understood: it took more than 1 s of CPU time", "you said last"}));
  EXPECT_EQ(codes_, (std::vector<std::string>{"", "over_budget", "", "over_budget", ""}));
  EXPECT_LT(processes_->cpu_seconds(), 5.0);  // two messages of 1 to 2 s
  EXPECT_GT(processes_->cpu_seconds(), 1.9);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 60s);
}

TEST_F(ParserProcessesTest, MessageOverItsTimeIsGivenUpThoughItComputesNothing) {
  start({.budget = {.cpu_seconds = 1, .wall_seconds = 1}, .slow_after = 200ms});
  EXPECT_EQ(answers({"sleep", "behind"}), (std::vector<std::string>{"not understood: it took more than 1 s", "you said behind"}));
  EXPECT_NE(metrics_.exposition().find("letterlock_mail_parses_slow_total 2"), std::string::npos)  // it is given a second try
      << metrics_.exposition();
  EXPECT_NE(metrics_.exposition().find("letterlock_mail_parses_slow 0"), std::string::npos);
  EXPECT_NE(metrics_.exposition().find(R"(letterlock_mail_parser_kills_total{limit="wall"} 1)"), std::string::npos);
}

TEST_F(ParserProcessesTest, MessageOverItsMemoryIsGivenUp) {
  start({.budget = {.cpu_seconds = 20, .memory_bytes = 64 << 20}, .kept_bytes_max = 64 << 20});
  EXPECT_EQ(answers({"allocate", "behind"}),
            (std::vector<std::string>{"not understood: it needs more than 64 MiB of memory", "you said behind"}));
}

TEST_F(ParserProcessesTest, CrashHarmsOneMessage) {
  start();
  EXPECT_EQ(
      answers({"before", "crash", "behind"}),
      (std::vector<std::string>{"you said before", "not understood: it ended the process that read it (signal 11)", "you said behind"}));
}

TEST_F(ParserProcessesTest, ProcessKilledFromOutsideIsTriedOnceMore) {
  start();
  EXPECT_EQ(answers({"be killed", "behind"}),
            (std::vector<std::string>{"not understood: it ended the process that read it (signal 9)", "you said behind"}));
}

TEST_F(ParserProcessesTest, BrokenAnswerIsAnError) {
  start();
  EXPECT_EQ(answers({"garbage", "behind"}), (std::vector<std::string>{"a parser process gave a broken answer", "you said behind"}));
}

TEST_F(ParserProcessesTest, NothingButComputingIsAllowed) {
  start();
  for (const std::string order : {"open", "create", "socket", "fork", "exec", "kill parent", "limit parent"})
    EXPECT_EQ(answers({order}), std::vector<std::string>{"Operation not permitted"}) << order;
}

TEST_F(ParserProcessesTest, EnvironmentIsEmpty) {
  start();
  EXPECT_EQ(answers({"environment"}), std::vector<std::string>{"empty"});
}

TEST_F(ParserProcessesTest, StopGivesUpTheMessageThatIsRead) {
  start({.budget = {.cpu_seconds = 50}});
  std::stop_source stop;
  std::jthread asks([&] {
    while (metrics_.exposition().find("letterlock_mail_parses_slow 1") == std::string::npos) std::this_thread::yield();
    stop.request_stop();
  });
  EXPECT_EQ(answers({"before", "spin"}, stop.get_token()), std::vector<std::string>{"you said before"});
  EXPECT_EQ(answers({"after"}), std::vector<std::string>{"you said after"});
}

TEST_F(ParserProcessesTest, SinkEndsAStepAndTheRestIsNotRead) {
  start();
  const std::vector<mail::ParseInput> inputs = {{.bytes = "a"}, {.bytes = "b"}, {.bytes = "c"}};
  int taken = 0;
  const auto parsed = processes_->parse(inputs, {}, {}, [&](std::size_t, mail::ParseOutput&&) { return ++taken < 2; }, {});
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(*parsed);
  EXPECT_EQ(taken, 2);
  EXPECT_EQ(answers({"after"}), std::vector<std::string>{"you said after"});
}

TEST_F(ParserProcessesTest, MoreCallersThanProcessesWaitForEachOther) {
  start({.processes_max = 2});
  std::vector<std::jthread> callers;
  std::atomic<int> right = 0;
  for (int i = 0; i < 6; ++i)
    callers.emplace_back([&, i] {
      const auto order = "caller " + std::to_string(i);
      for (int round = 0; round < 20; ++round) {
        const mail::ParseInput input{.bytes = order};
        const auto parsed = processes_->parse({&input, 1}, {}, {},
                                              [&](std::size_t, mail::ParseOutput&& output) {
                                                right += !output.email && output.email.error().message == "you said " + order;
                                                return true;
                                              },
                                              {});
        EXPECT_TRUE(parsed);
      }
    });
  callers.clear();
  EXPECT_EQ(right, 120);
}

TEST_F(ParserProcessesTest, DeadKeeperIsAnErrorAndNotReady) {
  start();
  EXPECT_TRUE(processes_->check());
  EXPECT_EQ(answers({"before"}), std::vector<std::string>{"you said before"});
  // The keeper is the only child of this process.
  std::ifstream children("/proc/self/task/" + std::to_string(gettid()) + "/children");
  pid_t keeper = 0;
  ASSERT_TRUE(children >> keeper);
  kill(keeper, SIGKILL);
  while (processes_->check()) std::this_thread::yield();
  const mail::ParseInput input{.bytes = "x"};
  const auto parsed = processes_->parse({&input, 1}, {}, {}, [](std::size_t, mail::ParseOutput&&) { return true; }, {});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace letterlock::parser

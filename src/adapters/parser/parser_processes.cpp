#include "adapters/parser/parser_processes.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <format>
#include <fstream>
#include <optional>

#include "adapters/parser/email_codec.h"
#include "adapters/parser/parser_work.h"
#include "base/log.h"

namespace letterlock::parser {
namespace {

using SteadyClock = std::chrono::steady_clock;
using mail::ParseInput;
using mail::ParseOutput;

constexpr auto look_every = std::chrono::milliseconds(100);  // at a process that has not answered: its time and its memory
constexpr int tries_max = 3;                                 // to get a process that listens

constexpr const char* slow_name = "letterlock_mail_parses_slow";
constexpr const char* slow_help = "Messages that are being understood for longer than expected now";

// Memory of the process's own that is in use: resident pages that no file backs (proc_pid_statm(5)).
std::int64_t own_bytes(pid_t pid) {
  std::int64_t size = 0, resident = 0, shared = 0;
  std::ifstream(std::format("/proc/{}/statm", pid)) >> size >> resident >> shared;
  return (resident - shared) * sysconf(_SC_PAGESIZE);
}

double cpu_seconds_of(pid_t pid) {
  std::ifstream in(std::format("/proc/{}/stat", pid));
  std::string text(std::istreambuf_iterator<char>(in), {});
  const auto name_end = text.rfind(')');
  if (name_end == text.npos) return 0;
  // utime and stime are fields 14 and 15 (proc_pid_stat(5)); the third follows the name.
  std::size_t at = name_end + 2;
  for (int field = 3; field < 14 && at != text.npos; ++field) at = text.find(' ', at) + 1;
  char* next = nullptr;
  const auto user = std::strtoull(text.c_str() + at, &next, 10);
  const auto system = std::strtoull(next, nullptr, 10);
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string size_text(std::int64_t bytes) { return std::format("{} MiB", bytes >> 20); }

FrameHeader header_of(const ParseInput& input) {
  return {.kind = input.format == "graph" ? FrameKind::graph : FrameKind::rfc822, .bytes = static_cast<std::uint32_t>(input.bytes.size())};
}

}  // namespace

Result<std::unique_ptr<Keeper>> start_mail_keeper() { return Keeper::start(read_messages, mail::load_tables); }

// Some messages through one process: written ahead, answers taken as they come. Lives for one call of run(), on the calling thread.
class ParserProcesses::Step {
 public:
  enum class Outcome {
    done,      // all were taken
    ended,     // the sink wants no more, or stop was asked: the process is not in a known state
    dead,      // the process ended, or had to be; see reason()
    not_there  // the process had ended before it was given anything
  };

  Step(ParserProcesses& owner, Process process, std::span<const ParseInput> inputs, std::string context_frame,
       const mail::ParseOrigin& origin)
      : owner_(owner), process_(process), inputs_(inputs), context_frame_(std::move(context_frame)), origin_(origin) {}
  ~Step() {
    if (is_slow_) owner_.count_slow(-1);
  }

  std::size_t taken() const { return taken_; }
  // Why this end killed the process; empty: it ended by itself.
  const std::string& reason() const { return reason_; }
  std::string_view limit() const { return limit_; }
  // For how long the first message without an answer was read.
  std::chrono::duration<double> read_for() const { return SteadyClock::now() - begun_at_; }

  Outcome run(const mail::ParseSink& sink, std::size_t first_index, const std::stop_token& stop) {
    begun_at_ = SteadyClock::now();
    while (!is_ready_ || taken_ < inputs_.size()) {
      pollfd state{.fd = process_.socket, .events = POLLIN, .revents = 0};
      if (writing_ <= inputs_.size()) state.events |= POLLOUT;
      const int ready = poll(&state, 1, static_cast<int>(look_every.count()));
      if (stop.stop_requested()) return Outcome::ended;
      if (ready == 0) {
        if (!may_go_on()) return Outcome::dead;
        continue;
      }
      // What it answered before its end is still to be read: the first message without an answer is the one that ended it.
      if ((state.revents & POLLOUT) != 0 && !write_ahead()) writing_ = inputs_.size() + 1;
      if ((state.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
        if (!read_some()) return is_ready_ ? Outcome::dead : Outcome::not_there;
        for (std::optional<ParseOutput> output; (output = next_answer());) {
          const auto index = first_index + taken_ - 1;
          if (!sink(index, std::move(*output))) return taken_ == inputs_.size() ? Outcome::done : Outcome::ended;
        }
        if (!reason_.empty()) return Outcome::dead;
      }
      if (SteadyClock::now() - looked_at_ > look_every && !may_go_on()) return Outcome::dead;
    }
    return Outcome::done;
  }

 private:
  // Frame 0 is the context, frame i the message i - 1. False: the other end is closed.
  bool write_ahead() {
    while (writing_ <= inputs_.size()) {
      std::string_view bytes = context_frame_;
      FrameHeader header;
      iovec parts[2];
      int count = 0;
      if (writing_ == 0) {
        parts[count++] = {context_frame_.data() + written_, bytes.size() - written_};
      } else {
        const auto& input = inputs_[writing_ - 1];
        header = header_of(input);
        bytes = input.bytes;
        const auto from = std::min(written_, sizeof header);
        if (from < sizeof header) parts[count++] = {reinterpret_cast<char*>(&header) + from, sizeof header - from};
        const auto body_from = written_ - from;
        parts[count++] = {const_cast<char*>(bytes.data()) + body_from, bytes.size() - body_from};
      }
      const auto frame_bytes = bytes.size() + (writing_ == 0 ? 0 : sizeof header);
      const msghdr message{.msg_name = nullptr,
                           .msg_namelen = 0,
                           .msg_iov = parts,
                           .msg_iovlen = static_cast<std::size_t>(count),
                           .msg_control = nullptr,
                           .msg_controllen = 0,
                           .msg_flags = 0};
      const auto put = sendmsg(process_.socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (put < 0) return errno == EAGAIN || errno == EINTR;
      written_ += static_cast<std::size_t>(put);
      if (written_ < frame_bytes) return true;
      written_ = 0;
      ++writing_;
    }
    return true;
  }

  bool read_some() {
    constexpr std::size_t block_bytes = 256 << 10;
    const auto had = received_.size();
    ssize_t got = 0;
    received_.resize_and_overwrite(had + block_bytes, [&](char* data, std::size_t) {
      got = recv(process_.socket, data + had, block_bytes, MSG_DONTWAIT);
      return had + static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    });
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  }

  std::optional<ParseOutput> next_answer() {
    FrameHeader header;
    for (;;) {
      const auto unread = std::string_view(received_).substr(read_);
      if (unread.size() < sizeof header) break;
      std::memcpy(&header, unread.data(), sizeof header);
      const bool is_expected = header.bytes <= answer_bytes_max &&
                               (is_ready_ ? taken_ < inputs_.size() && (header.kind == FrameKind::email || header.kind == FrameKind::error)
                                          : header.kind == FrameKind::ready);
      if (!is_expected) {
        kill_it("answer", "its process gave a broken answer");
        return std::nullopt;
      }
      if (unread.size() < sizeof header + header.bytes) break;
      const auto bytes = unread.substr(sizeof header, header.bytes);
      read_ += sizeof header + header.bytes;
      progress();
      if (header.kind == FrameKind::ready) {
        is_ready_ = true;
        continue;
      }
      ++taken_;
      ParseOutput output{.email = fail(ErrorKind::invalid, std::string(bytes)), .cpu = std::chrono::duration<double>(header.cpu_seconds)};
      if (header.kind == FrameKind::email) output.email = decode_email(bytes);
      return output;
    }
    received_.erase(0, read_);
    read_ = 0;
    return std::nullopt;
  }

  void progress() {
    begun_at_ = SteadyClock::now();
    if (is_slow_) owner_.count_slow(-1);
    is_slow_ = false;
  }

  // Look at how long the present message takes and what memory it holds; false: it was killed.
  bool may_go_on() {
    looked_at_ = SteadyClock::now();
    const auto passed = looked_at_ - begun_at_;
    const auto& budget = owner_.options_.budget;
    const auto& input = inputs_[std::min(taken_, inputs_.size() - 1)];
    if (!is_slow_ && passed >= owner_.options_.slow_after) {
      is_slow_ = true;
      owner_.count_slow(1);
      LOG(warn, "understanding a message takes long",
          {{"tenant", origin_.tenant},
           {"mailbox", origin_.mailbox},
           {"message", std::string(input.name)},
           {"bytes", input.bytes.size()},
           {"seconds", std::chrono::duration<double>(passed).count()}});
    }
    if (passed >= std::chrono::seconds(budget.wall_seconds)) {
      kill_it("wall", std::format("it took more than {} s", budget.wall_seconds));
      return false;
    }
    // The kernel's limit is that of address space. This one is of memory in use, and holds in builds that have no other.
    const auto bytes_max = budget.memory_of(std::ssize(input.bytes));
    if (own_bytes(process_.pid) > bytes_max + owner_.options_.kept_bytes_max) {
      kill_it("memory", std::format("it needs more than {} of memory", size_text(bytes_max)));
      return false;
    }
    return true;
  }

  void kill_it(std::string_view limit, std::string reason) {
    kill(process_.pid, SIGKILL);
    limit_ = limit;
    reason_ = std::move(reason);
  }

  ParserProcesses& owner_;
  const Process process_;
  const std::span<const ParseInput> inputs_;
  std::string context_frame_;
  const mail::ParseOrigin& origin_;

  std::size_t writing_ = 0;  // the frame that is being written
  std::size_t written_ = 0;  // bytes of it that are
  std::string received_;
  std::size_t read_ = 0;
  bool is_ready_ = false;
  std::size_t taken_ = 0;
  SteadyClock::time_point begun_at_, looked_at_;
  bool is_slow_ = false;
  std::string_view limit_;
  std::string reason_;
};

ParserProcesses::ParserProcesses(std::unique_ptr<Keeper> keeper, Metrics& metrics, ParserOptions options)
    : keeper_(std::move(keeper)), metrics_(metrics), options_(options) {
  metrics_.gauge(slow_name, slow_help, {}, 0);
}

ParserProcesses::~ParserProcesses() {
  for (const auto& idle : idle_) close(idle.process.socket);
}

Result<bool> ParserProcesses::parse(std::span<const ParseInput> inputs, const mail::ParseContext& context, const mail::ParseOrigin& origin,
                                    const mail::ParseSink& sink, std::stop_token stop) {
  auto body = std::string(reinterpret_cast<const char*>(&options_.budget), sizeof options_.budget) + encode(context);
  const FrameHeader header{.kind = FrameKind::budget_and_context, .bytes = static_cast<std::uint32_t>(body.size())};
  const auto context_frame = std::string(reinterpret_cast<const char*>(&header), sizeof header) + body;

  int tries = 0;
  std::optional<std::size_t> killed_from_outside;
  for (std::size_t done = 0; done < inputs.size();) {
    const auto [process, is_new] = TRY(take(origin.tenant, stop));
    if (process.pid < 0) return false;
    Step step(*this, process, inputs.subspan(done), context_frame, origin);
    const auto outcome = step.run(sink, done, stop);
    done += step.taken();
    if (step.taken() > 0) tries = 0;
    if (outcome == Step::Outcome::done) {
      give_back(process, origin.tenant, true);
      return true;
    }
    if (outcome == Step::Outcome::ended) {
      give_back(process, origin.tenant, false);
      return false;
    }
    const auto read_for = step.read_for();
    const auto end = TRY(this->end(process));
    if (outcome == Step::Outcome::not_there) {
      const bool is_refused = WIFEXITED(end.wait_status) && WEXITSTATUS(end.wait_status) == exit_no_sandbox;
      if (is_new && ++tries == tries_max)
        return fail(ErrorKind::unavailable,
                    is_refused ? "the kernel refuses parser processes their sandbox (seccomp)"
                               : std::format("a parser process ends before it reads anything (status {})", end.wait_status));
      continue;
    }

    std::string_view limit = step.limit();
    std::string reason = step.reason();
    const bool has_exited = WIFEXITED(end.wait_status);
    const int number = has_exited ? WEXITSTATUS(end.wait_status) : WTERMSIG(end.wait_status);
    // The system was short of memory, stood still, or somebody did it: the message may be innocent.
    const bool is_from_outside = limit == "wall" || (reason.empty() && !has_exited && (number == SIGKILL || number == SIGTERM));
    if (is_from_outside && killed_from_outside != done) {
      killed_from_outside = done;
      continue;
    }
    if (reason.empty() && !has_exited && number == SIGXCPU) {
      limit = "cpu";
      reason = std::format("it took more than {} s of CPU time", options_.budget.cpu_seconds);
    } else if (reason.empty() && has_exited && number == exit_out_of_memory) {
      limit = "memory";
      reason = std::format("it needs more than {} of memory", size_text(options_.budget.memory_of(std::ssize(inputs[done].bytes))));
    } else if (reason.empty()) {
      limit = "crash";
      reason = std::format("it ended the process that read it ({} {})", has_exited ? "status" : "signal", number);
    }
    metrics_.count("letterlock_mail_parser_kills_total", "Messages given up because of their budget, by its part", {{"limit", limit}});
    LOG(warn, "message not understood within its budget",
        {{"tenant", origin.tenant},
         {"mailbox", origin.mailbox},
         {"message", std::string(inputs[done].name)},
         {"bytes", inputs[done].bytes.size()},
         {"reason", reason}});
    const auto index = done++;
    if (!sink(index, {.email = fail({.kind = ErrorKind::invalid, .message = "not understood: " + reason, .code = "over_budget"}),
                      .cpu = std::min(end.cpu, read_for)}))
      return done == inputs.size();
  }
  return true;
}

Result<void> ParserProcesses::try_out() {
  const ParseInput input{.name = "start", .format = "rfc5322", .bytes = "From: a@example.com\r\n\r\n"};
  Result<void> tried;
  TRY(parse({&input, 1}, {}, {},
            [&](std::size_t, ParseOutput&& output) {
              if (!output.email)
                tried = fail(ErrorKind::unavailable, "a parser process does not read its first message: " + output.email.error().message);
              return true;
            },
            {}));
  return tried;
}

Result<ParserProcesses::Taken> ParserProcesses::take(const std::string& tenant, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const bool is_free = freed_.wait(lock, stop, [&] { return !idle_.empty() || living_.size() < options_.processes_max; });
    if (!is_free) return Taken{};
    if (const auto own = std::ranges::find(idle_, tenant, &Idle::tenant); own != idle_.end()) {
      const auto process = own->process;
      idle_.erase(own);
      return Taken{.process = process};
    }
    if (living_.size() < options_.processes_max) break;
    // One that read another tenant's mail makes room.
    const auto process = idle_.front().process;
    idle_.erase(idle_.begin());
    lock.unlock();
    TRY(end(process));
    lock.lock();
  }
  auto process = keeper_->spawn();
  if (!process) {
    lock.unlock();
    if (!keeper_->check()) options_.on_keeper_gone();
    return std::unexpected(std::move(process).error());
  }
  living_.push_back(process->pid);
  return Taken{.process = *process, .is_new = true};
}

void ParserProcesses::give_back(Process process, const std::string& tenant, bool is_healthy) {
  if (!is_healthy || own_bytes(process.pid) > options_.kept_bytes_max) {
    if (const auto ended = end(process); !ended) LOG(warn, "a parser process could not be ended", {{"reason", ended.error().message}});
    return;
  }
  const std::lock_guard lock(mutex_);
  idle_.push_back({.process = process, .tenant = tenant});
  freed_.notify_one();
}

Result<ProcessEnd> ParserProcesses::end(const Process& process) {
  close(process.socket);
  auto ended = keeper_->end(process.pid);
  std::unique_lock lock(mutex_);
  std::erase(living_, process.pid);
  if (ended) {
    ended_cpu_seconds_ += ended->cpu.count();
    metrics_.count("letterlock_mail_parser_cpu_seconds_total", "CPU time of parser processes that have ended", {}, ended->cpu.count());
  }
  freed_.notify_one();
  lock.unlock();
  if (!ended && !keeper_->check()) options_.on_keeper_gone();
  return ended;
}

void ParserProcesses::count_slow(int change) {
  const std::lock_guard lock(mutex_);
  slow_ += change;
  metrics_.gauge(slow_name, slow_help, {}, slow_);
  if (change > 0) metrics_.count("letterlock_mail_parses_slow_total", "Messages that took longer than expected to be understood");
}

double ParserProcesses::cpu_seconds() const {
  const std::lock_guard lock(mutex_);
  double sum = ended_cpu_seconds_;
  for (const auto pid : living_) sum += cpu_seconds_of(pid);
  return sum;
}

}  // namespace letterlock::parser

#include "app/lifecycle.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <format>
#include <mutex>

#include "base/log.h"

namespace letterlock {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

Result<void> write_whole(const std::string& path, std::string_view text) {
  const auto beside = path + ".writing";
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return fail(ErrorKind::invalid, "cannot write " + beside + ": " + std::strerror(errno));
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  close(file);
  if (!written) return fail(ErrorKind::unavailable, "cannot write " + beside + ": " + std::strerror(error));
  if (rename(beside.c_str(), path.c_str()) != 0) return fail(ErrorKind::invalid, "cannot write " + path + ": " + std::strerror(errno));
  return {};
}

}  // namespace

void block_signals() {
  const auto set = stop_signals();
  CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  signal(SIGPIPE, SIG_IGN);
}

Signals::Signals(std::stop_source stop)
    : thread_([this, stop]() mutable {
        const auto set = stop_signals();
        for (int count = 0;;) {
          int signal = 0;
          if (sigwait(&set, &signal) != 0) continue;
          if (ending_) return;
          if (++count > 1) _exit(128 + signal);
          LOG(info, "stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
          stop.request_stop();
        }
      }) {}

Signals::~Signals() {
  ending_ = true;
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

void wait_for(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, stop, [] { return false; });
}

StopDeadline::StopDeadline(std::chrono::seconds limit)
    : thread_([limit](std::stop_token disarmed) {
        std::mutex mutex;
        std::condition_variable_any changed;
        std::unique_lock lock(mutex);
        changed.wait_for(lock, disarmed, limit, [] { return false; });
        if (disarmed.stop_requested()) return;
        LOG(error, "the ordered stop took too long; ending at once", {{"seconds_max", limit.count()}});
        _exit(3);
      }) {}

std::size_t raise_file_limit() {
  rlimit limit{};
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const auto before = limit.rlim_cur;
  // No more than is of use: some hosts allow a thousand million, and what walks over all numbers before it starts a program would take
  // minutes.
  limit.rlim_cur = std::max(before, std::min<rlim_t>(limit.rlim_max, 65'536));
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return limit.rlim_cur;
  LOG(warn, "cannot raise the limit of open files", {{"limit", before}, {"reason", std::strerror(errno)}});
  return before;
}

Result<ReadyFile> ReadyFile::write(const std::string& path, const ReadyInfo& info) {
  if (path.empty()) return ReadyFile("");
  TRY(write_whole(path, std::format("{{\"target\":\"{}\",\"pid\":{},\"http_port\":{},\"internal_port\":{},\"flight_port\":{}}}\n",
                                    info.target, getpid(), info.http_port, info.internal_port, info.flight_port)));
  return ReadyFile(path);
}

ReadyFile::~ReadyFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

}  // namespace letterlock

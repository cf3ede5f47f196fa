#pragma once

// How the process begins and ends: signals, the ready file, the limit on an ordered stop.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>

#include "base/result.h"

namespace letterlock {

// Block SIGTERM and SIGINT in this thread and all that it starts (Signals waits for them), and ignore SIGPIPE.
// First thing in main.
void block_signals();

// A thread that waits for SIGTERM or SIGINT and asks for a stop; a second signal ends the process at once. One per process.
class Signals {
 public:
  explicit Signals(std::stop_source stop);
  ~Signals();
  Signals(const Signals&) = delete;

 private:
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

// Block until a stop is requested.
void wait_for(std::stop_token stop);

// Ends the process with status 3 when it still exists after the limit; disarmed by its destructor. For an ordered stop.
class StopDeadline {
 public:
  explicit StopDeadline(std::chrono::seconds limit);
  StopDeadline(const StopDeadline&) = delete;

 private:
  std::jthread thread_;
};

// Raise the limit of open files to 65,536, or to the most that this user may, and tell what it is. First thing of serve.
std::size_t raise_file_limit();

struct ReadyInfo {
  std::string target;
  std::uint16_t http_port = 0;
  std::uint16_t internal_port = 0;  // 0: this process has no internal listener
  std::uint16_t flight_port = 0;    // 0: this process serves none
};

// The ready file while this object lives: written beside its place and renamed, so that a reader sees all of it or nothing.
class ReadyFile {
 public:
  static Result<ReadyFile> write(const std::string& path, const ReadyInfo& info);  // empty path: nothing is written
  ReadyFile(ReadyFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ReadyFile& operator=(ReadyFile&&) = delete;
  ~ReadyFile();

 private:
  explicit ReadyFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace letterlock

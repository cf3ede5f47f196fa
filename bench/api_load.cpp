// ./dev bench api: requests at a constant rate, in turn, whatever the answers take. A latency counts from when its request was due, not
// from when a connection was free for it: a server that stalls pays for all that it kept waiting. Standard input: a request a line, its
// path and then its headers, separated by tabs. Standard output: JSON.

#include <curl/curl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <format>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/measure.h"

namespace letterlock::bench {
namespace {

using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC, as the timer's

constexpr std::chrono::seconds answer_wait_max{30};  // for what is still out when the last request was due
constexpr std::chrono::milliseconds poll_max{1000};

struct Options {
  std::string url;
  int rate = 0;  // requests a second
  int seconds = 0;
  int connections = 0;  // and so requests in flight
};

struct Target {
  std::string url;
  curl_slist* headers = nullptr;
};

std::vector<Target> read_targets(const std::string& base) {
  std::vector<Target> targets;
  for (std::string line; std::getline(std::cin, line);) {
    std::vector<std::string> parts;
    for (std::size_t from = 0; from <= line.size();) {
      const auto end = std::min(line.find('\t', from), line.size());
      parts.push_back(line.substr(from, end - from));
      from = end + 1;
    }
    Target target{.url = base + parts.at(0)};
    for (std::size_t i = 1; i < parts.size(); ++i) target.headers = curl_slist_append(target.headers, parts[i].c_str());
    targets.push_back(std::move(target));
  }
  return targets;
}

// Calls poll back when a time has come, to the microsecond where curl_multi_poll alone knows milliseconds.
class Alarm {
 public:
  ~Alarm() { close(descriptor_); }
  curl_waitfd at(Clock::time_point time) {
    const auto since = std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
    itimerspec spec{};
    spec.it_value = {.tv_sec = since / 1'000'000'000, .tv_nsec = since % 1'000'000'000};
    timerfd_settime(descriptor_, TFD_TIMER_ABSTIME, &spec, nullptr);
    return {.fd = descriptor_, .events = CURL_WAIT_POLLIN, .revents = 0};
  }

 private:
  const int descriptor_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
};

class Load {
 public:
  Load(Options options, std::vector<Target> targets)
      : options_(std::move(options)), targets_(std::move(targets)), total_(static_cast<std::size_t>(options_.rate * options_.seconds)) {
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options_.connections));
    for (int i = 0; i < options_.connections; ++i) {
      auto& exchange = *exchanges_.emplace_back(std::make_unique<Exchange>());
      exchange.handle = curl_easy_init();
      curl_easy_setopt(exchange.handle, CURLOPT_PRIVATE, &exchange);
      curl_easy_setopt(exchange.handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
      curl_easy_setopt(exchange.handle, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(exchange.handle, CURLOPT_PROXY, "");
      curl_easy_setopt(exchange.handle, CURLOPT_WRITEDATA, this);
      curl_easy_setopt(exchange.handle, CURLOPT_WRITEFUNCTION, &Load::on_body);
      idle_.push_back(&exchange);
    }
  }
  ~Load() {
    for (const auto& exchange : exchanges_) {
      curl_multi_remove_handle(multi_, exchange->handle);
      curl_easy_cleanup(exchange->handle);
    }
    curl_multi_cleanup(multi_);
    for (const auto& target : targets_) curl_slist_free_all(target.headers);
  }
  Load(const Load&) = delete;

  void run() {
    begun_ = Clock::now();
    const auto last = due(total_) + answer_wait_max;
    while (answered_ < total_ && Clock::now() < last) {
      while (sent_ < total_ && !idle_.empty() && due(sent_) <= Clock::now()) send();
      int running = 0;
      curl_multi_perform(multi_, &running);
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_, &left))
        if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
      auto wake = alarm_.at(sent_ < total_ && !idle_.empty() ? due(sent_) : Clock::now() + poll_max);
      curl_multi_poll(multi_, &wake, 1, static_cast<int>(poll_max.count()), nullptr);
    }
    outcomes_["unanswered"] += total_ - answered_;
  }

  std::string report() {
    std::ranges::sort(latencies_ms_);
    const auto part = [&](double share) {
      if (latencies_ms_.empty()) return 0.0;
      return latencies_ms_[std::min(latencies_ms_.size() - 1, static_cast<std::size_t>(share * static_cast<double>(latencies_ms_.size())))];
    };
    std::string outcomes;
    for (const auto& [outcome, times] : outcomes_)
      if (times > 0) outcomes += std::format("{}\"{}\":{}", outcomes.empty() ? "" : ",", outcome, times);
    const auto usage = watch_.elapsed();
    return std::format(
        R"({{"requests":{},"rate":{:.1f},"p50_ms":{:.2f},"p90_ms":{:.2f},"p99_ms":{:.2f},"max_ms":{:.2f},"outcomes":{{{}}},"bytes":{},"cpu_seconds":{:.3f},"wall_seconds":{:.3f}}})",
        total_, static_cast<double>(answered_) / std::chrono::duration<double>(last_answer_ - begun_).count(), part(0.5), part(0.9),
        part(0.99), part(1), outcomes, bytes_, usage.cpu_seconds, usage.wall_seconds);
  }

 private:
  struct Exchange {
    CURL* handle = nullptr;
    Clock::time_point due;
  };

  static std::size_t on_body(char*, std::size_t, std::size_t count, void* user) {
    static_cast<Load*>(user)->bytes_ += count;
    return count;
  }

  Clock::time_point due(std::size_t request) const {
    return begun_ + std::chrono::nanoseconds(static_cast<std::int64_t>(request) * 1'000'000'000 / options_.rate);
  }

  void send() {
    auto& exchange = *idle_.back();
    idle_.pop_back();
    const auto& target = targets_[sent_ % targets_.size()];
    exchange.due = due(sent_++);
    curl_easy_setopt(exchange.handle, CURLOPT_URL, target.url.c_str());
    curl_easy_setopt(exchange.handle, CURLOPT_HTTPHEADER, target.headers);
    curl_multi_add_handle(multi_, exchange.handle);
  }

  void finish(CURL* handle, CURLcode code) {
    void* user = nullptr;
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &user);
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    auto& exchange = *static_cast<Exchange*>(user);
    last_answer_ = Clock::now();
    latencies_ms_.push_back(std::chrono::duration<double, std::milli>(last_answer_ - exchange.due).count());
    ++outcomes_[code == CURLE_OK ? std::to_string(status) : curl_easy_strerror(code)];
    ++answered_;
    curl_multi_remove_handle(multi_, handle);
    idle_.push_back(&exchange);
  }

  const Options options_;
  const std::vector<Target> targets_;
  const std::size_t total_;
  CURLM* multi_ = curl_multi_init();
  Alarm alarm_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::vector<Exchange*> idle_;
  std::size_t sent_ = 0, answered_ = 0, bytes_ = 0;
  std::vector<double> latencies_ms_;
  std::map<std::string, std::size_t> outcomes_;
  Stopwatch watch_;
  Clock::time_point begun_, last_answer_;
};

int number_from(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace
}  // namespace letterlock::bench

int main(int count, char** words) {
  using namespace letterlock::bench;
  if (count != 5) {
    std::cerr << "api_load URL REQUESTS_A_SECOND SECONDS CONNECTIONS < REQUESTS\n";
    return 2;
  }
  const Options options{
      .url = words[1], .rate = number_from(words[2]), .seconds = number_from(words[3]), .connections = number_from(words[4])};
  curl_global_init(CURL_GLOBAL_DEFAULT);
  auto targets = read_targets(options.url);
  if (targets.empty() || options.rate < 1 || options.seconds < 1 || options.connections < 1 || options.connections > 1'000) {
    std::cerr << "api_load: needs requests, a rate, seconds and 1 to 1,000 connections\n";
    return 2;
  }
  {
    Load load(options, std::move(targets));
    load.run();
    std::cout << load.report() << "\n";
  }
  curl_global_cleanup();
}

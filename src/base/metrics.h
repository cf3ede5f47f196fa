#pragma once

// Counters, gauges and histograms in the Prometheus data model. One registry per process, made in app/ and handed down
// by constructor. Names end in their unit (_total, _seconds, _bytes); labels are few and never hold a tenant's data. Any thread.

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace letterlock {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void count(std::string_view name, std::string_view help, Labels labels = {}, double by = 1);
  void gauge(std::string_view name, std::string_view help, Labels labels, double value);
  // Observe a duration in seconds (buckets 1 ms to 60 s).
  void observe_seconds(std::string_view name, std::string_view help, Labels labels, double seconds);

  // The text exposition format, for GET /metrics.
  std::string exposition() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace letterlock

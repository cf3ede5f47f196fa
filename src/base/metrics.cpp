#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>

namespace letterlock {
namespace {

prometheus::Labels to_labels(Labels labels) {
  prometheus::Labels result;
  for (const auto& [name, value] : labels) result.emplace(name, value);
  return result;
}

// The registry finds a family by name only when it is built again; remember each one.
template <class Metric, class Build>
prometheus::Family<Metric>& family_of(std::map<std::string, prometheus::Family<Metric>*, std::less<>>& known, std::string_view name,
                                      Build build) {
  if (const auto found = known.find(name); found != known.end()) return *found->second;
  return *known.emplace(name, &build()).first->second;
}

}  // namespace

struct Metrics::Impl {
  std::mutex mutex;
  prometheus::Registry registry;
  std::map<std::string, prometheus::Family<prometheus::Counter>*, std::less<>> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*, std::less<>> gauges;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*, std::less<>> histograms;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::count(std::string_view name, std::string_view help, Labels labels, double by) {
  const std::lock_guard lock(impl_->mutex);
  auto& family = family_of(impl_->counters, name, [&]() -> auto& {
    return prometheus::BuildCounter().Name(std::string(name)).Help(std::string(help)).Register(impl_->registry);
  });
  family.Add(to_labels(labels)).Increment(by);
}

void Metrics::gauge(std::string_view name, std::string_view help, Labels labels, double value) {
  const std::lock_guard lock(impl_->mutex);
  auto& family = family_of(impl_->gauges, name, [&]() -> auto& {
    return prometheus::BuildGauge().Name(std::string(name)).Help(std::string(help)).Register(impl_->registry);
  });
  family.Add(to_labels(labels)).Set(value);
}

void Metrics::observe_seconds(std::string_view name, std::string_view help, Labels labels, double seconds) {
  static const prometheus::Histogram::BucketBoundaries buckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                               0.5,   1,      2.5,   5,    10,    30,   60};
  const std::lock_guard lock(impl_->mutex);
  auto& family = family_of(impl_->histograms, name, [&]() -> auto& {
    return prometheus::BuildHistogram().Name(std::string(name)).Help(std::string(help)).Register(impl_->registry);
  });
  family.Add(to_labels(labels), buckets).Observe(seconds);
}

std::string Metrics::exposition() const { return prometheus::TextSerializer().Serialize(impl_->registry.Collect()); }

}  // namespace letterlock

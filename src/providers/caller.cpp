#include "providers/caller.h"

#include <algorithm>
#include <optional>

namespace letterlock::providers {
namespace {

constexpr std::chrono::seconds rate_limit_pause{60};  // quotas are per minute

}  // namespace

std::string shown_url(std::string_view url) { return std::string(url.substr(0, url.find('?'))); }

Error stopped_error() { return {.kind = ErrorKind::unavailable, .message = "stopped", .code = std::string(code_stopped)}; }

Caller::Caller(http::Client& client, Clock& clock, Metrics& metrics, CallerOptions options)
    : client_(client),
      clock_(clock),
      metrics_(metrics),
      options_(std::move(options)),
      seed_(static_cast<std::uint64_t>(to_unix_micros(clock.now()))) {}

Result<http::ClientResponse> Caller::call(const http::ClientRequest& request, const Authorization& authorization,
                                          const std::stop_token& stop) {
  return std::move(call_all({request}, authorization, 1, stop).front());
}

std::vector<Result<http::ClientResponse>> Caller::call_all(const std::vector<http::ClientRequest>& requests,
                                                           const Authorization& authorization, int in_flight, const std::stop_token& stop) {
  std::vector<std::optional<Result<http::ClientResponse>>> answers(requests.size());
  std::vector<std::size_t> pending(requests.size());
  for (std::size_t i = 0; i < pending.size(); ++i) pending[i] = i;
  std::vector<bool> renewed(requests.size());
  Backoff backoff(options_.backoff, seed_.fetch_add(0x9e3779b97f4a7c15));
  int tries = 0;

  const auto refuse_rest = [&](const Error& error) {
    for (const auto index : pending) answers[index] = std::unexpected(error);
    pending.clear();
  };

  while (!pending.empty()) {
    if (stop.stop_requested()) {
      refuse_rest(stopped_error());
      break;
    }
    std::string token;
    if (authorization.get) {
      auto got = authorization.get();
      if (!got) {
        refuse_rest(got.error());
        break;
      }
      token = std::move(*got);
    }
    std::vector<http::ClientRequest> batch;
    for (const auto index : pending) {
      batch.push_back(requests[index]);
      batch.back().timeout = options_.timeout;
      if (authorization.get) batch.back().headers.emplace_back("Authorization", "Bearer " + token);
    }
    std::vector<Result<http::ClientResponse>> results;
    if (batch.size() == 1)
      results.push_back(client_.send(batch.front(), stop));
    else
      results = client_.send_all(std::move(batch), in_flight, stop);
    ++tries;

    std::vector<std::size_t> again;
    bool counts = false;  // a renewed token alone uses up no try
    std::optional<std::chrono::seconds> asked_wait;
    for (std::size_t i = 0; i < pending.size(); ++i) {
      const auto index = pending[i];
      auto& result = results[i];
      const std::string what = options_.provider + ": " + requests[index].method + " " + shown_url(requests[index].url);
      if (!result) {
        metrics_.count("letterlock_provider_requests_total", "Requests to providers by outcome",
                       {{"provider", options_.provider}, {"outcome", "transport_error"}});
        if (stop.stop_requested()) {
          answers[index] = std::unexpected(stopped_error());
        } else if (result.error().kind != ErrorKind::unavailable) {
          answers[index] = std::unexpected(std::move(result).error().during(what));
        } else if (backoff.exhausted(tries)) {
          auto error = std::move(result).error().during(what);
          error.code = code_transport;
          answers[index] = std::unexpected(std::move(error));
        } else {
          again.push_back(index);
          counts = true;
        }
        continue;
      }
      const int status = result->status;
      const std::string outcome = std::to_string(status);
      metrics_.count("letterlock_provider_requests_total", "Requests to providers by outcome",
                     {{"provider", options_.provider}, {"outcome", outcome}});
      if (status == 401 && authorization.get && !renewed[index]) {
        renewed[index] = true;
        authorization.refuse(token);
        again.push_back(index);
        continue;
      }
      const bool is_rate_limit = status == 429 || (options_.is_rate_limit && options_.is_rate_limit(*result));
      const bool is_server_error = status == 408 || status >= 500;
      const bool is_passing = options_.is_passing && options_.is_passing(*result);
      if (!is_rate_limit && !is_server_error && !is_passing) {
        answers[index] = std::move(result);
        continue;
      }
      const auto asked = http::retry_after(*result, clock_.now());
      const bool is_long = asked && *asked > options_.retry_after_wait_max;
      if (!is_long && !backoff.exhausted(tries)) {
        if (asked) asked_wait = std::max(asked_wait.value_or(*asked), *asked);
        again.push_back(index);
        counts = true;
        continue;
      }
      if (is_rate_limit || is_long) {
        answers[index] = std::unexpected(Error{.kind = ErrorKind::throttled,
                                               .message = what + " answered " + outcome + ": asked to slow down",
                                               .retry_after = asked.value_or(rate_limit_pause)});
      } else if (is_server_error) {
        answers[index] = std::unexpected(Error{.kind = ErrorKind::unavailable,
                                               .message = what + " answered " + outcome + " " + std::to_string(tries) + " times",
                                               .code = std::string(status == 500 ? code_item_error : code_server_error)});
      } else {
        answers[index] = std::move(result);
      }
    }
    pending = std::move(again);
    if (pending.empty()) break;
    if (!counts) {
      --tries;
      continue;
    }
    Duration wait = backoff.delay(tries);
    if (asked_wait) wait = std::max<Duration>(wait, *asked_wait);
    if (!clock_.wait(wait, stop)) refuse_rest(stopped_error());
  }
  std::vector<Result<http::ClientResponse>> out;
  out.reserve(answers.size());
  for (auto& answer : answers) out.push_back(std::move(*answer));
  return out;
}

}  // namespace letterlock::providers

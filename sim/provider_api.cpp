#include "sim/provider_api.h"

#include <thread>

#include "sim/fault_answers.h"
#include "sim/gzip.h"

namespace letterlock::sim {
namespace {

constexpr std::chrono::milliseconds slow_body_pause{400};
constexpr std::size_t gzip_bytes_min = 1024;  // as the server does by itself

}  // namespace

http::Response ProviderApi::handle(const http::Request& request) { return answer(describe(request)); }

http::Response ProviderApi::answer_part(const http::Request& request, std::size_t at_once) {
  auto call = describe(request);
  call.in_batch = true;
  call.at_once = at_once;
  return answer(std::move(call));
}

http::Response ProviderApi::answer(Call call) {
  const auto ticket = around_.quotas.enter(call);
  const auto fault = around_.faults.take(call);
  http::Response response;
  if (fault)
    response = misbehave(call, *fault);
  else if (ticket.refusal)
    response = *ticket.refusal;
  else
    response = kept_or_right(call);
  const bool replaced = fault && (fault->kind ? fault->kind->effect == FaultEffect::answer : fault->status != 0);
  around_.log.count(std::string(call.provider), replaced ? "fault" : call.kind, response.status);
  around_.recorder.write(call, response, !fault ? "" : fault->kind ? fault->kind->name : "ordered");
  if (!fault) return response;
  const bool cut = fault->cut_after_bytes || (fault->kind && fault->kind->effect == FaultEffect::cut);
  if (cut && !call.in_batch) {
    response.cut_connection = true;
    response.body.resize(std::min(response.body.size(), fault->cut_after_bytes.value_or(response.body.size() / 2)));
  }
  if (fault->kind && fault->kind->effect == FaultEffect::slow && !call.in_batch) response.body_pause = slow_body_pause;
  return response;
}

http::Response ProviderApi::misbehave(Call& call, const Fault& fault) {
  if (!fault.kind) {
    if (fault.delay.count() > 0) std::this_thread::sleep_for(fault.delay);
    http::Response response;
    if (fault.status == 0)
      response = right_answer(call);
    else
      response = {.status = fault.status, .headers = {{"Content-Type", "application/json; charset=UTF-8"}}};
    if (fault.retry_after) response.headers.emplace_back("Retry-After", *fault.retry_after);
    if (fault.body) response.body = *fault.body;
    return response;
  }
  switch (fault.kind->effect) {
    case FaultEffect::answer:
      return fault_answer(*fault.kind, call.kind == "token", now());
    case FaultEffect::expire_token:
      expire_token(call);
      call.is_authorized = false;
      break;
    case FaultEffect::expire_cursor:
      expire_cursor(call);
      // Graph words it in three ways; a request that starts a round has no cursor to lose.
      if (!fault.kind->message.empty() && call.has_cursor) return fault_answer(*fault.kind, false, now());
      break;
    case FaultEffect::vanish:
      vanish(call);
      break;
    case FaultEffect::slow:
    case FaultEffect::cut:
      break;
    default:
      call.effect = fault.kind->effect;
  }
  return right_answer(call);
}

http::Response ProviderApi::kept_or_right(const Call& call) {
  const auto version = around_.cache.is_on() && call.is_authorized && call.request.method == "GET" ? this->version(call) : 0;
  if (version == 0) return right_answer(call);
  std::string key = call.target;
  for (const auto name : {"host", "prefer", "x-forwarded-proto"}) key.append("\n").append(call.request.header(name));
  key.append("\n").append(call.mailbox);
  // Compressed too: else the server does it anew for each answer, which takes longer than all the rest.
  const bool takes_gzip = call.request.header("accept-encoding").find("gzip") != std::string_view::npos;
  if (takes_gzip) key.append("\ngzip");
  if (const auto kept = around_.cache.find(key, version)) return *kept;
  auto response = right_answer(call);
  if (response.status != 200) return response;
  if (auto packed = takes_gzip && response.body.size() >= gzip_bytes_min ? gzip(response.body) : std::string(); !packed.empty()) {
    response.body = std::move(packed);
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  around_.cache.keep(key, version, response);
  return response;
}

}  // namespace letterlock::sim

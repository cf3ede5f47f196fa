#include "adapters/amqp/job_message_json.h"

#include <glaze/glaze.hpp>

namespace letterlock::amqp {
namespace {

struct Body {
  std::string job_id;
  std::string tenant_id;
  std::string connection_id;
  std::string kind;
  int attempt = 1;
};

}  // namespace

std::string to_json(const JobMessage& message) {
  const Body body{.job_id = message.job_id.str(),
                  .tenant_id = message.tenant_id.str(),
                  .connection_id = message.connection_id.str(),
                  .kind = std::string(to_string(message.kind)),
                  .attempt = message.attempt};
  return glz::write_json(body).value_or("{}");
}

Result<JobMessage> job_message_from_json(std::string_view text) {
  Body body;
  const std::string terminated(text);
  if (const auto error = glz::read<glz::opts{.error_on_unknown_keys = false}>(body, terminated))
    return fail(ErrorKind::invalid, "the body of the job is not the JSON object expected");
  const auto kind = job_kind_from(body.kind);
  if (!kind) return fail(ErrorKind::invalid, "the job's kind is unknown");
  if (!is_uuid(body.job_id) || !is_uuid(body.tenant_id)) return fail(ErrorKind::invalid, "the job's job_id or tenant_id is no UUID");
  if (!body.connection_id.empty() && !is_uuid(body.connection_id)) return fail(ErrorKind::invalid, "the job's connection_id is no UUID");
  if (body.attempt < 1) return fail(ErrorKind::invalid, "the job's attempt is below 1");
  return JobMessage{.job_id = JobId(body.job_id),
                    .tenant_id = TenantId(body.tenant_id),
                    .connection_id = ConnectionId(body.connection_id),
                    .kind = *kind,
                    .attempt = body.attempt};
}

}  // namespace letterlock::amqp

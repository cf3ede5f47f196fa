#pragma once

// The body of a job in RabbitMQ: {"job_id":"…","tenant_id":"…","connection_id":"…","kind":"ingestion","attempt":1}

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/job.h"

namespace letterlock::amqp {

std::string to_json(const JobMessage& message);
// invalid: not JSON, a key missing, an id that is no UUID, an unknown kind.
Result<JobMessage> job_message_from_json(std::string_view body);

}  // namespace letterlock::amqp

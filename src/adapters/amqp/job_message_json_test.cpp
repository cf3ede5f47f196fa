#include "adapters/amqp/job_message_json.h"

#include <gtest/gtest.h>

namespace letterlock::amqp {
namespace {

JobMessage sample() {
  return {.job_id = JobId(new_uuid()),
          .tenant_id = TenantId(new_uuid()),
          .connection_id = ConnectionId(new_uuid()),
          .kind = JobKind::analysis,
          .attempt = 3};
}

TEST(JobMessageJson, ComesBackAsItWas) {
  const auto message = sample();
  const auto back = job_message_from_json(to_json(message));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, message);
}

TEST(JobMessageJson, AnAnalysisJobNeedsNoConnection) {
  auto message = sample();
  message.connection_id = {};
  EXPECT_EQ(job_message_from_json(to_json(message)).value(), message);
}

TEST(JobMessageJson, IgnoresKeysOfALaterVersion) {
  auto body = to_json(sample());
  body.insert(1, R"("priority":{"x":[1,2]},)");
  EXPECT_TRUE(job_message_from_json(body));
}

TEST(JobMessageJson, RefusesWhatIsNoJob) {
  const auto good = to_json(sample());
  auto unknown_kind = good;
  unknown_kind.replace(unknown_kind.find("analysis"), 8, "cleaning");
  auto bad_id = good;
  bad_id[bad_id.find("job_id\":\"") + 10] = '!';
  auto no_attempt = good;
  no_attempt.replace(no_attempt.find("\"attempt\":3"), 11, "\"attempt\":0");
  for (const auto& body : {std::string(), std::string("{}"), std::string("null"), std::string("[1]"), std::string(100'000, '['),
                           std::string("\0\xff\xfe", 3), good.substr(0, good.size() - 1), unknown_kind, bad_id, no_attempt}) {
    const auto parsed = job_message_from_json(body);
    ASSERT_FALSE(parsed) << body.substr(0, 200);
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid);
  }
}

}  // namespace
}  // namespace letterlock::amqp

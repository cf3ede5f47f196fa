#include "sim/churn.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/reply.h"
#include "sim/simulator.h"

namespace letterlock::sim {
namespace {

const TimePoint now = *from_rfc3339("2026-11-23T12:00:00Z");

class ChurnTest : public ::testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Simulator> make() {
    auto made = Simulator::create({.seed = 3, .mailboxes = 3, .messages = 8, .now = now}, clock_);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  Json send(Simulator& sim, const std::string& method, const std::string& target, const Json& body = {}, int status = 200) {
    auto request = inner_request(method, target);
    if (!body.is_null()) request.body = body.dump();
    const auto response = sim.handle(Endpoint::control, request);
    EXPECT_EQ(response.status, status) << response.body;
    return Json::parse(response.body).value_or(Json());
  }
  Json play(Simulator& sim, std::int64_t seed, int steps, bool settled = false) {
    return send(sim, "POST", "/control/churn",
                Json::object({{"provider", GetParam()}, {"seed", seed}, {"steps", steps}, {"settled", settled}}));
  }
  std::string truth(Simulator& sim) { return send(sim, "GET", std::string("/control/truth?provider=") + GetParam()).dump(); }

  ManualClock clock_{now};
};

TEST_P(ChurnTest, PlaysTheSameHistoryFromTheSameSeedHoweverItIsCut) {
  const auto one = make(), other = make();
  const auto told = play(*one, 5, 300);
  for (const int piece : {1, 99, 7, 193}) play(*other, 5, piece);
  EXPECT_EQ(told.text("digest"), play(*other, 5, 0).text("digest"));
  EXPECT_EQ(truth(*one), truth(*other));
  EXPECT_EQ(told.number("steps", 0), 300);

  const auto third = make();
  EXPECT_NE(play(*third, 6, 300).text("digest"), told.text("digest"));
  EXPECT_NE(truth(*third), truth(*one));
}

TEST_P(ChurnTest, PlaysEveryKindOfChange) {
  const auto sim = make();
  const auto before = truth(*sim);
  const auto told = play(*sim, 1, 600);
  EXPECT_EQ(told.find("counts")->members().size(), 16u) << told.dump();
  EXPECT_NE(truth(*sim), before);
}

TEST_P(ChurnTest, MarksPoisonousMailInTheTruth) {
  const auto sim = make();
  const auto told = play(*sim, 1, 600);
  int corrupt = 0;
  const auto json = *Json::parse(truth(*sim));
  for (const auto& mailbox : json.find("mailboxes")->items())
    for (const auto& message : mailbox.find("messages")->items()) corrupt += message.find("corrupt")->truthy();
  EXPECT_GT(corrupt, 0);
  EXPECT_LE(corrupt, told.find("counts")->number("poisonous", 0));
}

TEST_P(ChurnTest, RefusesWhatItCannotPlay) {
  const auto sim = make();
  const auto refused = [&](const Json& body) { return send(*sim, "POST", "/control/churn", body, 400).text("error"); };
  EXPECT_EQ(refused(Json::object({{"provider", "elsewhere"}, {"seed", 1}, {"steps", 1}})), "provider must be google or microsoft");
  EXPECT_EQ(refused(Json::object({{"provider", GetParam()}, {"steps", 1}})), "seed must be a number from 0 on");
  EXPECT_EQ(refused(Json::object({{"provider", GetParam()}, {"seed", 1}, {"steps", 100'001}})), "steps must be between 0 and 100000");
}

INSTANTIATE_TEST_SUITE_P(Google, ChurnTest, ::testing::Values("google"));
INSTANTIATE_TEST_SUITE_P(Microsoft, ChurnTest, ::testing::Values("microsoft"));

}  // namespace
}  // namespace letterlock::sim

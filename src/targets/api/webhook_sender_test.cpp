// Deliveries over HTTP to a receiver of the test's own.

#include "targets/api/webhook_sender.h"

#include <gtest/gtest.h>

#include <mutex>

#include "adapters/crypto/hmac.h"
#include "adapters/http/public_client.h"
#include "adapters/http/server.h"
#include "tests/support/control_rig.h"

namespace letterlock::api {
namespace {

using testing::ControlRig;
using testing::must;

TEST(WebhookSender, SendsSignedDeliveriesAndKeepsWhatFailedForLater) {
  ControlRig rig;
  ASSERT_TRUE(rig.database.ok());
  rig.pass_database_clock();
  Metrics metrics;
  std::mutex mutex;
  std::vector<http::Request> received;
  int status = 200;
  const auto server =
      must(http::start_server({.listeners = {{}},
                               .routes = {{"POST", "/in",
                                           [&](const http::Request& request) {
                                             const std::lock_guard lock(mutex);
                                             received.push_back(request);
                                             return http::Response{.status = status, .headers = {{"location", "/elsewhere"}}};
                                           }}}},
                              metrics));
  WebhookService webhooks(rig.pool, rig.master_key, rig.clock, {.private_addresses = true});
  const auto client = must(http::make_client({}));
  WebhookSender sender(webhooks, *client, rig.clock, metrics);
  const auto tenant = rig.new_tenant("firma");
  const auto made = must(webhooks.create(
      tenant, {.name = "in", .url = "http://127.0.0.1:" + std::to_string(server->port(0)) + "/in", .events = {"alert.created"}}));
  const auto deliveries = [&] {
    return must(webhooks.deliveries(tenant, made.webhook.webhook_id, std::nullopt, std::nullopt, 10)).deliveries;
  };

  EXPECT_EQ(must(sender.run_once({})), 0);
  rig.store_findings(tenant, {testing::finding_of("c", "m", rig.clock.now())});
  EXPECT_EQ(must(sender.run_once({})), 1);
  ASSERT_EQ(received.size(), 1U);
  const auto seconds = std::to_string(to_unix_micros(rig.clock.now()) / 1'000'000);
  EXPECT_EQ(received[0].header("x-letterlock-signature"),
            "t=" + seconds + ",v1=" + crypto::hmac_sha256_hex(made.secret, seconds + "." + received[0].body));
  EXPECT_EQ(received[0].header("content-type"), "application/json");
  EXPECT_EQ(deliveries().at(0).state, "delivered");

  for (const int refused : {500, 302, 404}) {
    status = refused;
    const auto id = must(webhooks.ping(tenant, made.webhook.webhook_id)).delivery_id;
    EXPECT_EQ(must(sender.run_once({})), 1);
    EXPECT_EQ(deliveries().at(0).state, "pending") << refused << ": a redirect is not followed, a refusal is tried again";
    EXPECT_EQ(deliveries().at(0).response_status, refused);
    EXPECT_EQ(must(sender.run_once({})), 0) << "not at once";
    status = 200;
    rig.clock.advance(std::chrono::seconds(31));
    EXPECT_EQ(must(sender.run_once({})), 1);
    EXPECT_EQ(deliveries().at(0).state, "delivered") << id;
    EXPECT_EQ(deliveries().at(0).attempts, 2);
    rig.clock.advance(std::chrono::seconds(1));
  }

  // Held to the public internet, the same address is not connected to.
  const auto got = received.size();
  const auto public_client = must(http::make_public_client({}));
  WebhookSender careful(webhooks, *public_client, rig.clock, metrics);
  must(webhooks.ping(tenant, made.webhook.webhook_id));
  EXPECT_EQ(must(careful.run_once({})), 1);
  EXPECT_EQ(received.size(), got);
  EXPECT_TRUE(deliveries().at(0).reason.contains("not on the public internet")) << deliveries().at(0).reason;
  server->stop(std::chrono::seconds(5));
}

}  // namespace
}  // namespace letterlock::api

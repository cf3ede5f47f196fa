#include "tests/support/sim_process.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <stdlib.h>

#include "sim/json.h"

namespace letterlock::sim {
namespace {

using testing::SimProcess;

http::ClientResponse get(http::Client& client, const std::string& url, std::vector<std::pair<std::string, std::string>> headers = {}) {
  auto response = client.send({.url = url, .headers = std::move(headers)}, {});
  EXPECT_TRUE(response) << url;
  return response ? *response : http::ClientResponse{};
}

std::string graph_token(http::Client& client, SimProcess& sim) {
  const auto settings = *Json::parse(sim.microsoft().settings_json);
  const auto secret = *Json::parse(sim.microsoft().secret_json);
  auto response = client.send({.method = "POST",
                               .url = sim.microsoft_url() + "/" + settings.text("tenant") + "/oauth2/v2.0/token",
                               .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                               .body = http::form_encode({{"client_id", settings.text("client_id")},
                                                          {"client_secret", secret.text("client_secret")},
                                                          {"scope", "https://graph.microsoft.com/.default"},
                                                          {"grant_type", "client_credentials"}})},
                              {});
  EXPECT_TRUE(response);
  EXPECT_EQ(response->status, 200) << response->body;
  return Json::parse(response->body)->text("access_token");
}

// Run one of sim/clients/ against the simulator and expect it to be content.
void expect_client_content(const std::string& script, SimProcess& sim, const std::string& last = "") {
  const auto command = "python3 " LETTERLOCK_SOURCE_DIR "/sim/clients/" + script + " " + sim.ready_file() + " " + last;
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

// A certificate for localhost in a folder of the test's own, for clients that insist on TLS.
class Certificate {
 public:
  Certificate() {
    std::string folder = (std::filesystem::temp_directory_path() / "letterlock-certificate-XXXXXX").string();
    EXPECT_TRUE(mkdtemp(folder.data()));
    folder_ = folder;
    EXPECT_EQ(std::system(("python3 " LETTERLOCK_SOURCE_DIR "/sim/clients/certificate.py " + folder_).c_str()), 0);
  }
  ~Certificate() {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
  std::string file() const { return folder_ + "/sim.pem"; }
  std::vector<std::string> and_(std::vector<std::string> arguments) const {
    for (const auto& argument : {std::string("--certificate"), file(), std::string("--key"), folder_ + "/sim.key"})
      arguments.push_back(argument);
    return arguments;
  }

 private:
  std::string folder_;
};

TEST(SimProcess, ServesGraphOverHttpUntilItsTokensExpire) {
  auto sim = SimProcess::start({"--messages", "5"});
  ASSERT_TRUE(sim) << sim.error().message;
  auto client = *http::make_client({});
  const auto token = graph_token(*client, **sim);
  const std::vector<std::pair<std::string, std::string>> headers = {{"Authorization", "Bearer " + token}};
  const auto users = get(*client, (*sim)->microsoft_url() + "/v1.0/users?$select=id,mail", headers);
  EXPECT_EQ(users.status, 200);
  EXPECT_EQ(Json::parse(users.body)->find("value")->items().size(), 8u);
  EXPECT_FALSE(users.header("request-id").empty());

  ASSERT_TRUE((*sim)->control("/control/expire-tokens", R"({"provider":"microsoft"})"));
  EXPECT_EQ(get(*client, (*sim)->microsoft_url() + "/v1.0/users", headers).status, 401);
}

TEST(SimProcess, AnswersWithOrderedFaultsAsOftenAsOrdered) {
  auto sim = SimProcess::start({"--messages", "5"});
  ASSERT_TRUE(sim) << sim.error().message;
  auto client = *http::make_client({});
  const std::vector<std::pair<std::string, std::string>> headers = {{"Authorization", "Bearer " + graph_token(*client, **sim)}};
  ASSERT_TRUE((*sim)->control("/control/faults", R"({"provider":"microsoft","match":"/users","status":503,"times":2,"retry_after":"7"})"));
  const auto url = (*sim)->microsoft_url() + "/v1.0/users";
  const auto first = get(*client, url, headers);
  EXPECT_EQ(first.status, 503);
  EXPECT_EQ(first.header("retry-after"), "7");
  EXPECT_EQ(get(*client, url, headers).status, 503);
  EXPECT_EQ(get(*client, url, headers).status, 200);

  ASSERT_TRUE((*sim)->control("/control/faults", R"({"provider":"microsoft","match":"/users","cut_after_bytes":40})"));
  EXPECT_FALSE(client->send({.url = url, .headers = headers}, {})) << "a cut body is no answer";
  const auto counts = Json::parse(*(*sim)->control("/control/requests"));
  EXPECT_EQ(counts->find("microsoft")->number("users", 0), 2);
  EXPECT_EQ(counts->find("microsoft")->number("fault", 0), 2);
}

TEST(SimProcess, SatisfiesGooglesOwnPythonClient) {
  auto sim = SimProcess::start({"--messages", "30", "--page-size", "7"});
  ASSERT_TRUE(sim) << sim.error().message;
  expect_client_content("google_read.py", **sim);
}

TEST(SimProcess, SatisfiesMicrosoftsOwnPythonClient) {
  const Certificate certificate;
  auto sim = SimProcess::start(certificate.and_({"--messages", "30", "--page-size", "7"}));
  ASSERT_TRUE(sim) << sim.error().message;
  expect_client_content("microsoft_read.py", **sim);
}

TEST(SimProcess, SatisfiesTheOfficialJavaScriptClients) {
  const std::string folder = LETTERLOCK_SOURCE_DIR "/sim/clients/node";
  ASSERT_TRUE(std::filesystem::exists(folder + "/node_modules")) << "the clients are not installed; remedy: run through ./dev test";
  const Certificate certificate;
  auto sim = SimProcess::start(certificate.and_({"--messages", "30", "--page-size", "7"}));
  ASSERT_TRUE(sim) << sim.error().message;
  const auto command = "NODE_EXTRA_CA_CERTS=" + certificate.file() + " node " + folder + "/read.mjs " + (*sim)->ready_file();
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

// One run that touches every endpoint, with faults; the whole test run does the same for every simulator it starts.
TEST(SimProcess, RecordsEveryBodyAndAllFitTheContracts) {
  const Certificate certificate;
  const auto record = std::filesystem::path(certificate.file()).parent_path() / "bodies.jsonl";
  auto sim = SimProcess::start(certificate.and_({"--messages", "12", "--record", record.string()}));
  ASSERT_TRUE(sim) << sim.error().message;
  expect_client_content("google_read.py", **sim);
  expect_client_content("contract_check.py google", **sim);
  expect_client_content("microsoft_read.py", **sim);
  expect_client_content("every_answer.py", **sim);
  const auto command = "python3 " LETTERLOCK_SOURCE_DIR "/sim/clients/contract_check.py recorded " + record.string() +
                       " " LETTERLOCK_SOURCE_DIR "/../shared/contracts/graph-v1.0.csdl";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

TEST(SimProcess, SendsGoogleBodiesThatFitTheDiscoveryDocuments) {
  auto sim = SimProcess::start({"--messages", "30"});
  ASSERT_TRUE(sim) << sim.error().message;
  expect_client_content("contract_check.py google", **sim);
}

TEST(SimProcess, SendsGraphBodiesThatFitTheCsdl) {
  const std::string csdl = LETTERLOCK_SOURCE_DIR "/../shared/contracts/graph-v1.0.csdl";
  if (!std::filesystem::exists(csdl)) GTEST_SKIP() << "../shared/contracts/graph-v1.0.csdl is absent";
  auto sim = SimProcess::start({"--messages", "30"});
  ASSERT_TRUE(sim) << sim.error().message;
  expect_client_content("contract_check.py microsoft", **sim, csdl);
}

TEST(SimProcess, ServesARealCorpusThatFitsTheContracts) {
  const std::string corpus = LETTERLOCK_SOURCE_DIR "/../shared/corpora/dev";
  const std::string csdl = LETTERLOCK_SOURCE_DIR "/../shared/contracts/graph-v1.0.csdl";
  if (!std::filesystem::exists(corpus) || !std::filesystem::exists(csdl)) GTEST_SKIP() << "../shared is absent";
  auto sim = SimProcess::start({"--corpus", corpus, "--mailboxes", "3"});
  ASSERT_TRUE(sim) << sim.error().message;
  expect_client_content("contract_check.py google", **sim);
  expect_client_content("contract_check.py microsoft", **sim, csdl);
}

TEST(SimProcess, SaysWhyItCannotStart) {
  const auto sim = SimProcess::start({"--corpus", "/nonexistent/corpus"});
  ASSERT_FALSE(sim);
  EXPECT_NE(sim.error().message.find("/nonexistent/corpus"), std::string::npos) << sim.error().message;
}

}  // namespace
}  // namespace letterlock::sim

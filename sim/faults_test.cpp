// The fault table: every row comes when it is ordered, by name or by seed.

#include "sim/faults.h"

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "sim/fault_answers.h"
#include "sim/simulator_rig.h"

namespace letterlock::sim {
namespace {

class FaultsTest : public SimulatorTest {
 protected:
  void order(const char* provider, std::string_view kind, int times = 1) {
    control("/control/faults", Json::object({{"provider", provider}, {"kind", kind}, {"times", times}}));
  }
  std::string first_gmail_id(const std::string& token) {
    return Json::parse(send(Endpoint::google, "GET", "/gmail/v1/users/me/messages", token).body)->find("messages")->items()[0].text("id");
  }
  std::string first_graph_id(const std::string& owner, const std::string& token) {
    return Json::parse(
               send(Endpoint::microsoft, "GET", "/v1.0/users/" + owner + "/messages?$top=1", token, "", R"(IdType="ImmutableId")").body)
        ->find("value")
        ->items()[0]
        .text("id");
  }
  // A request that this row befalls.
  http::Response provoke(const FaultKind& kind) {
    if (kind.group == FaultGroup::token) {
      if (kind.provider == "google") return grant("https://www.googleapis.com/auth/gmail.readonly", address("google"));
      return send(Endpoint::microsoft, "POST", "/" + ready_.find("microsoft")->text("tenant") + "/oauth2/v2.0/token", "", "grant_type=x");
    }
    if (kind.provider == "google") return send(Endpoint::google, "GET", "/gmail/v1/users/me/messages/" + gmail_id_ + "?format=raw", gmail_);
    return send(Endpoint::microsoft, "GET", "/v1.0/users/" + graph_owner_ + "/messages/" + graph_id_, graph_);
  }
  void read_first() {
    gmail_ = google_token("gmail.readonly", address("google"));
    gmail_id_ = first_gmail_id(gmail_);
    graph_ = microsoft_token();
    graph_owner_ = address("microsoft");
    graph_id_ = first_graph_id(graph_owner_, graph_);
  }
  // A round of the inbox's delta: its items and the delta link.
  std::pair<std::vector<Json>, std::string> round(std::string url) {
    std::vector<Json> items;
    for (int page = 0; page < 100; ++page) {
      const auto response = send(Endpoint::microsoft, "GET", url, graph_, "", R"(odata.maxpagesize=5, IdType="ImmutableId")");
      EXPECT_EQ(response.status, 200) << response.body;
      const auto body = *Json::parse(response.body);
      for (const auto& item : body.find("value")->items()) items.push_back(item);
      const auto next = body.text("@odata.nextLink");
      url = (next.empty() ? body.text("@odata.deltaLink") : next).substr(std::string("http://microsoft.test").size());
      if (next.empty()) return {items, url};
    }
    ADD_FAILURE() << "the round does not end";
    return {items, url};
  }
  std::string inbox_delta() const { return "/v1.0/users/" + graph_owner_ + "/mailFolders/inbox/messages/delta"; }
  std::string arrive_in_inbox() {
    return control("/control/messages",
                   Json::object({{"provider", "microsoft"}, {"address", graph_owner_}, {"raw_base64", to_base64("Subject: x\r\n\r\nx")}}))
        .text("id");
  }
  void move(const std::string& id, const char* folder, const char* order = "") {
    control("/control/move", Json::object({{"address", graph_owner_}, {"id", id}, {"folder", folder}, {"order", order}}));
  }
  static std::string kinds_of(const std::vector<Json>& items, const std::string& id) {
    std::string kinds;
    for (const auto& item : items)
      if (item.text("id") == id) kinds += item.find("@removed") ? "removed " : item.find("subject") ? "whole " : "partial ";
    return kinds;
  }

  std::string gmail_, gmail_id_, graph_, graph_id_, graph_owner_;
};

TEST_F(FaultsTest, EveryAnswerOfTheTableComesWhenOrderedAndOnlyAsOften) {
  read_first();
  std::size_t checked = 0;
  for (const auto& kind : fault_kinds()) {
    if (kind.effect != FaultEffect::answer || kind.group == FaultGroup::lasting) continue;
    if (kind.on != "api" && kind.on != "token" && kind.on.find("messages.get") == std::string_view::npos) continue;
    SCOPED_TRACE(std::string(kind.provider) + " " + std::string(kind.name));
    order(std::string(kind.provider).c_str(), kind.name);
    const auto response = provoke(kind);
    EXPECT_EQ(response.status, kind.status);
    if (kind.body == "none") {
      EXPECT_TRUE(response.body.empty());
    } else if (kind.body == "html") {
      EXPECT_TRUE(response.body.starts_with("<!DOCTYPE html>"));
    } else {
      const auto body = Json::parse(response.body);
      ASSERT_TRUE(body) << response.body;
      EXPECT_NE(response.body.find(kind.code), std::string::npos) << response.body;
      EXPECT_NE(response.body.find(Json(kind.message.substr(0, 40)).dump().substr(1, 30)), std::string::npos) << response.body;
    }
    const auto after = std::ranges::find_if(response.headers, [](const auto& header) { return header.first == "Retry-After"; });
    EXPECT_EQ(after != response.headers.end(), !kind.retry_after.empty());
    if (kind.retry_after == "date") {
      EXPECT_EQ(after->second, "Mon, 23 Nov 2026 12:00:02 GMT");
    }
    if (kind.group != FaultGroup::token || kind.provider == "google") {
      EXPECT_EQ(provoke(kind).status, 200) << "ordered once";
    }
    ++checked;
  }
  EXPECT_GE(checked, 50u);
}

TEST_F(FaultsTest, TheDocumentListsEveryRow) {
  std::ifstream in(LETTERLOCK_SOURCE_DIR "/docs/reference/simulator.md");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  for (const auto& kind : fault_kinds()) {
    const auto row = "| `" + std::string(kind.name) + "` | " + std::string(kind.provider) + " | " + std::string(name_of(kind.group)) + " |";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

TEST_F(FaultsTest, TheSameSeedGivesTheSameFaults) {
  read_first();
  const auto owner = address("google");
  const auto play = [&](int seed) {
    control("/control/faults", Json::object({{"seed", seed}, {"rate", 0.3}}));
    std::string seen;
    for (int i = 0; i < 400; ++i) {
      const auto response = send(Endpoint::google, "GET", "/gmail/v1/users/me/messages", gmail_);
      while (response.status == 401) {  // the grant is a request too, and may fail by seed
        const auto answer = grant("https://www.googleapis.com/auth/gmail.readonly", owner);
        if (answer.status != 200) continue;
        gmail_ = Json::parse(answer.body)->text("access_token");
        break;
      }
      seen += std::to_string(response.status) + (response.cut_connection ? "c " : response.body_pause.count() ? "s " : " ");
    }
    control("/control/faults", Json::object({{"seed", Json()}}));
    return seen;
  };
  const auto first = play(7);
  EXPECT_EQ(first, play(7));
  EXPECT_NE(first, play(8));
  for (const char* wanted : {"429", "403", "500", "502", "503", "504", "401", "c", "s"})
    EXPECT_NE(first.find(wanted), std::string::npos) << wanted << first;
  auto request = inner_request("POST", "/control/faults");
  request.body = R"({"seed":1,"rate":2})";
  EXPECT_EQ(sim_->handle(Endpoint::control, request).status, 400);
  EXPECT_FALSE(read_fault_seed("x:0.1"));
  EXPECT_FALSE(read_fault_seed("1:0.1:nonsense"));
  EXPECT_EQ(read_fault_seed("9:0.5:page,lasting")->groups, (std::set{FaultGroup::page, FaultGroup::lasting}));
}

TEST_F(FaultsTest, GmailPagesCanBeEmptyAndGoOn) {
  read_first();
  const auto start = Json::parse(send(Endpoint::google, "GET", "/gmail/v1/users/me/profile", gmail_).body)->text("historyId");
  for (const auto& path : {std::string("messages?maxResults=10"), "history?startHistoryId=" + start}) {
    control("/control/messages",
            Json::object({{"provider", "google"}, {"address", address("google")}, {"raw_base64", to_base64("Subject: x\r\n\r\nx")}}));
    order("google", "empty-page");
    const auto empty = *Json::parse(send(Endpoint::google, "GET", "/gmail/v1/users/me/" + path, gmail_).body);
    EXPECT_FALSE(empty.find("messages")) << empty.dump();
    EXPECT_FALSE(empty.find("history"));
    ASSERT_FALSE(empty.text("nextPageToken").empty());
    const auto next = *Json::parse(
        send(Endpoint::google, "GET", "/gmail/v1/users/me/" + path + "&pageToken=" + empty.text("nextPageToken"), gmail_).body);
    EXPECT_TRUE(next.find("messages") || next.find("history")) << next.dump();
  }
}

TEST_F(FaultsTest, AMessageCanVanishBetweenListAndGetForGood) {
  read_first();
  order("google", "vanished");
  EXPECT_EQ(provoke(*fault_kind("google", "vanished")).status, 404);
  EXPECT_EQ(provoke(*fault_kind("google", "vanished")).status, 404);
  const auto truth = control("/control/truth?provider=google").dump();
  EXPECT_EQ(truth.find(gmail_id_), std::string::npos) << "the truth knows";
  order("microsoft", "vanished");
  EXPECT_EQ(provoke(*fault_kind("microsoft", "vanished")).status, 404);
}

TEST_F(FaultsTest, ATokenCanExpireInMidPaging) {
  read_first();
  order("google", "token-expired");
  EXPECT_EQ(provoke(*fault_kind("google", "token-expired")).status, 401);
  EXPECT_EQ(provoke(*fault_kind("google", "token-expired")).status, 401) << "the same token stays useless";
  gmail_ = google_token("gmail.readonly", address("google"));
  EXPECT_EQ(provoke(*fault_kind("google", "token-expired")).status, 200);
  order("microsoft", "token-expired");
  EXPECT_EQ(provoke(*fault_kind("microsoft", "token-expired")).status, 401);
  graph_ = microsoft_token();
  EXPECT_EQ(provoke(*fault_kind("microsoft", "token-expired")).status, 200);
}

TEST_F(FaultsTest, CursorsExpireInEveryDocumentedWay) {
  read_first();
  const auto start = Json::parse(send(Endpoint::google, "GET", "/gmail/v1/users/me/profile", gmail_).body)->text("historyId");
  order("google", "history-expired");
  EXPECT_EQ(send(Endpoint::google, "GET", "/gmail/v1/users/me/history?startHistoryId=" + start, gmail_).status, 404);
  for (const auto& [kind, code] :
       {std::pair{"delta-expired", "SyncStateNotFound"}, {"delta-resync", "resyncRequired"}, {"delta-invalid", "syncStateInvalid"}}) {
    const auto [items, link] = round(inbox_delta());
    order("microsoft", kind);
    for (int again = 0; again < 2; ++again) {
      const auto response = send(Endpoint::microsoft, "GET", link, graph_);
      EXPECT_EQ(response.status, 410) << "the cursor stays gone";
      if (again == 0) {
        EXPECT_EQ(Json::parse(response.body)->find("error")->text("code"), code);
      }
    }
    EXPECT_EQ(round(inbox_delta()).first.size(), items.size()) << "a new round works";
  }
}

TEST_F(FaultsTest, DeltasRepeatDelayAndShortenTheirItems) {
  read_first();
  order("microsoft", "empty-page");
  order("microsoft", "duplicate-items");
  order("microsoft", "partial-items");
  const auto [items, link] = round(inbox_delta());
  std::map<std::string, std::string> kinds;
  for (const auto& item : items) kinds[item.text("id")] = kinds_of(items, item.text("id"));
  EXPECT_TRUE(std::ranges::any_of(kinds, [](const auto& entry) { return entry.second == "whole whole "; }));
  EXPECT_TRUE(std::ranges::any_of(kinds, [](const auto& entry) { return entry.second == "whole partial "; }));

  const auto id = arrive_in_inbox();
  order("microsoft", "late-items");
  const auto [now_nothing, later] = round(link);
  EXPECT_TRUE(now_nothing.empty()) << "held back";
  EXPECT_EQ(kinds_of(round(later).first, id), "whole ");

  control("/control/expire-cursors", Json::object({{"provider", "microsoft"}}));
  order("microsoft", "late-items");
  const auto [all_but_one, after] = round(inbox_delta());
  const auto [the_one, end] = round(after);
  EXPECT_EQ(the_one.size(), 1u) << "an item of the first round comes in the second";
  EXPECT_EQ(kinds_of(all_but_one, the_one.empty() ? "" : the_one[0].text("id")), "");
}

TEST_F(FaultsTest, MovesAreToldInBothOrdersAndAReturnCanBeLost) {
  read_first();
  const auto id = arrive_in_inbox();
  auto inbox = round(inbox_delta()).second;
  const auto archive_delta = "/v1.0/users/" + graph_owner_ + "/mailFolders/archive/messages/delta";
  auto archive = round(archive_delta).second;
  const auto step = [&](std::string& link) {
    auto [items, next] = round(link);
    link = next;
    return kinds_of(items, id);
  };
  move(id, "archive", "removal_first");
  EXPECT_EQ(step(archive), "") << "the arrival waits a round";
  EXPECT_EQ(step(inbox), "removed ");
  EXPECT_EQ(step(archive), "whole ");
  move(id, "inbox", "arrival_first");
  EXPECT_EQ(step(archive), "") << "the removal waits a round";
  EXPECT_EQ(step(inbox), "whole ");
  EXPECT_EQ(step(archive), "removed ");

  move(id, "archive");
  move(id, "inbox");
  order("microsoft", "lost-return");
  EXPECT_EQ(step(inbox), "removed ");
  EXPECT_EQ(step(inbox), "") << "and never again";
  EXPECT_EQ(
      send(Endpoint::microsoft, "GET", "/v1.0/users/" + graph_owner_ + "/messages/" + id, graph_, "", R"(IdType="ImmutableId")").status,
      200)
      << "although it is there";
}

TEST_F(FaultsTest, MailboxesAreUnlicensedSuspendedAndMessagesCorruptUntilOrderedAway) {
  read_first();
  const auto set = [&](const char* provider, const std::string& who, const char* condition) {
    control("/control/condition", Json::object({{"provider", provider}, {"address", who}, {"condition", condition}}));
  };
  const auto owner = address("google");
  set("google", owner, "mail-not-enabled");
  const auto refused = send(Endpoint::google, "GET", "/gmail/v1/users/me/profile", gmail_);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("Mail service not enabled"), std::string::npos);
  set("google", owner, "suspended");
  const auto directory = google_token("admin.directory.user.readonly", ready_.find("google")->text("admin_email"));
  const auto listed = Json::parse(send(Endpoint::google, "GET", "/admin/directory/v1/users?customer=my_customer", directory).body);
  for (const auto& user : listed->find("users")->items()) EXPECT_EQ(user.find("suspended")->truthy(), user.text("primaryEmail") == owner);
  set("google", owner, "");
  EXPECT_EQ(send(Endpoint::google, "GET", "/gmail/v1/users/me/profile", gmail_).status, 200);

  set("microsoft", graph_owner_, "mailbox-not-enabled");
  const auto gone = send(Endpoint::microsoft, "GET", "/v1.0/users/" + graph_owner_ + "/mailFolders", graph_);
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(Json::parse(gone.body)->find("error")->text("code"), "MailboxNotEnabledForRESTAPI");
  EXPECT_EQ(send(Endpoint::microsoft, "GET", "/v1.0/users/" + graph_owner_, graph_).status, 200) << "the user is still there";
  set("microsoft", graph_owner_, "");

  control("/control/condition", Json::object({{"provider", "google"}, {"id", gmail_id_}, {"corrupt", true}}));
  control("/control/condition", Json::object({{"provider", "microsoft"}, {"id", graph_id_}, {"corrupt", true}}));
  for (int again = 0; again < 3; ++again) {
    EXPECT_NE(provoke(*fault_kind("google", "corrupt-item")).body.find("Precondition check failed."), std::string::npos);
    EXPECT_NE(provoke(*fault_kind("microsoft", "corrupt-item")).body.find("ErrorCorruptData"), std::string::npos);
  }
  EXPECT_NE(control("/control/truth?provider=google").dump().find(R"("corrupt":true)"), std::string::npos);
}

TEST_F(FaultsTest, FaultsBefallThePartsOfABatchToo) {
  read_first();
  order("google", "too-many-concurrent");
  const std::string body =
      "--b\r\nContent-Type: application/http\r\nContent-ID: <1>\r\n\r\nGET /gmail/v1/users/me/messages/" + gmail_id_ +
      "?format=raw\r\n\r\n--b\r\nContent-Type: application/http\r\nContent-ID: <2>\r\n\r\nGET /gmail/v1/users/me/messages/" + gmail_id_ +
      "?format=raw\r\n\r\n--b--\r\n";
  auto request = inner_request("POST", "/batch/gmail/v1");
  request.headers = {{"host", "google.test"}, {"authorization", "Bearer " + gmail_}, {"content-type", "multipart/mixed; boundary=b"}};
  request.body = body;
  const auto response = sim_->handle(Endpoint::google, request);
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find("HTTP/1.1 429"), std::string::npos);
  EXPECT_NE(response.body.find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(FaultsTest, AnAttachmentOfAHundredMegabytesIsMadeOnDemand) {
  read_first();
  const auto id =
      control("/control/messages", Json::object({{"provider", "google"}, {"address", address("google")}, {"attachment_bytes", 100 << 20}}))
          .text("id");
  const auto body = send(Endpoint::google, "GET", "/gmail/v1/users/me/messages/" + id + "?format=raw", gmail_).body;
  EXPECT_GT(body.size(), std::size_t{180} << 20);
  auto request = inner_request("POST", "/control/messages");
  request.body = R"({"provider":"google","address":")" + address("google") + R"(","attachment_bytes":999999999})";
  EXPECT_EQ(sim_->handle(Endpoint::control, request).status, 400);
}

}  // namespace
}  // namespace letterlock::sim

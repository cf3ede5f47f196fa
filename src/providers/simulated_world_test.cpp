// The connectors against letterlock-sim over HTTP, and the archive against a folder: one suite for all.

#include <filesystem>
#include <fstream>
#include <glaze/glaze.hpp>

#include "base/encoding.h"
#include "base/id.h"
#include "providers/factory.h"
#include "providers/provider_conformance.h"
#include "tests/support/sim_process.h"

namespace letterlock::providers {

namespace truth_wire {
struct Message {
  std::string id;
  std::optional<std::vector<std::string>> labels;
  std::optional<std::string> folder_id;
};
struct Mailbox {
  std::string user_id, address;
  std::vector<Message> messages;
};
struct Truth {
  std::vector<Mailbox> mailboxes;
};
struct SettingsMailbox {
  std::string user_id;
  std::vector<MailboxSetting> rows;
};
struct SettingsTruth {
  std::vector<SettingsMailbox> mailboxes;
};
}  // namespace truth_wire

namespace {

using namespace std::chrono_literals;

class SimulatedWorld final : public ProviderWorld {
 public:
  explicit SimulatedWorld(ProviderKind kind, bool by_certificate = false) : kind_(kind), by_certificate_(by_certificate) {
    auto sim = letterlock::testing::SimProcess::start({"--mailboxes", "3", "--messages", "40", "--page-size", "9"});
    if (!sim) ADD_FAILURE() << sim.error().message;
    CHECK(sim.has_value());
    sim_ = std::move(*sim);
    client_ = std::move(*http::make_client({}));
  }

  std::unique_ptr<Provider> make_provider() override {
    const auto& from = kind_ == ProviderKind::google ? sim_->google()
                       : by_certificate_             ? sim_->microsoft_by_certificate()
                                                     : sim_->microsoft();
    auto provider =
        letterlock::make_provider({.provider = kind_, .settings_json = from.settings_json, .secret_json = from.secret_json}, *client_,
                                  clock_, metrics_, {.backoff = {.first = 5ms, .max = 20ms, .tries_max = 8}, .request_timeout = 20s});
    if (!provider) ADD_FAILURE() << provider.error().message;
    CHECK(provider.has_value());
    return std::move(*provider);
  }
  std::map<std::string, WorldMailbox> truth() override {
    const auto json = control("/control/truth?provider=" + name(), "");
    truth_wire::Truth truth;
    constexpr glz::opts lenient{.error_on_unknown_keys = false, .error_on_missing_keys = false};
    CHECK(!glz::read<lenient>(truth, json));
    std::map<std::string, WorldMailbox> out;
    for (auto& mailbox : truth.mailboxes) {
      auto& to = out[mailbox.user_id];
      to.address = mailbox.address;
      for (auto& message : mailbox.messages) {
        to.ids.insert(message.id);
        if (message.labels) to.places[message.id] = std::set<std::string>(message.labels->begin(), message.labels->end());
        if (message.folder_id) to.places[message.id] = {*message.folder_id};
      }
    }
    return out;
  }
  void deliver(const std::string& address, const std::string& raw) override {
    control("/control/messages",
            R"({"provider":")" + name() + R"(","address":")" + address + R"(","folder":"inbox","raw_base64":")" + to_base64(raw) + "\"}");
  }
  void remove(const std::string& address, const std::string& id) override {
    control("/control/delete", R"({"provider":")" + name() + R"(","address":")" + address + R"(","id":")" + id + "\"}");
  }
  void relocate(const std::string& address, const std::string& id) override {
    const std::string who = R"({"provider":")" + name() + R"(","address":")" + address + R"(","id":")" + id + "\",";
    if (kind_ == ProviderKind::google)
      control("/control/labels", who + R"("add":["TRASH"],"remove":["INBOX","UNREAD"]})");
    else
      control("/control/move", who + R"("folder":"deleteditems"})");
  }
  void put_back(const std::string& address, const std::string& id, const std::set<std::string>& place) override {
    const std::string who = R"({"provider":")" + name() + R"(","address":")" + address + R"(","id":")" + id + "\",";
    if (kind_ == ProviderKind::microsoft) {
      control("/control/move", who + R"("folder":")" + *place.begin() + "\"}");
      return;
    }
    std::string labels;
    for (const auto& label : place) labels += (labels.empty() ? "\"" : ",\"") + label + '"';
    const std::string gone = place.contains("TRASH") ? "" : "\"TRASH\"";
    control("/control/labels", who + "\"add\":[" + labels + "],\"remove\":[" + gone + "]}");
  }
  std::optional<std::map<std::string, std::vector<MailboxSetting>>> settings() override {
    truth_wire::SettingsTruth truth;
    constexpr glz::opts lenient{.error_on_unknown_keys = false, .error_on_missing_keys = false};
    CHECK(!glz::read<lenient>(truth, control("/control/settings?provider=" + name(), "")));
    std::map<std::string, std::vector<MailboxSetting>> out;
    for (auto& mailbox : truth.mailboxes) out[mailbox.user_id] = std::move(mailbox.rows);
    return out;
  }
  void change_settings(const std::string& address) override {
    const std::string forwarding = kind_ == ProviderKind::google
                                       ? R"("auto_forward_to":"Drop@Free.example","forwarding_addresses":["drop@free.example"],)"
                                         R"("delegates":["helper@acme.example"],)"
                                       : R"("automatic_reply":"I am away.",)";
    control("/control/settings", R"({"provider":")" + name() + R"(","address":")" + address + R"(","settings":{)" + forwarding +
                                     R"("rules":[{"name":"..","subject_contains":["Invoice","bank details"],"body_contains":["IBAN"],)"
                                     R"("from_contains":["CFO@acme.example"],"move_to":"rssfeeds","marks_read":true,"stops":true},)"
                                     R"({"name":"fwd","body_contains":["payment"],"forward_to":"drop@free.example","deletes":true},)"
                                     R"({"name":"Größe","enabled":false,"subject_contains":["x"],"move_to":"archive"}]}})");
  }
  void expire_cursors() override { control("/control/expire-cursors", R"({"provider":")" + name() + "\"}"); }
  void expire_tokens() override { control("/control/expire-tokens", R"({"provider":")" + name() + "\"}"); }
  void order_fault(const std::string& match, const std::string& members) override {
    control("/control/faults", R"({"provider":")" + name() + R"(","match":")" + match + "\"," + members + "}");
  }
  std::string mail_path() const override { return kind_ == ProviderKind::google ? "/gmail/v1/users/" : "/mailFolders"; }

 private:
  std::string name() const { return std::string(to_string(kind_)); }
  std::string control(const std::string& path, const std::string& json) {
    auto answered = sim_->control(path, json);
    if (!answered) ADD_FAILURE() << path << " " << json << ": " << answered.error().message;
    return answered ? *answered : "";
  }

  const ProviderKind kind_;
  const bool by_certificate_;
  std::unique_ptr<letterlock::testing::SimProcess> sim_;
  std::unique_ptr<http::Client> client_;
  SystemClock clock_;
  Metrics metrics_;
};

class FolderWorld final : public ProviderWorld {
 public:
  FolderWorld() {
    std::filesystem::create_directories(folder_);
    for (int i = 0; i < 20; ++i) deliver("", "Subject: " + std::to_string(i) + "\n\n");
  }
  ~FolderWorld() override { std::filesystem::remove_all(folder_); }
  std::unique_ptr<Provider> make_provider() override {
    auto provider = letterlock::make_provider(
        {.provider = ProviderKind::archive,
         .settings_json = R"({"paths":[")" + folder_.string() + R"("],"mailbox_address":"import@example.test","named_by_operator":true})"},
        *client_, clock_, metrics_);
    CHECK(provider.has_value());
    return std::move(*provider);
  }
  std::map<std::string, WorldMailbox> truth() override {
    WorldMailbox mailbox{.address = "import@example.test"};
    for (const auto& [name, raw] : files_) mailbox.ids.insert(sha256_hex(name + '\0' + raw));
    return {{mailbox.address, mailbox}};
  }
  void deliver(const std::string&, const std::string& raw) override {
    const std::string name = std::to_string(files_.size()) + ".eml";
    files_[name] = raw;
    std::ofstream(folder_ / name, std::ios::binary) << raw;
  }
  bool is_remote() const override { return false; }

 private:
  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("letterlock-world-" + new_uuid());
  std::map<std::string, std::string> files_;
  std::unique_ptr<http::Client> client_ = std::move(*http::make_client({}));
  SystemClock clock_;
  Metrics metrics_;
};

INSTANTIATE_TEST_SUITE_P(Google, ProviderConformance,
                         ::testing::Values(MakeWorld([] { return std::make_unique<SimulatedWorld>(ProviderKind::google); })));
INSTANTIATE_TEST_SUITE_P(Microsoft, ProviderConformance,
                         ::testing::Values(MakeWorld([] { return std::make_unique<SimulatedWorld>(ProviderKind::microsoft); })));
INSTANTIATE_TEST_SUITE_P(MicrosoftByCertificate, ProviderConformance,
                         ::testing::Values(MakeWorld([] { return std::make_unique<SimulatedWorld>(ProviderKind::microsoft, true); })));
INSTANTIATE_TEST_SUITE_P(Archive, ProviderConformance, ::testing::Values(MakeWorld([] { return std::make_unique<FolderWorld>(); })));

}  // namespace
}  // namespace letterlock::providers

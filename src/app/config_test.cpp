#include "app/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace letterlock {
namespace {

std::string error_of(const std::map<std::string, std::string>& environment, const std::string& file = "") {
  const auto config = load_config(environment, file);
  return config ? "" : config.error().message;
}

class ConfigFile {
 public:
  explicit ConfigFile(std::string_view text) : path_(std::filesystem::temp_directory_path() / ("letterlock-config-" + new_uuid())) {
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(Config, HasADefaultForEverythingThatDoesNotDependOnTheInstallation) {
  const auto config = load_config({}, "");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->amqp_prefix, "letterlock");
  EXPECT_EQ(config->http_address.host, "127.0.0.1");
  EXPECT_EQ(config->http_address.port, 0);
  EXPECT_EQ(config->slice_seconds_max, 300);
  EXPECT_FALSE(config->share_dir.empty());
}

TEST(Config, TheEnvironmentWinsOverTheFile) {
  const ConfigFile file("# ours\nLETTERLOCK_AMQP_PREFIX = a\n\nLETTERLOCK_LOG_LEVEL=\"debug\"\n");
  const auto config = load_config({{"LETTERLOCK_AMQP_PREFIX", "b"}, {"HOME", "/nowhere"}}, file.path());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->amqp_prefix, "b");
  EXPECT_EQ(config->log_level, LogLevel::debug);
}

TEST(Config, ReadsTheFileThatTheEnvironmentNamesUnlessAnotherIsGiven) {
  const ConfigFile named("LETTERLOCK_AMQP_PREFIX=named\n"), given("LETTERLOCK_AMQP_PREFIX=given\n");
  const std::map<std::string, std::string> environment = {{"LETTERLOCK_CONFIG_FILE", named.path()}};
  EXPECT_EQ(load_config(environment, "").value().amqp_prefix, "named");
  EXPECT_EQ(load_config(environment, given.path()).value().amqp_prefix, "given");
  EXPECT_TRUE(error_of({{"LETTERLOCK_CONFIG_FILE", "/nowhere/at/all"}}).contains("/nowhere/at/all"));
  const ConfigFile chained("LETTERLOCK_CONFIG_FILE=/etc/other\n");
  EXPECT_TRUE(error_of({}, chained.path()).contains("LETTERLOCK_CONFIG_FILE"));
}

TEST(Config, RefusesASettingThatTheFileGivesTwice) {
  const ConfigFile file("LETTERLOCK_AMQP_PREFIX=a\nLETTERLOCK_LOG_LEVEL=info\nLETTERLOCK_AMQP_PREFIX=b\n");
  EXPECT_TRUE(error_of({}, file.path()).ends_with(":3: LETTERLOCK_AMQP_PREFIX is set twice")) << error_of({}, file.path());
}

TEST(Config, RefusesAFolderInPlaceOfItsFile) {
  EXPECT_TRUE(error_of({}, std::filesystem::temp_directory_path().string()).contains("cannot read the configuration file"));
}

TEST(Config, NamesAnUnknownSetting) {
  EXPECT_NE(error_of({{"LETTERLOCK_DATABSE_URL", "x"}}).find("LETTERLOCK_DATABSE_URL"), std::string::npos);
  const ConfigFile file("LETTERLOCK_AMQP_PREFIX=a\nCOLOUR=red\n");
  EXPECT_NE(error_of({}, file.path()).find(":2: unknown setting COLOUR"), std::string::npos);
}

TEST(Config, LetsTheSettingsOfTestsAndOfTheDevScriptBe) {
  EXPECT_EQ(error_of({{"LETTERLOCK_TEST_AMQP_URL", "x"}, {"LETTERLOCK_CACHE", "/c"}}), "");
}

TEST(Config, NamesTheSettingOfABadValue) {
  EXPECT_TRUE(error_of({{"LETTERLOCK_INGESTION_CONCURRENCY", "many"}}).starts_with("LETTERLOCK_INGESTION_CONCURRENCY"));
  EXPECT_TRUE(error_of({{"LETTERLOCK_INGESTION_CONCURRENCY", "0"}}).starts_with("LETTERLOCK_INGESTION_CONCURRENCY"));
  EXPECT_TRUE(error_of({{"LETTERLOCK_INGESTION_CONCURRENCY", "3x"}}).starts_with("LETTERLOCK_INGESTION_CONCURRENCY"));
  EXPECT_TRUE(error_of({{"LETTERLOCK_HTTP_ADDRESS", "localhost"}}).starts_with("LETTERLOCK_HTTP_ADDRESS"));
  EXPECT_TRUE(error_of({{"LETTERLOCK_HTTP_ADDRESS", "localhost:99999"}}).starts_with("LETTERLOCK_HTTP_ADDRESS"));
  EXPECT_TRUE(error_of({{"LETTERLOCK_LOG_LEVEL", "loud"}}).starts_with("LETTERLOCK_LOG_LEVEL"));
  EXPECT_TRUE(error_of({{"LETTERLOCK_API_URL", "localhost"}}).starts_with("LETTERLOCK_API_URL"));
  EXPECT_TRUE(error_of({{"LETTERLOCK_TLS_KEY_FILE", "/k"}}).contains("LETTERLOCK_TLS_CERTIFICATE_FILE"));
  EXPECT_TRUE(error_of({{"LETTERLOCK_ARCHIVE_FOLDERS", "/srv/mail:mail"}}).starts_with("LETTERLOCK_ARCHIVE_FOLDERS: mail is no"));
  EXPECT_TRUE(error_of({}, "/nowhere/at/all").contains("/nowhere/at/all"));
}

TEST(Config, AsksForTheSchemeOfAUrlAndNeverRepeatsAPassword) {
  const auto database = error_of({{"LETTERLOCK_DATABASE_URL", "mysql://me:hunter2@db/letterlock"}});
  EXPECT_TRUE(database.starts_with("LETTERLOCK_DATABASE_URL")) << database;
  EXPECT_TRUE(database.contains("postgresql://")) << database;
  EXPECT_FALSE(database.contains("hunter2")) << database;
  const auto broker = error_of({{"LETTERLOCK_AMQP_URL", "guest:hunter2@broker"}});
  EXPECT_TRUE(broker.starts_with("LETTERLOCK_AMQP_URL") && broker.contains("amqps://") && !broker.contains("hunter2")) << broker;
  EXPECT_TRUE(error_of({{"LETTERLOCK_STORAGE_URL", "https://storage:1"}}).contains("grpc+tls://"));
  EXPECT_TRUE(error_of({{"LETTERLOCK_PUBLIC_URL", "ftp://mail.example"}}).contains("\"ftp://mail.example\""));
  EXPECT_TRUE(error_of({{"LETTERLOCK_API_URL", "https://"}}).starts_with("LETTERLOCK_API_URL"));
  EXPECT_EQ(error_of({{"LETTERLOCK_DATABASE_URL", "postgres://u@h/d"}, {"LETTERLOCK_STORAGE_URL", "grpc://storage:1"}}), "");
}

TEST(Config, ReadsAnIpv6Address) {
  const auto config = load_config({{"LETTERLOCK_HTTP_ADDRESS", "[::1]:8080"}}, "");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->http_address.host, "::1");
  EXPECT_EQ(config->http_address.port, 8080);
}

TEST(Config, ReadsTheNetworksOfTrustedProxies) {
  EXPECT_EQ(error_of({{"LETTERLOCK_TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8"}}), "");
  const auto wrong = error_of({{"LETTERLOCK_TRUSTED_PROXIES", "10.0.0.0/8,proxy.example"}});
  EXPECT_TRUE(wrong.starts_with("LETTERLOCK_TRUSTED_PROXIES") && wrong.contains("\"proxy.example\"")) << wrong;
}

TEST(Config, TellsWhereAProcessAnswersWhetherItIsReady) {
  const auto url = [](const std::map<std::string, std::string>& environment) {
    return readiness_url(load_config(environment, "").value());
  };
  const std::map<std::string, std::string> tls{{"LETTERLOCK_TLS_CERTIFICATE_FILE", "/c"}, {"LETTERLOCK_TLS_KEY_FILE", "/k"}};
  const auto with = [](std::map<std::string, std::string> environment, const std::string& name, const std::string& value) {
    environment[name] = value;
    return environment;
  };
  EXPECT_EQ(*url({{"LETTERLOCK_INTERNAL_ADDRESS", "127.0.0.1:8445"}, {"LETTERLOCK_HTTP_ADDRESS", "0.0.0.0:8443"}}),
            "http://127.0.0.1:8445/readyz");
  EXPECT_EQ(*url({{"LETTERLOCK_HTTP_ADDRESS", "0.0.0.0:8443"}}), "http://localhost:8443/readyz");
  EXPECT_EQ(*url(with(tls, "LETTERLOCK_INTERNAL_ADDRESS", "0.0.0.0:8445")), "https://localhost:8445/readyz");
  EXPECT_EQ(*url({{"LETTERLOCK_INTERNAL_ADDRESS", "[::1]:8445"}}), "http://[::1]:8445/readyz");
  EXPECT_TRUE(url({{"LETTERLOCK_INTERNAL_ADDRESS", "127.0.0.1:0"}}).error().message.contains("LETTERLOCK_INTERNAL_ADDRESS"));
}

TEST(Config, SaysWhatTheTargetsNeedInTheirCombination) {
  const auto config = load_config({{"LETTERLOCK_AMQP_URL", "amqp://x"}}, "");
  ASSERT_TRUE(config);
  const auto missing = [&](std::string_view targets) {
    const auto checked = check_needs(*config, TargetSet::parse(targets).value());
    return checked ? std::string() : checked.error().message.substr(0, checked.error().message.find(' '));
  };
  EXPECT_EQ(missing("all"), "LETTERLOCK_DATABASE_URL");
  EXPECT_EQ(missing("scheduler"), "LETTERLOCK_DATABASE_URL");
  EXPECT_EQ(missing("storage"), "DUCKDB_PATH");
  EXPECT_EQ(missing("ingestion"), "LETTERLOCK_API_URL");
}

TEST(Config, NamesAFileThatIsNotThereToTheTargetsThatReadIt) {
  const ConfigFile token("secret\n");
  const auto checked = [&](std::map<std::string, std::string> more, std::string_view targets = "ingestion") {
    std::map<std::string, std::string> environment = {{"LETTERLOCK_AMQP_URL", "amqp://x"},
                                                      {"LETTERLOCK_API_URL", "https://api:1"},
                                                      {"LETTERLOCK_STORAGE_URL", "grpc+tls://storage:1"},
                                                      {"LETTERLOCK_SERVICE_TOKEN_FILE", token.path()}};
    for (auto& [name, value] : more) environment[name] = value;
    const auto result = check_needs(load_config(environment, "").value(), TargetSet::parse(targets).value());
    return result ? "" : result.error().message;
  };
  EXPECT_EQ(checked({}), "");
  EXPECT_EQ(checked({{"LETTERLOCK_SERVICE_TOKEN_FILE", "/nowhere"}}),
            "LETTERLOCK_SERVICE_TOKEN_FILE: cannot read /nowhere: No such file or directory");
  EXPECT_EQ(checked({{"LETTERLOCK_CA_FILE", "/tmp"}}), "LETTERLOCK_CA_FILE: /tmp is a folder, not a file");
  EXPECT_EQ(checked({{"LETTERLOCK_SHARE_DIR", token.path()}}), "LETTERLOCK_SHARE_DIR: " + token.path() + " is no folder");
  EXPECT_EQ(checked({{"LETTERLOCK_READY_FILE", "/tmp/not-yet-there"}}), "");  // written, not read
  EXPECT_EQ(checked({{"LETTERLOCK_MASTER_KEY_FILE", "/nowhere"}}), "");       // api's alone
}

TEST(Config, EverySettingIsDescribed) {
  const auto text = describe_settings();
  for (const auto& setting : settings()) {
    EXPECT_NE(text.find(std::string(setting.name) + "\n"), std::string::npos);
    EXPECT_FALSE(setting.help.empty()) << setting.name;
  }
}

TEST(TargetSet, ReadsAllAndLists) {
  EXPECT_EQ(TargetSet::parse("all").value().text(), "all");
  EXPECT_EQ(TargetSet::parse("ingestion,storage").value().text(), "storage,ingestion");
  EXPECT_EQ(TargetSet::parse("api,scheduler,ingestion,analysis,storage").value().text(), "all");
  EXPECT_FALSE(TargetSet::parse(""));
  EXPECT_FALSE(TargetSet::parse("api,"));
  EXPECT_TRUE(TargetSet::parse("apis").error().message.contains("\"apis\""));
}

// `letterlock config --markdown` prints the table that the page must hold.
TEST(Config, IsWhatTheReferencePageSays) {
  std::ifstream file(LETTERLOCK_SOURCE_DIR "/docs/reference/configuration.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(page.find("\n" + settings_as_markdown() + "\n"), std::string::npos) << settings_as_markdown();
}

}  // namespace
}  // namespace letterlock

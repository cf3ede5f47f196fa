// Real mail through the archive connector, the pipeline and the parser. Skips where ../shared/corpora is absent.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "domain/ingestion/memory_storage.h"
#include "domain/ingestion/service.h"
#include "providers/archive/archive_provider.h"

namespace letterlock::ingestion {
namespace {

namespace fs = std::filesystem;

class Corpus : public testing::Test {
 protected:
  static fs::path corpora() { return fs::path(LETTERLOCK_SOURCE_DIR) / "../shared/corpora"; }

  void import(const fs::path& path) {
    storage_.keeps_content = false;
    Service service(
        storage_, parser_,
        [&](const Connection&) -> Result<std::unique_ptr<Provider>> {
          return std::make_unique<providers::ArchiveProvider>(
              providers::ArchiveSettings{.paths = {path.string()}, .mailbox_address = "import@example.test", .named_by_operator = true},
              clock_, metrics_);
        },
        clock_, metrics_, {.slice_messages_max = 2000});
    const Connection connection{.connection_id = ConnectionId("c"), .tenant_id = TenantId("t"), .provider = ProviderKind::archive};
    for (int slices = 0;; ++slices) {
      ASSERT_LT(slices, 100);
      const auto outcome = service.sync_tenant(connection, {});
      ASSERT_TRUE(outcome) << outcome.error().message;
      ASSERT_FALSE(outcome->error) << outcome->error->message;
      if (!outcome->more) break;
    }
    for (const auto& [key, item] : storage_.set_aside) ++reasons_[item.reason.substr(item.reason.find(": ") + 1)];
  }

  MemoryStorage storage_;
  mail::InProcessParser parser_;
  SystemClock clock_;
  Metrics metrics_;
  std::map<std::string, int> reasons_;
};

TEST_F(Corpus, EveryDevelopmentMessageIsStoredOrSetAside) {
  const auto folder = corpora() / "dev";
  if (!fs::exists(folder / "manifest.json")) GTEST_SKIP() << "../shared/corpora/dev is absent";
  std::ifstream file(folder / "manifest.json");
  const std::string manifest{std::istreambuf_iterator<char>(file), {}};
  std::size_t messages = 0;
  for (auto at = manifest.find("\"sha256\""); at != std::string::npos; at = manifest.find("\"sha256\"", at + 1)) ++messages;
  ASSERT_GT(messages, 0u);
  import(folder);
  EXPECT_EQ(storage_.rows.size() + storage_.set_aside.size(), messages);
  EXPECT_LT(storage_.set_aside.size(), messages / 100) << testing::PrintToString(reasons_);
}

TEST_F(Corpus, NoHostileMessageIsLost) {
  const auto file = corpora() / "mime-torture.tar.zst";
  if (!fs::exists(file)) GTEST_SKIP() << "../shared/corpora/mime-torture.tar.zst is absent";
  import(file);
  EXPECT_GE(storage_.rows.size() + storage_.set_aside.size(), 2488u);
  std::cout << "stored " << storage_.rows.size() << ", set aside " << storage_.set_aside.size() << "\n";
  for (const auto& [reason, count] : reasons_) std::cout << "  " << count << " x " << reason << "\n";
}

}  // namespace
}  // namespace letterlock::ingestion

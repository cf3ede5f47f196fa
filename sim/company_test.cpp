#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <set>

#include "base/encoding.h"
#include "sim/attachments.h"
#include "sim/bank.h"
#include "sim/company_folder.h"
#include "sim/json.h"
#include "sim/mime_reader.h"
#include "sim/organisation.h"
#include "sim/stories.h"

namespace letterlock::sim {
namespace {

const TimePoint now = *from_rfc3339("2026-11-26T09:00:00Z");

CompanyMail company(std::uint64_t seed, ProviderKind provider = ProviderKind::google) {
  return make_organisation({.provider = provider, .seed = seed, .mailboxes = 25, .messages = 60, .now = now});
}

// Text and HTML of a mail, the first of each.
std::string text_of(const MimePart& part) {
  if (part.is_text() && part.type == "text/plain" && part.parts.empty()) return part.text();
  for (const auto& inner : part.parts)
    if (auto found = text_of(inner); !found.empty()) return found;
  return {};
}

const MimePart* part_of(const MimePart& part, std::string_view type) {
  if (part.type == type) return &part;
  for (const auto& inner : part.parts)
    if (const auto* found = part_of(inner, type)) return found;
  return nullptr;
}

class CompanyFolderTest : public testing::Test {
 protected:
  CompanyFolderTest() : path_(std::filesystem::temp_directory_path() / ("letterlock-company-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(path_);
  }
  ~CompanyFolderTest() override { std::filesystem::remove_all(path_); }
  std::string read(const std::string& file) {
    std::ifstream in(path_ / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::filesystem::path path_;
};

TEST_F(CompanyFolderTest, IsTheSameBytesForTheSameSeed) {
  for (const auto* name : {"a", "b", "c"})
    ASSERT_TRUE(write_company(company(name[0] == 'c' ? 8 : 7),
                              {.folder = path_ / name, .seed = 7, .from = now - std::chrono::days(42), .to = now}));
  for (const auto* file : {"company.json", "mail.jsonl", "mail.tar.zst", "settings.jsonl"}) {
    const auto first = read(std::string("a/") + file);
    ASSERT_FALSE(first.empty()) << file;
    EXPECT_EQ(sha256_hex(first), sha256_hex(read(std::string("b/") + file))) << file;
    EXPECT_NE(sha256_hex(first), sha256_hex(read(std::string("c/") + file))) << file;
  }
}

TEST_F(CompanyFolderTest, NamesOnlyMessagesAndSettingsThatAreThere) {
  const auto counts = write_company(company(7), {.folder = path_, .seed = 7, .from = now - std::chrono::days(42), .to = now});
  ASSERT_TRUE(counts) << counts.error().message;
  std::set<std::pair<std::string, std::string>> messages, settings;
  const auto lines = [](const std::string& text, const auto& each) {
    for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      each(*Json::parse(text.substr(begin, end - begin)));
  };
  std::string last;
  lines(read("mail.jsonl"), [&](const Json& line) {
    EXPECT_TRUE(messages.emplace(line.text("mailbox"), line.text("provider_message_id")).second) << "ids are unique";
    EXPECT_LE(last, line.text("received_at"));
    last = line.text("received_at");
  });
  lines(read("settings.jsonl"), [&](const Json& line) {
    for (const auto& setting : line.find("settings")->items()) settings.emplace(line.text("mailbox"), setting.text("setting_id"));
  });
  EXPECT_EQ(messages.size(), counts->messages);
  const auto about = Json::parse(read("company.json"));
  ASSERT_TRUE(about);
  std::map<std::string, bool> fraud;  // by story id
  std::set<std::string> twinned;
  for (const auto& story : about->find("stories")->items()) {
    EXPECT_TRUE(fraud.emplace(story.text("story_id"), story.find("is_fraud")->truthy()).second);
    if (!story.text("twin_of").empty()) twinned.insert(story.text("twin_of"));
    EXPECT_FALSE(story.find("messages")->items().empty()) << story.text("story_id");
    for (const auto& message : story.find("messages")->items())
      EXPECT_TRUE(messages.contains({message.text("mailbox"), message.text("provider_message_id")})) << story.text("story_id");
    for (const auto& setting : story.find("settings")->items())
      EXPECT_TRUE(settings.contains({setting.text("mailbox"), setting.text("setting_id")})) << story.text("story_id");
  }
  for (const auto& [id, is_fraud] : fraud) EXPECT_EQ(is_fraud, twinned.contains(id)) << id;
}

TEST(Company, TellsEveryKindOfFraudWithATwin) {
  for (const auto provider : {ProviderKind::google, ProviderKind::microsoft}) {
    std::map<std::string, std::pair<int, int>> told;
    for (const auto& story : company(11, provider).stories) ++(story.fraud ? told[story.kind].first : told[story.kind].second);
    for (const auto& kind : story_kinds()) {
      EXPECT_EQ(told[kind.name].first > 0, kind.has_fraud) << kind.name;
      EXPECT_GT(told[kind.name].second, 0) << kind.name;
      EXPECT_TRUE(!kind.has_fraud || told[kind.name].first == told[kind.name].second) << kind.name;
    }
  }
}

TEST(Company, TellsFraudAndTwinInTheSameWords) {
  const auto world = make_world(ProviderKind::google, 3, 25, now);
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Telling fraud(world, true, now, seed), twin(world, false, now, seed);
    EXPECT_EQ(fraud.vendor().locale->language, twin.vendor().locale->language);
    for (const auto theme : {Theme::vip_request, Theme::vendor_invoice, Theme::account_notice, Theme::campaign}) {
      const auto one = fraud.words(theme, fraud.home()), other = twin.words(theme, twin.home());
      EXPECT_EQ(one.subject + one.body, other.subject + other.body);
    }
  }
}

TEST(Company, HasAtLeastEightTextsOfEachThemeInSeveralLanguages) {
  for (const auto theme :
       {Theme::vip_request, Theme::thread_payment, Theme::vendor_invoice, Theme::payroll, Theme::account_notice, Theme::inside_payment,
        Theme::handoff, Theme::first_invoice, Theme::campaign, Theme::staff_form, Theme::payment_release}) {
    std::set<const Wording*> all;
    for (const auto language : languages) {
      const auto some = wordings(theme, language);
      EXPECT_TRUE(std::ranges::all_of(some, [&](const Wording* wording) { return wording->language == language; }));
      all.insert(some.begin(), some.end());
    }
    EXPECT_GE(all.size(), 8u) << static_cast<int>(theme);
  }
}

TEST(Company, QuotesTheStoredParentAndParsesEverywhere) {
  for (const auto provider : {ProviderKind::google, ProviderKind::microsoft}) {
    const auto mail = company(5, provider);
    std::map<std::pair<std::size_t, std::string>, std::string> texts;  // by mailbox and Message-ID
    std::map<std::string, std::string> froms;                          // by Message-ID
    std::map<std::string, int> types;
    std::size_t answers = 0;
    for (const auto& delivery : mail.deliveries) {
      const auto parsed = read_mime(delivery.raw->read());
      const std::string id(parsed.header("Message-ID"));
      ASSERT_TRUE(id.starts_with('<') && id.ends_with('>')) << id;
      EXPECT_GE(read_date_ms(parsed.header("Date")), 0);
      ASSERT_EQ(read_addresses(parsed.header("From")).size(), 1u);
      EXPECT_TRUE(froms.emplace(id, parsed.header("From")).first->second == parsed.header("From")) << "one Message-ID, one letter";
      const bool wrote = delivery.folder == Folder::sent || delivery.folder == Folder::drafts;
      EXPECT_EQ(parsed.header("Authentication-Results").empty(), wrote);
      EXPECT_EQ(parsed.header("Received").empty(), wrote);
      EXPECT_LE(delivery.received_at, now);
      const auto text = text_of(parsed);
      EXPECT_FALSE(text.empty());
      EXPECT_EQ(text.find('{'), std::string::npos) << text;
      EXPECT_TRUE(texts.emplace(std::pair(delivery.mailbox, id), text).second) << "twice in one mailbox: " << id;
      for (const auto* type : {"text/calendar", "message/delivery-status", "application/pdf"})
        types[type] += part_of(parsed, type) != nullptr;
      types["ARC"] += !parsed.header("ARC-Seal").empty();
      types["Microsoft"] += !parsed.header("X-Forefront-Antispam-Report").empty();
      const auto parent = texts.find({delivery.mailbox, std::string(parsed.header("In-Reply-To"))});
      if (parent == texts.end() || part_of(parsed, "message/delivery-status")) continue;
      ++answers;
      // The parent's own words, below the answer's.
      for (std::size_t begin = 0; begin < parent->second.size();) {
        const auto end = std::min(parent->second.find('\n', begin), parent->second.size());
        const auto line = parent->second.substr(begin, end - begin);
        if (line.size() > 40 && line[0] != '>') {
          EXPECT_NE(text.find(line.substr(0, line.find('\r'))), std::string::npos) << line << "\nis not quoted in\n" << text;
          break;
        }
        begin = end + 1;
      }
    }
    EXPECT_GT(answers, 200u);
    EXPECT_GT(types["text/calendar"], 10);
    EXPECT_GT(types["message/delivery-status"], 3);
    EXPECT_GT(types["application/pdf"], 20);
    EXPECT_GT(types["ARC"], 10);
    EXPECT_EQ(types["Microsoft"] > 100, provider == ProviderKind::microsoft);
  }
}

TEST(Company, KeepsWhatIsHeldForAMessageSmall) {
  const auto mail = make_organisation({.seed = 2, .mailboxes = 1000, .messages = 10, .now = now});
  std::size_t bytes = 0;
  for (const auto& delivery : mail.deliveries) bytes += delivery.raw->read().size();
  EXPECT_GT(bytes / mail.deliveries.size(), 2000u);
  EXPECT_LE(sizeof(Delivery), 96u);
  EXPECT_TRUE(std::ranges::all_of(mail.deliveries, [](const Delivery& delivery) { return delivery.thread.size() <= 15; }))
      << "beyond that a string allocates";
}

TEST(Company, PlansAFutureWithStoriesInOrderOfTime) {
  std::shared_ptr<const World> world;
  make_organisation({.seed = 4, .mailboxes = 25, .messages = 20, .now = now}, &world);
  const auto future = make_future(world, now, 1);
  EXPECT_TRUE(std::ranges::is_sorted(future.deliveries, {}, &Delivery::received_at));
  EXPECT_GT(std::ranges::count_if(future.stories, &Story::fraud), 10);
  EXPECT_GE(future.deliveries.front().received_at, now) << "or the dates of mail that was read already would move";
  const auto& last = future.deliveries.back();
  world->live->arrived(last.received_at, now + std::chrono::minutes(3));
  EXPECT_EQ(read_date_ms(read_headers(last.raw->read()).header("Date")), to_unix_micros(now + std::chrono::minutes(3)) / 1000)
      << "it shows when it arrived";
}

TEST(BankAccount, HasRightCheckDigits) {
  Random random(9);
  for (const auto* country : {"GB", "DE", "FR", "ES", "AT", "LT", "IE"}) {
    const auto iban = make_account(country, random).iban;
    int rest = 0;
    for (const char c : iban.substr(4) + iban.substr(0, 4))
      for (const char digit : std::isdigit(static_cast<unsigned char>(c)) ? std::string(1, c) : std::to_string(c - 'A' + 10))
        rest = (rest * 10 + (digit - '0')) % 97;
    EXPECT_EQ(rest, 1) << iban;
  }
  const std::map<std::string, std::size_t> lengths = {{"GB", 22}, {"DE", 22}, {"FR", 27}, {"ES", 24}, {"AT", 20}, {"LT", 20}, {"IE", 22}};
  for (const auto& [country, length] : lengths) EXPECT_EQ(make_account(country, random).iban.size(), length) << country;
  const auto routing = make_account("US", random).routing;
  int sum = 0;
  for (std::size_t i = 0; i < 9; ++i) sum += (routing[i] - '0') * (i % 3 == 0 ? 3 : i % 3 == 1 ? 7 : 1);
  EXPECT_EQ(sum % 10, 0) << routing;
}

TEST(LookalikeDomain, DiffersButLittle) {
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    const std::string domain = i % 2 ? "northgate-foods.example" : "caldercold.example";
    const auto made = lookalike_of(domain, random);
    EXPECT_NE(made, domain);
    EXPECT_LE(made.size(), domain.size() + 2);
    EXPECT_GE(made.size() + 2, domain.size());
    EXPECT_TRUE(made.ends_with(".example"));
  }
}

TEST(TextPdf, IsWellFormedToAReaderThatWeDidNotWrite) {
  const auto file = text_pdf({"Müller & Söhne (Köln)", "Total: 1.234,50 €", "IBAN: DE89 3704"});
  QPDF pdf;
  pdf.setSuppressWarnings(true);
  pdf.processMemoryFile("made", file.data(), file.size());
  auto pages = QPDFPageDocumentHelper(pdf).getAllPages();
  ASSERT_EQ(pages.size(), 1u);
  struct Shown : QPDFObjectHandle::ParserCallbacks {
    void handleObject(QPDFObjectHandle object) override {
      if (object.isString()) lines.push_back(object.getStringValue());
    }
    void handleEOF() override {}
    std::vector<std::string> lines;
  } shown;
  pages[0].parseContents(&shown);
  EXPECT_EQ(shown.lines, (std::vector<std::string>{"M\374ller & S\366hne (K\366ln)", "Total: 1.234,50 \200", "IBAN: DE89 3704"}))
      << "WinAnsiEncoding";
  EXPECT_TRUE(pdf.getWarnings().empty());
}

}  // namespace
}  // namespace letterlock::sim

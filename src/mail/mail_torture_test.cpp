// Every message of the shared corpora, and damaged ones, through parse_message: a result, valid text, kept limits, bounded time.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "mail/message.h"
#include "mail/text.h"
#include "tests/support/cpu_seconds.h"
#include "tests/support/tar_files.h"

namespace letterlock::mail {
namespace {

namespace fs = std::filesystem;
using testing::each_file;

constexpr auto seconds_per_message_max = 3.0;  // of CPU

const fs::path corpora = fs::path(LETTERLOCK_SOURCE_DIR) / ".." / "shared" / "corpora";

ParseContext context() {
  return {.trusted_authserv_ids = {"mx.google.com", "microsoft"}, .tenant_domains = {"example.com"}, .mailbox_address = "a@example.com"};
}

// Every text of the e-mail, so that no field is forgotten.
void each_text(const Email& email, const std::function<void(std::string_view)>& use) {
  for (const auto* text :
       {&email.message_id, &email.in_reply_to, &email.from_address, &email.from_name, &email.from_domain, &email.sender_address,
        &email.return_path, &email.subject, &email.subject_base, &email.body_text, &email.quoted_text, &email.mailer, &email.raw_sha256,
        &email.authentication.authserv_id, &email.authentication.spf, &email.authentication.dkim, &email.authentication.dkim_domain,
        &email.authentication.dmarc, &email.authentication.compauth})
    use(*text);
  for (const auto& text : email.references) use(text);
  for (const auto& text : email.parse_notes) use(text);
  for (const auto& r : email.recipients)
    for (const auto* text : {&r.kind, &r.address, &r.name, &r.domain}) use(*text);
  for (const auto& l : email.links)
    for (const auto* text : {&l.url, &l.host, &l.domain, &l.display_text, &l.display_domain}) use(*text);
  for (const auto& a : email.attachments)
    for (const auto* text : {&a.part_id, &a.filename, &a.declared_type, &a.sniffed_type, &a.sha256}) use(*text);
  for (const auto& p : email.payment_instruments)
    for (const auto* text : {&p.kind, &p.value, &p.account, &p.country, &p.bank, &p.origin}) use(*text);
}

struct Tally {
  std::size_t messages = 0, parsed = 0, with_from = 0, slowest_bytes = 0;
  double slowest_seconds = 0, seconds = 0;
  std::string slowest;
};

void parse_and_check(const std::string& name, std::string_view bytes, Tally& tally) {
  const double begin = testing::thread_cpu_seconds();
  const auto result = parse_message(bytes, context());
  const double seconds = testing::thread_cpu_seconds() - begin;
  ++tally.messages;
  tally.seconds += seconds;
  if (seconds > tally.slowest_seconds) tally.slowest_seconds = seconds, tally.slowest = name, tally.slowest_bytes = bytes.size();
  EXPECT_LT(seconds, seconds_per_message_max) << name;
  if (!result) {
    EXPECT_EQ(result.error().kind, ErrorKind::invalid) << name;
    EXPECT_FALSE(result.error().message.empty()) << name;
    return;
  }
  ++tally.parsed;
  if (!result->from_address.empty()) ++tally.with_from;
  const ParseLimits limits;
  each_text(*result, [&](std::string_view text) { EXPECT_TRUE(is_clean_utf8(text)) << name; });
  EXPECT_LE(result->body_text.size(), limits.body_text_bytes_max) << name;
  EXPECT_LE(result->quoted_text.size(), limits.body_text_bytes_max) << name;
  EXPECT_LE(result->links.size(), static_cast<std::size_t>(limits.links_max)) << name;
  EXPECT_LE(result->recipients.size(), static_cast<std::size_t>(limits.recipients_max)) << name;
  EXPECT_LE(result->attachments.size(), static_cast<std::size_t>(limits.attachments_max)) << name;
  EXPECT_LE(result->references.size(), 100u) << name;
  EXPECT_LE(result->subject.size(), 2048u) << name;
  EXPECT_EQ(result->size_bytes, static_cast<std::int64_t>(bytes.size())) << name;
}

void print(const char* what, const Tally& t) {
  std::printf("%s: %zu messages, %zu parsed, %zu with From, %.0f messages/s, slowest %.3f s (%s, %zu bytes)\n", what, t.messages, t.parsed,
              t.with_from, static_cast<double>(t.messages) / t.seconds, t.slowest_seconds, t.slowest.c_str(), t.slowest_bytes);
}

std::vector<fs::path> development_archives() {
  std::vector<fs::path> out;
  if (fs::exists(corpora / "dev"))
    for (const auto& entry : fs::directory_iterator(corpora / "dev"))
      if (entry.path().string().ends_with(".tar.zst")) out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

TEST(MailTorture, EveryHostileMessageGivesAResult) {
  const auto archive = corpora / "mime-torture.tar.zst";
  if (!fs::exists(archive)) GTEST_SKIP() << "the shared torture messages are not here";
  Tally tally;
  each_file(archive, [&](const std::string& name, std::string_view bytes) {
    if (!name.ends_with("origins.json")) parse_and_check(name, bytes, tally);
  });
  print("torture", tally);
  EXPECT_EQ(tally.messages, 2488u);
}

TEST(MailTorture, NearlyEveryRealMessageIsRead) {
  const auto archives = development_archives();
  if (archives.empty()) GTEST_SKIP() << "the shared development corpus is not here";
  Tally all;
  for (const auto& archive : archives) {
    Tally tally;
    each_file(archive, [&](const std::string& name, std::string_view bytes) { parse_and_check(name, bytes, tally); });
    print(archive.filename().c_str(), tally);
    all.messages += tally.messages, all.parsed += tally.parsed, all.with_from += tally.with_from, all.seconds += tally.seconds;
    if (tally.slowest_seconds > all.slowest_seconds)
      all.slowest_seconds = tally.slowest_seconds, all.slowest = tally.slowest, all.slowest_bytes = tally.slowest_bytes;
  }
  print("all", all);
  EXPECT_EQ(all.messages, 6326u);
  EXPECT_GE(static_cast<double>(all.parsed), 0.995 * static_cast<double>(all.messages));
  EXPECT_GE(static_cast<double>(all.with_from), 0.99 * static_cast<double>(all.messages));
}

TEST(MailTorture, DamagedMessagesGiveAResult) {
  const auto archive = corpora / "dev" / "fraud.cwl_2026.tar.zst";
  std::vector<std::string> messages = {
      "From: Ann <ann@example.com>\r\nTo: b@example.net\r\nSubject: =?utf-8?B?SGVsbG8=?=\r\nContent-Type: multipart/mixed; "
      "boundary=\"b\"\r\n\r\n--b\r\nContent-Type: "
      "text/html\r\nContent-Transfer-Encoding: "
      "base64\r\n\r\nPGEgaHJlZj0iaHR0cHM6Ly9ldmlsLmV4YW1wbGUvIj5wYXk8L2E+\r\n--b\r\nContent-Disposition: attachment; "
      "filename*=utf-8''a%20b.pdf\r\n\r\n%PDF-1.4\r\n--b--\r\n"};
  if (fs::exists(archive))
    each_file(archive, [&](const std::string&, std::string_view bytes) { messages.emplace_back(bytes.substr(0, 64 << 10)); });
  std::mt19937 random(20261123);
  Tally tally;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const int rounds = i == 0 ? 2000 : 8;
    for (int round = 0; round < rounds; ++round) {
      std::string damaged = messages[i];
      if (round % 2 == 0) damaged.resize(random() % (damaged.size() + 1));
      for (auto flips = random() % 20; flips > 0 && !damaged.empty(); --flips)
        damaged[random() % damaged.size()] ^= static_cast<char>(1u << random() % 8);
      parse_and_check("damaged", damaged, tally);
    }
  }
  print("damaged", tally);
}

}  // namespace
}  // namespace letterlock::mail

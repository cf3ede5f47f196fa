// Messages through parser processes: the same Email as in this process, and no hostile message that costs more than its budget.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "adapters/parser/email_codec.h"
#include "adapters/parser/parser_processes.h"
#include "tests/support/tar_files.h"

namespace letterlock::parser {
namespace {

namespace fs = std::filesystem;

const fs::path corpora = fs::path(LETTERLOCK_SOURCE_DIR) / ".." / "shared" / "corpora";

mail::ParseContext context() {
  return {.trusted_authserv_ids = {"mx.google.com", "microsoft"}, .tenant_domains = {"example.com"}, .mailbox_address = "a@example.com"};
}

class MailInProcesses : public ::testing::Test {
 protected:
  MailInProcesses() {
    auto keeper = start_mail_keeper();
    CHECK(keeper.has_value());
    processes_ = std::make_unique<ParserProcesses>(std::move(*keeper), metrics_);
  }

  // Give the messages as one step, and hold each result to what this process makes of it.
  void expect_same(const std::vector<std::string>& messages, std::string_view format = "rfc5322") {
    std::vector<mail::ParseInput> inputs;
    for (const auto& message : messages) inputs.push_back({.name = "m", .format = format, .bytes = message});
    const auto parsed = processes_->parse(inputs, context(), {},
                                          [&](std::size_t index, mail::ParseOutput&& output) {
                                            const auto here = mail::parse_input(format, messages[index], context());
                                            EXPECT_EQ(output.email.has_value(), here.has_value())
                                                << (output.email ? "" : output.email.error().message);
                                            if (output.email && here) {
                                              EXPECT_TRUE(*output.email == *here) << here->subject;
                                            } else if (!output.email && !here) {
                                              EXPECT_EQ(output.email.error().message, here.error().message);
                                            }
                                            ++compared_;
                                            return !::testing::Test::HasFailure();
                                          },
                                          {});
    ASSERT_TRUE(parsed) << parsed.error().message;
  }

  Metrics metrics_;
  std::unique_ptr<ParserProcesses> processes_;
  std::size_t compared_ = 0;
};

TEST_F(MailInProcesses, CharacterSetsThatNeedFilesAreReadAsInThisProcess) {
  std::vector<std::string> messages;
  for (const char* charset :
       {"iso-8859-2",  "iso-8859-15", "koi8-r",     "koi8-u",  "windows-1250",   "windows-1251",   "windows-1254", "windows-1258",
        "iso-2022-jp", "iso-2022-kr", "shift_jis",  "euc-jp",  "euc-kr",         "ks_c_5601-1987", "gb2312",       "gbk",
        "gb18030",     "big5",        "big5-hkscs", "tis-620", "hz-gb-2312",     "utf-7",          "utf-16",       "utf-16le",
        "macintosh",   "ibm850",      "ibm437",     "cp866",   "no-such-charset"})
    messages.push_back("From: =?" + std::string(charset) + "?B?0fLz5OXt8iDP8OjX5fIhIYCB?= <a@example.net>\r\nSubject: =?" + charset +
                       "?Q?=C1=C2=D3=A4=B3?= =?" + charset +
                       "?Q?Pay_now?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
                       "text/plain; charset=" +
                       charset + "\r\n\r\n\xc1\xc2\xd3\xa4\xb3 now\r\n--b\r\nContent-Disposition: attachment; filename*=" + charset +
                       "''%C1%C2%D3.txt\r\nContent-Type: text/plain; charset=" + charset + "\r\n\r\n\xa4\xb3\r\n--b--\r\n");
  expect_same(messages);
  EXPECT_EQ(compared_, messages.size());
}

TEST_F(MailInProcesses, GraphMessageIsReadAsInThisProcess) {
  expect_same(
      {R"({"id":"1","subject":"Rechnung","from":{"emailAddress":{"name":"Jörg","address":"j@example.net"}},"body":{"contentType":"html","content":"<p>Pay <a href=\"https://x.example/\">here</a>"}})",
       R"({"id":)", "{}"},
      "graph");
  EXPECT_EQ(compared_, 3u);
}

TEST_F(MailInProcesses, EveryHostileMessageGivesTheSameEmail) {
  const auto archive = corpora / "mime-torture.tar.zst";
  if (!fs::exists(archive)) GTEST_SKIP() << "the shared torture messages are not here";
  std::vector<std::string> messages;
  testing::each_file(archive, [&](const std::string&, std::string_view bytes) { messages.emplace_back(bytes); });
  expect_same(messages);
  EXPECT_EQ(compared_, messages.size());
  EXPECT_EQ(metrics_.exposition().find("letterlock_mail_parser_kills_total"), std::string::npos) << metrics_.exposition();
}

TEST_F(MailInProcesses, RealMessagesGiveTheSameEmail) {
  if (!fs::exists(corpora / "dev")) GTEST_SKIP() << "the shared development corpus is not here";
  const char* full = std::getenv("LETTERLOCK_TEST_FULL");
  const std::size_t every = full && *full ? 1 : 8;
  std::size_t seen = 0;
  for (const auto& entry : fs::directory_iterator(corpora / "dev")) {
    if (!entry.path().string().ends_with(".tar.zst")) continue;
    std::vector<std::string> messages;
    testing::each_file(entry.path(), [&](const std::string&, std::string_view bytes) {
      if (seen++ % every == 0) messages.emplace_back(bytes);
    });
    expect_same(messages);
  }
  EXPECT_EQ(seen, 6326u);
  EXPECT_EQ(compared_, (seen + every - 1) / every);
  EXPECT_EQ(metrics_.exposition().find("letterlock_mail_parser_kills_total"), std::string::npos) << metrics_.exposition();
}

std::string repeated(std::string_view piece, std::size_t count) {
  std::string out;
  out.reserve(piece.size() * count);
  while (count-- > 0) out += piece;
  return out;
}

std::string pdf(std::size_t operators) {
  const auto content = "BT /F1 12 Tf " + repeated("(a) Tj\n", operators) + "ET";
  return "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
         "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>\nendobj\n"
         "4 0 obj\n<< /Length " +
         std::to_string(content.size()) + " >>\nstream\n" + content +
         "\nendstream\nendobj\n5 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\ntrailer\n<< /Size 6 /Root 1 0 R "
         ">>\n%%EOF\n";
}

// One message at or beyond each limit of src/mail; each costs at most 3 CPU seconds and ends no process.
TEST_F(MailInProcesses, OneMessageForEachLimitIsUnderstoodWithinItsBudget) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr std::size_t size = 512 << 10;  // memory is copied and checked at each step
#else
  constexpr std::size_t size = 8 << 20;
#endif
  const std::string start = "From: a@example.net\r\nSubject: s\r\n";
  const std::string mixed = start + "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  const std::string html = start + "Content-Type: text/html\r\n\r\n";
  const auto attached = [](std::string_view type, std::string_view content) {
    return "--b\r\nContent-Type: " + std::string(type) + "\r\nContent-Disposition: attachment; filename=f\r\n\r\n" + std::string(content) +
           "\r\n";
  };
  std::string names, references, numbered;
  for (int i = 0; names.size() < size; ++i) names += "<x" + std::to_string(i) + " y" + std::to_string(i) + "=1>";
  for (int i = 0; references.size() < size / 4; ++i) references += "<" + std::to_string(i) + "@x.example>\r\n ";
  for (int i = 0; numbered.size() < size / 4; ++i) numbered += " a" + std::to_string(i) + "=" + std::to_string(i);
  const std::vector<std::pair<const char*, std::string>> messages = {
      {"header bytes", start + repeated("X-Padding: " + std::string(4000, 'x') + "\r\n", size / 4000) + "\r\ntext"},
      {"header fields", start + repeated("a: b\r\n", size / 6) + "\r\ntext"},
      {"header bytes of a part", mixed + "--b\r\n" + repeated("X-Padding: " + std::string(4000, 'x') + "\r\n", size / 4000) + "\r\ntext"},
      {"recipients", "From: a@example.net\r\nTo: " + repeated("b@x.example, ", size / 16) + "c@x.example\r\n\r\ntext"},
      {"references", start + "References: " + references + "\r\n\r\ntext"},
      {"encoded words", "From: a@example.net\r\nSubject: " + repeated("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= ", size / 64) + "\r\n\r\ntext"},
      {"boundary lines", mixed + repeated("--b\r\n", size / 8)},
      {"parts", mixed + repeated("--b\r\n\r\ntext\r\n", 3000) + "--b--\r\n"},
      {"attachments", mixed + repeated(attached("application/octet-stream", "x"), 900) + "--b--\r\n"},
      {"depth", start + repeated("Content-Type: message/rfc822\r\n\r\n", 200) + "Subject: inner\r\n\r\ntext"},
      {"html bytes", html + repeated("<p>some <b>text</b> ", size / 16)},
      {"html attributes", html + "<p" + numbered + ">text"},
      {"html names", html + names},
      {"html depth", html + repeated("<div>", size / 8)},
      {"links", html + repeated("<a href='https://x.example/'>y.example</a> ", size / 64)},
      {"text bytes", start + "\r\n" + repeated("www.example.com/a > b https://x.example\r\n", size / 40)},
      {"quoted text", start + "\r\n" + repeated("> ", size / 8) + repeated("\r\n> On Monday, a@example.net wrote:", size / 128)},
      {"payment instruments", start + "\r\n" + repeated("DE89370400440532013000 ", size / 32)},
      {"PDF operators", mixed + attached("application/pdf", pdf(std::min<std::size_t>(size / 8, 600'000))) + "--b--\r\n"},
      {"PDF attachments", mixed + repeated(attached("application/pdf", pdf(size / 40)), 7) + "--b--\r\n"},
      {"HTML attachments",
       mixed + repeated(attached("text/html", "<p>" + repeated("Pay DE89370400440532013000 <br>", size / 64)), 7) + "--b--\r\n"},
      {"one line", start + "\r\n" + std::string(size, 'x')},
      {"message bytes", mixed + attached("application/octet-stream", std::string(4 * size, 'x')) + "--b--\r\n"},
  };
  std::vector<mail::ParseInput> inputs;
  for (const auto& [name, bytes] : messages) inputs.push_back({.name = name, .format = "rfc5322", .bytes = bytes});
  const auto parsed = processes_->parse(inputs, context(), {},
                                        [&](std::size_t index, mail::ParseOutput&& output) {
                                          EXPECT_TRUE(output.email) << messages[index].first << ": " << output.email.error().message;
                                          EXPECT_LT(output.cpu.count(), 3.0) << messages[index].first;
                                          ++compared_;
                                          return true;
                                        },
                                        {});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(compared_, messages.size());
  EXPECT_EQ(metrics_.exposition().find("letterlock_mail_parser_kills_total"), std::string::npos) << metrics_.exposition();
}

TEST(EmailCodec, BrokenBytesAreAnError) {
  const auto email = mail::parse_input("rfc5322", "From: a@example.net\r\nSubject: s\r\n\r\nPay https://x.example/\r\n", context());
  ASSERT_TRUE(email);
  const auto bytes = encode(*email);
  const auto back = decode_email(bytes);
  ASSERT_TRUE(back);
  EXPECT_TRUE(*back == *email);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(decode_email(std::string_view(bytes).substr(0, length))) << length;
  EXPECT_FALSE(decode_email(bytes + "x"));
  for (std::size_t at = 0; at + 4 <= bytes.size(); ++at) {  // a length that promises 4 GiB
    auto broken = bytes;
    broken.replace(at, 4, "\xff\xff\xff\xff");
    const auto read = decode_email(broken);
    EXPECT_TRUE(read || read.error().kind == ErrorKind::internal);
  }
  const auto with = encode(context());
  const auto again = decode_context(with);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->tenant_domains, context().tenant_domains);
  EXPECT_FALSE(decode_context(std::string_view(with).substr(1)));
}

}  // namespace
}  // namespace letterlock::parser

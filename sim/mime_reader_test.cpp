#include "sim/mime_reader.h"

#include <gtest/gtest.h>

namespace letterlock::sim {
namespace {

TEST(MimeReader, ReadsNestedPartsAndTheirEncodings) {
  const auto part = read_mime(
      "Subject: =?UTF-8?Q?Z=C3=BCrich?=\r\n =?UTF-8?Q?_office?=\r\nContent-Type: multipart/mixed; boundary=\"a\"\r\n\r\npreamble\r\n--a\r\n"
      "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; "
      "charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
      "caf=E9 =\r\nau lait\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--b--\r\n--a\r\nContent-Type: application/pdf; "
      "name=\"=?UTF-8?B?w6QucGRm?=\"\r\n"
      "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBE\r\nRg==\r\n--a--\r\nepilogue");
  EXPECT_EQ(decode_words(part.header("subject")), "Zürich office");
  ASSERT_EQ(part.parts.size(), 2u);
  ASSERT_EQ(part.parts[0].parts.size(), 2u);
  EXPECT_EQ(part.parts[0].parts[0].text(), "café au lait");
  EXPECT_EQ(part.parts[0].parts[1].body, "<p>x</p>");
  EXPECT_EQ(part.parts[1].filename, "ä.pdf");
  EXPECT_EQ(part.parts[1].body, "%PDF");
  EXPECT_TRUE(part.parts[1].is_attachment);
}

TEST(MimeReader, KeepsWhatItCannotRead) {
  EXPECT_EQ(read_mime("").body, "");
  EXPECT_EQ(read_mime("no header at all\r\nbut text").body, "no header at all\r\nbut text");
  const auto endless = read_mime("Content-Type: multipart/mixed; boundary=a\n\n--a\nX: y\n\nbody without an end");
  ASSERT_EQ(endless.parts.size(), 1u);
  EXPECT_EQ(endless.parts[0].body, "body without an end");
  EXPECT_EQ(to_utf8("\xff\xfe", "no-such-charset"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  std::string deep;
  for (int i = 0; i < 2000; ++i)
    deep += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\n\n--b" + std::to_string(i) + "\n";
  EXPECT_EQ(read_mime(deep).parts.size(), 1u);
}

TEST(MimeReader, ReadsAddressListsWithQuotesCommentsAndGroups) {
  const auto addresses =
      read_addresses("\"Doe, Jane\" <jane@a.example>, bob@b.example (Bob), team: x@c.example, =?UTF-8?Q?=C3=89mile?= <e@d.example>;");
  ASSERT_EQ(addresses.size(), 4u);
  EXPECT_EQ(addresses[0].name, "Doe, Jane");
  EXPECT_EQ(addresses[0].address, "jane@a.example");
  EXPECT_EQ(addresses[1].address, "bob@b.example");
  EXPECT_EQ(addresses[2].address, "x@c.example");
  EXPECT_EQ(addresses[3].name, "Émile");
}

TEST(MimeReader, ReadsDatesOldAndNew) {
  EXPECT_EQ(read_date_ms("Mon, 23 Nov 2026 21:11:20 +0100"), 1795464680000);
  EXPECT_EQ(read_date_ms("23 Nov 26 20:11 GMT"), 1795464660000);
  EXPECT_EQ(read_date_ms("yesterday"), -1);
}

}  // namespace
}  // namespace letterlock::sim

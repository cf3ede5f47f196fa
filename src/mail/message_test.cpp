#include "mail/message.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.h"
#include "mail/text.h"
#include "tests/support/cpu_seconds.h"

namespace letterlock::mail {
namespace {

ParseContext context() {
  return {.trusted_authserv_ids = {"mx.google.com"}, .tenant_domains = {"acme.example"}, .mailbox_address = "bob@acme.example"};
}

// Parse text whose line ends are LF, as CRLF.
Email parse(std::string_view text, const ParseContext& with = context()) {
  std::string bytes;
  for (const char c : text) bytes += c == '\n' ? std::string("\r\n") : std::string(1, c);
  auto email = parse_message(bytes, with);
  EXPECT_TRUE(email) << email.error().message;
  return email ? std::move(*email) : Email{};
}

bool has_note(const Email& email, std::string_view part) {
  return std::ranges::any_of(email.parse_notes, [&](const auto& note) { return note.find(part) != note.npos; });
}

TEST(ParseMessage, ReadsAnOrdinaryMessage) {
  const auto email = parse(
      "Return-Path: <bounce@vendor.example>\n"
      "Received: from a by b; Fri, 20 Nov 2026 11:00:05 +0100\n"
      "Received: from c by a; Fri, 20 Nov 2026 01:00:00 +0000\n"
      "From: =?utf-8?Q?J=C3=BCrgen_M=C3=BCller?= <Juergen@Mail.Vendor.Example>\n"
      "Sender: Office <office@vendor.example>\nTo: \"Bob, the Builder\" <bob@acme.example>, carol@acme.example\nCc: Dan (Sales) "
      "<dan@acme.example>\n"
      "Reply-To: pay@other.example\nSubject: =?iso-8859-1?Q?AW:_[EXT]_Rechnung_f=FCr?= =?utf-8?B?IE3DpHJ6?=\n"
      "Date: Fri, 20 Nov 2026 10:59:58 +0100\nMessage-ID: <m1@vendor.example>\nIn-Reply-To: <p1@acme.example>\nReferences: "
      "<p0@acme.example>\n <p1@acme.example>\n"
      "X-Mailer: Post 1.0\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n"
      "Gr=FC=DFe\n\nAm 19.11.2026 schrieb Bob <bob@acme.example>:\n> Hallo\n");
  EXPECT_EQ(email.from_name, "Jürgen Müller");
  EXPECT_EQ(email.from_address, "juergen@mail.vendor.example");
  EXPECT_EQ(email.from_domain, "vendor.example");
  EXPECT_EQ(email.sender_address, "office@vendor.example");
  EXPECT_EQ(email.return_path, "bounce@vendor.example");
  ASSERT_EQ(email.recipients.size(), 4u);
  EXPECT_EQ(email.recipients[0], (Recipient{"to", "bob@acme.example", "Bob, the Builder", "acme.example"}));
  EXPECT_EQ(email.recipients[2], (Recipient{"cc", "dan@acme.example", "Dan", "acme.example"}));
  EXPECT_EQ(email.recipients[3], (Recipient{"reply_to", "pay@other.example", "", "other.example"}));
  EXPECT_EQ(email.subject, "AW: [EXT] Rechnung für März");
  EXPECT_EQ(email.subject_base, "Rechnung für März");
  EXPECT_TRUE(email.is_reply);
  EXPECT_EQ(email.message_id, "m1@vendor.example");
  EXPECT_EQ(email.in_reply_to, "p1@acme.example");
  EXPECT_EQ(email.references, (std::vector<std::string>{"p0@acme.example", "p1@acme.example"}));
  EXPECT_EQ(to_rfc3339(email.received_at), "2026-11-20T10:00:05.000000Z");
  ASSERT_TRUE(email.date_header);
  EXPECT_EQ(to_rfc3339(*email.date_header), "2026-11-20T09:59:58.000000Z");
  EXPECT_EQ(email.body_text, "Grüße");
  EXPECT_EQ(email.quoted_text, "Am 19.11.2026 schrieb Bob <bob@acme.example>:\n> Hallo");
  EXPECT_EQ(email.direction, Direction::inbound);
  EXPECT_EQ(email.mailer, "Post 1.0");
  EXPECT_EQ(email.raw_sha256.size(), 64u);
  EXPECT_FALSE(email.has_html);
}

TEST(ParseMessage, RefusesWhatIsNoMessage) {
  for (const std::string_view bytes : {std::string_view(""), std::string_view("\r\n\r\n"), std::string_view("\0\0\0", 3)}) {
    const auto email = parse_message(bytes, context());
    ASSERT_FALSE(email);
    EXPECT_EQ(email.error().kind, ErrorKind::invalid);
  }
}

TEST(ParseMessage, FallsBackToDateAndThenToTheEpoch) {
  EXPECT_EQ(to_rfc3339(parse("From: a@b.example\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n\nx\n").received_at),
            "2026-11-20T10:00:00.000000Z");
  EXPECT_EQ(parse("From: a@b.example\nDate: nonsense\n\nx\n").received_at, TimePoint{});
}

TEST(ParseMessage, KeepsBrokenAddressesAsText) {
  const auto email = parse(
      "From: \"ceo@acme.example\" <x@evil.example>\nTo: undisclosed-recipients:;\nCc: friends: ann@a.example, Ben <ben@b.example>;, not an "
      "address, <>, ,c@c.example; d@d.example\n\nx\n");
  EXPECT_EQ(email.from_address, "x@evil.example");
  EXPECT_EQ(email.from_name, "ceo@acme.example");
  std::vector<std::string> addresses;
  for (const auto& recipient : email.recipients) addresses.push_back(recipient.address);
  EXPECT_EQ(addresses, (std::vector<std::string>{"ann@a.example", "ben@b.example", "not an address", "c@c.example", "d@d.example"}));
}

TEST(ParseMessage, ReadsASenderWhoseNameHoldsAnUnquotedComma) {
  const auto email = parse("From: Message from ADAC, <service@evil.example>\n\nx\n");
  EXPECT_EQ(email.from_name, "Message from ADAC");
  EXPECT_EQ(email.from_address, "service@evil.example");
  EXPECT_TRUE(has_note(email, "several addresses"));
  EXPECT_EQ(parse("From: Smith, Ann <ann@b.example>\n\nx\n").from_name, "Smith, Ann");
  EXPECT_EQ(parse("From: X <no_reply@ses,fi>\n\nx\n").from_address, "no_reply@ses,fi");
}

TEST(ParseMessage, MendsRawBytesInHeaders) {
  const auto email = parse(
      "From: M\xfcller <m@a.example>\nSubject: Gr\xc3\xbc\xc3\x9f"
      "e =?utf-8?Q?=ff?= =?nope?Q?a?=\n\nx\n");
  EXPECT_EQ(email.from_name, "Müller");
  EXPECT_TRUE(email.subject.starts_with("Grüße"));
  EXPECT_TRUE(is_clean_utf8(email.subject));
}

TEST(ParseMessage, RemovesNulFromHeaders) {
  std::string bytes = "From: a@b.example\r\nSubject: one";
  bytes += '\0';
  bytes += "two\r\nX-Mailer: m\r\n\r\nbody\r\n";
  const auto email = parse_message(bytes, context());
  ASSERT_TRUE(email);
  EXPECT_EQ(email->subject, "onetwo");
  EXPECT_EQ(email->mailer, "m");
  EXPECT_EQ(email->body_text, "body");
  EXPECT_EQ(email->size_bytes, static_cast<std::int64_t>(bytes.size()));
}

TEST(ParseMessage, DropsLinesThatAreNoFields) {
  const auto email = parse(
      "Subject : kept\nno colon here\n continued: Cc: nobody@acme.example\nTwo words: x\nTo: bob@acme.example\n--b\n"
      "Content-Type: text/html\n\n<p>hello</p>\n");
  EXPECT_EQ(email.subject, "kept");
  ASSERT_EQ(email.recipients.size(), 1u);
  EXPECT_EQ(email.recipients[0].address, "bob@acme.example");
  EXPECT_EQ(email.body_text, "hello");
  EXPECT_TRUE(email.has_html);
}

TEST(ParseMessage, ReadsHeadersThatEndInUnusualWays) {
  const auto subject_of = [](std::string_view bytes) {
    const auto email = parse_message(bytes, context());
    return email ? email->subject + '|' + email->body_text : "refused";
  };
  EXPECT_EQ(subject_of("Subject: a\n\nb"), "a|b");
  EXPECT_EQ(subject_of("Subject: a\r\n\r\nb"), "a|b");
  EXPECT_EQ(subject_of("Subject: a"), "a|");
  EXPECT_EQ(subject_of("Subject: a\n"), "a|");
  EXPECT_EQ(subject_of("Subject: a\n no end"), "a no end|");
  EXPECT_EQ(subject_of("Subject: a\nno field"), "a|");
  EXPECT_EQ(subject_of("From x Mon Jan 1 00:00:00 2026\n>From y Mon Jan 1 00:00:00 2026\nSubject: a\n\nb"), "a|b");
  EXPECT_EQ(subject_of(": x\nSubject: a\n\nb"), "refused");
  EXPECT_EQ(subject_of("\nSubject: a\n\nb"), "a|b");
}

// Small and large messages are read in two ways (mime_entity); what comes out must not tell which.
TEST(ParseMessage, ReadsLargeMessagesLikeSmallOnes) {
  const std::string head =
      "From: Ann <ann@vendor.example>\nTo: bob@acme.example\nSubject: =?utf-8?Q?=C3=A4?=\nMIME-Version: 1.0\n"
      "Content-Type: multipart/mixed;\n boundary=\"b\"\nMessage-ID: <m@vendor.example>\n\npreamble\n--b\n"
      "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n--b\n"
      "Content-Type: application/pdf; name=\"a.pdf\"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n--b\n"
      "Content-Type: application/octet-stream\n\n";
  auto small = parse(head + "x\n--b--\n"), large = parse(head + std::string(2 << 20, 'x') + "\n--b--\n");
  ASSERT_EQ(small.attachments.size(), 2u);
  ASSERT_EQ(large.attachments.size(), 2u);
  EXPECT_EQ(large.attachments[1].size_bytes, 2 << 20);
  EXPECT_EQ(small.body_text, "Grüße");
  for (auto* email : {&small, &large}) {
    email->attachments.pop_back();
    email->size_bytes = 0;
    email->raw_sha256.clear();
  }
  EXPECT_EQ(small, large);
}

TEST(ParseMessage, TellsListsAndMachines) {
  EXPECT_TRUE(parse("From: a@b.example\nList-Id: <x.b.example>\n\nx\n").is_list);
  EXPECT_TRUE(parse("From: a@b.example\nPrecedence: bulk\n\nx\n").is_list);
  EXPECT_TRUE(parse("From: a@b.example\nAuto-Submitted: auto-replied (vacation)\n\nx\n").is_auto);
  EXPECT_FALSE(parse("From: a@b.example\nAuto-Submitted: no\n\nx\n").is_auto);
  EXPECT_TRUE(parse("From: Mail Delivery <MAILER-DAEMON@b.example>\n\nx\n").is_auto);
  EXPECT_TRUE(parse("From: a@b.example\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n").is_auto);
}

TEST(ParseMessage, StripsPrefixesOfManyLanguages) {
  for (const auto* prefix : {"Re: ", "RE: FW: ", "Fwd:", "AW: ", "Antw: ", "SV: ", "RV: ", "TR: ", "WG: ", "Re[2]: ", "Re (3): ",
                             "[list] Re: [tag] ", "回复：", "R: I: "})
    EXPECT_EQ(parse("From: a@b.example\nSubject: " + std::string(prefix) + "Offer: new\n\nx\n").subject_base, "Offer: new") << prefix;
  EXPECT_FALSE(parse("From: a@b.example\nSubject: Fwd: x\n\nx\n").is_reply);
  EXPECT_TRUE(parse("From: a@b.example\nSubject: AW: x\n\nx\n").is_reply);
  EXPECT_EQ(parse("From: a@b.example\nSubject: [only tag]\n\nx\n").subject_base, "[only tag]");
}

TEST(ParseMessage, TellsTheDirection) {
  EXPECT_EQ(parse("From: a@b.example\nTo: bob@acme.example\n\nx\n").direction, Direction::inbound);
  EXPECT_EQ(parse("From: a@acme.example\nTo: bob@mail.acme.example\n\nx\n").direction, Direction::internal);
  EXPECT_EQ(parse("From: a@acme.example\nTo: bob@acme.example, x@y.example\n\nx\n").direction, Direction::outbound);
  EXPECT_EQ(parse("To: bob@acme.example\n\nx\n").direction, Direction::internal);
  EXPECT_EQ(parse("From: a@notacme.example\nTo: x@y.example\n\nx\n").direction, Direction::inbound);
}

TEST(ParseMessage, TakesASpoofOfTheOwnDomainForInbound) {
  const auto from_us = [](std::string_view results) {
    return parse("Authentication-Results: mx.google.com; " + std::string(results) + "\nFrom: ceo@acme.example\nTo: bob@acme.example\n\nx\n")
        .direction;
  };
  EXPECT_EQ(from_us("spf=fail smtp.mailfrom=x@evil.example; dmarc=fail header.from=acme.example"), Direction::inbound);
  EXPECT_EQ(from_us("spf=pass smtp.mailfrom=x@evil.example"), Direction::inbound);
  EXPECT_EQ(from_us("dkim=pass header.i=@acme.example; spf=pass smtp.mailfrom=a@acme.example; dmarc=pass"), Direction::internal);
  EXPECT_EQ(from_us("dkim=none; dmarc=none"), Direction::internal);
}

TEST(Authentication, TrustsOnlyTheReceiversOwnHeader) {
  const auto email = parse(
      "Authentication-Results: mx.evil.example; dmarc=pass\n"
      "Authentication-Results: mx.google.com;\n dkim=fail header.i=@a.example; dkim=pass (2048-bit; \"x\") header.i=@b.example "
      "header.s=s;\n"
      " spf=softfail (google.com: domain of x; y) smtp.mailfrom=x@c.example; dmarc=fail (p=NONE) header.from=c.example\n"
      "Authentication-Results: mx.google.com; spf=pass; dkim=pass header.d=forged.example; dmarc=pass\n"
      "ARC-Authentication-Results: i=1; mx.google.com; dmarc=pass\nFrom: a@c.example\n\nx\n");
  EXPECT_TRUE(email.authentication.trusted);
  EXPECT_EQ(email.authentication.authserv_id, "mx.google.com");
  EXPECT_EQ(email.authentication.spf, "softfail");
  EXPECT_EQ(email.authentication.dkim, "pass");
  EXPECT_EQ(email.authentication.dkim_domain, "b.example");
  EXPECT_EQ(email.authentication.dmarc, "fail");
}

TEST(Authentication, IgnoresForeignIdsAndArc) {
  const auto email = parse(
      "Authentication-Results: mx.google.com.evil.example; dmarc=pass\nARC-Authentication-Results: i=1; mx.google.com; dmarc=pass\nFrom: "
      "a@c.example\n\nx\n");
  EXPECT_EQ(email.authentication, Authentication{});
}

constexpr std::string_view microsoft_form =
    "Authentication-Results: spf=pass (sender IP is 192.0.2.1)\n smtp.mailfrom=v.example; dkim=none (message not signed)\n "
    "header.d=none;dmarc=bestguesspass action=none "
    "header.from=v.example;compauth=pass reason=109\n";

TEST(Authentication, ReadsMicrosoftsFormOnlyWhereItIsTrustedAndTopmost) {
  auto with = context();
  const std::string rest = "From: a@v.example\n\nx\n";
  EXPECT_FALSE(parse(std::string(microsoft_form) + rest, with).authentication.trusted);
  with.trusted_authserv_ids = {"microsoft"};
  const auto email = parse(std::string(microsoft_form) + rest, with);
  EXPECT_TRUE(email.authentication.trusted);
  EXPECT_EQ(email.authentication.authserv_id, "microsoft");
  EXPECT_EQ(email.authentication.spf, "pass");
  EXPECT_EQ(email.authentication.dkim, "none");
  EXPECT_EQ(email.authentication.dkim_domain, "");
  EXPECT_EQ(email.authentication.dmarc, "bestguesspass");
  EXPECT_EQ(email.authentication.compauth, "pass");
  EXPECT_FALSE(
      parse("Authentication-Results: mx.evil.example; spf=fail\n" + std::string(microsoft_form) + rest, with).authentication.trusted);
  EXPECT_FALSE(parse("Authentication-Results: microsoft; spf=pass; dmarc=pass\n" + rest, with).authentication.trusted);
}

TEST(Body, PrefersHtmlAndLeavesOutWhatNobodySees) {
  const auto email = parse(
      "From: a@b.example\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nplain "
      "form\n--b\nContent-Type: text/html; charset=utf-8\n\n"
      "<html><head><title>t</title><style>p{}</style></head><body><div style=\"DISPLAY : none !important\">preheader "
      "<b>x</b></div><p>Hello&nbsp;&amp;\n  welcome</p>"
      "<span style='font-size:0px'>noise</span><script>var a;</script><!-- c "
      "--><p>Second<br>line</p><table><tr><td>a</td><td>b</td></tr></table><p hidden>h</p></body></html>\n--b--\n");
  EXPECT_EQ(email.body_text, "Hello & welcome\nSecond\nline\na b");
  EXPECT_TRUE(email.has_html);
}

TEST(Body, SplitsWhatGmailAndOutlookQuote) {
  const auto gmail = parse(
      "From: a@b.example\nSubject: Re: x\nContent-Type: text/html\n\n<div>New text</div><div class=\"gmail_quote\"><div "
      "class=gmail_attr>On Fri, Ann wrote:</div><blockquote>Old "
      "text</blockquote></div>\n");
  EXPECT_EQ(gmail.body_text, "New text");
  EXPECT_NE(gmail.quoted_text.find("Old text"), std::string::npos);
  const auto outlook = parse(
      "From: a@b.example\nSubject: Re: x\nContent-Type: text/html\n\n<p>New</p><hr><div id=\"divRplyFwdMsg\"><b>From:</b> "
      "Ann</div><div>Old</div>\n");
  EXPECT_EQ(outlook.body_text, "New");
  EXPECT_EQ(outlook.quoted_text, "From: Ann\nOld");
}

TEST(Body, SplitsQuotesOfManyLanguages) {
  for (const auto* divider :
       {"On Fri, 20 Nov 2026 at 10:00, Ann <a@b.example> wrote:", "On Fri, Nov 20, 2026 at 10:00 AM Ann Longname\n<ann@b.example> wrote:",
        "-----Original Message-----", "---------- Forwarded message ---------",
        "Am Fr., 20. Nov. 2026 um 10:00 Uhr schrieb Ann <a@b.example>:", "-----Ursprüngliche Nachricht-----",
        "Le ven. 20 nov. 2026 à 10:00, Ann <a@b.example> a écrit :", "El vie, 20 nov 2026 a las 10:00, Ann (<a@b.example>) escribió:",
        "Op vr 20 nov 2026 om 10:00 schreef Ann <a@b.example>:", "From: Ann\nSent: Friday\nTo: Bob\nSubject: x\n",
        "Von: Ann\nGesendet: Freitag\nAn: Bob\nBetreff: x\n", "De : Ann\nEnvoyé : vendredi\nÀ : Bob\nObjet : x\n",
        "De: Ann\nEnviado: viernes\nPara: Bob\nAsunto: x\n", "Van: Ann\nVerzonden: vrijdag\nAan: Bob\nOnderwerp: x\n",
        "*From:* Ann\n*Date:* Friday\n*To:* Bob\n", "Begin forwarded message:"}) {
    const auto email = parse("From: a@b.example\nContent-Type: text/plain; charset=utf-8\n\nNew text: see below\n\n" +
                             std::string(divider) + "\n\nOld text\n");
    EXPECT_EQ(email.body_text, "New text: see below") << divider;
    EXPECT_NE(email.quoted_text.find("Old text"), std::string::npos) << divider;
  }
}

TEST(Body, KeepsAnswersBetweenQuotesAndPlainLetters) {
  const auto email = parse("From: a@b.example\n\nOn 20 Nov, Ann <a@b.example> wrote:\n> one\nfirst answer\n> two\nsecond answer\n");
  EXPECT_EQ(email.body_text, "first answer\nsecond answer");
  EXPECT_EQ(parse("From: a@b.example\n\nFrom: my heart\nto yours\n").body_text, "From: my heart\nto yours");
  EXPECT_EQ(parse("From: a@b.example\n\nOn this matter the judge wrote:\nNo.\n").body_text, "On this matter the judge wrote:\nNo.");
}

TEST(Body, DoesNotHideAFirstMessageThatLooksQuoted) {
  EXPECT_EQ(parse("From: a@b.example\nSubject: hello\n\n> send money\n").body_text, "> send money");
  EXPECT_EQ(parse("From: a@b.example\nSubject: Fwd: hello\n\n> send money\n").body_text, "");
}

TEST(Body, ConvertsCharsetsAndNotesUnknownOnes) {
  EXPECT_EQ(parse("From: a@b.example\nContent-Type: text/plain; charset=koi8-r\n\n\xf0\xd2\xc9\xd7\xc5\xd4\n").body_text, "Привет");
  EXPECT_EQ(parse("From: a@b.example\nContent-Type: text/plain; charset=gb2312\n\n\xc4\xe3\xba\xc3\n").body_text, "你好");
  EXPECT_EQ(parse("From: a@b.example\n\n\x93quoted\x94\n").body_text, "“quoted”");
  const auto email = parse("From: a@b.example\nContent-Type: text/plain; charset=klingon\n\n\xe4\n");
  EXPECT_EQ(email.body_text, "ä");
  EXPECT_TRUE(has_note(email, "unknown charset"));
}

TEST(Links, ComeFromAnchorsAndText) {
  const auto email = parse(
      "From: a@b.example\nContent-Type: text/html\n\n<a href='https://evil.example/x?a=1&amp;b=2'>https://www.bank.co.uk/login</a> <a "
      "href='mailto:x@y.example'>mail</a> "
      "<a href='#top'>top</a> <a href='https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.target.example%2F'><img "
      "alt='Open  document'></a> see "
      "(http://plain.example/a_(b)), <a href='https://ok.example'>invoice.zip</a>\n");
  ASSERT_EQ(email.links.size(), 4u);
  EXPECT_EQ(email.links[0],
            (Link{"https://evil.example/x?a=1&b=2", "evil.example", "evil.example", "https://www.bank.co.uk/login", "bank.co.uk", "html"}));
  EXPECT_EQ(email.links[1].host, "www.target.example");
  EXPECT_EQ(email.links[1].display_text, "Open document");
  EXPECT_EQ(email.links[2].display_domain, "");
  EXPECT_EQ(email.links[3].url, "http://plain.example/a_(b)");
  const auto text =
      parse("From: a@b.example\n\nGo to www.one.example/x, https://two.example. Or xhttp://three.example and ww.four.example or http://\n");
  std::vector<std::string> hosts;
  for (const auto& link : text.links) hosts.push_back(link.host);
  EXPECT_EQ(hosts, (std::vector<std::string>{"www.one.example", "two.example", "three.example"}));
  EXPECT_EQ(text.links[0].origin, "text");
}

TEST(Attachments, AreNamedSniffedAndHashed) {
  const std::string zip = "PK\x03\x04 word/document.xml";
  const auto email = parse(
      "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/related; "
      "boundary=c\n\n--c\nContent-Type: text/html\n\n<p>x</p>\n--c\n"
      "Content-Type: image/png; name=logo.png\nContent-ID: <l>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--c--\n--b\n"
      "Content-Type: application/octet-stream\nContent-Disposition: attachment; "
      "filename*=utf-8''R%C3%A9sum%C3%A9.docx\nContent-Transfer-Encoding: base64\n\n" +
      to_base64(zip) +
      "\n--b\nContent-Type: text/html; name=invoice.htm\nContent-Disposition: attachment; "
      "filename=\"=?utf-8?Q?inv=C3=B6ice.htm?=\"\n\n<html>hi</html>\n--b\n"
      "Content-Type: message/rfc822\n\nFrom: in@ner.example\nSubject: inner\n\ninner text\n--b--\n");
  ASSERT_EQ(email.attachments.size(), 4u);
  EXPECT_EQ(email.body_text, "x");
  EXPECT_EQ(email.attachments[0].part_id, "1.2");
  EXPECT_TRUE(email.attachments[0].is_inline);
  EXPECT_EQ(email.attachments[0].sniffed_type, "image/png");
  EXPECT_EQ(email.attachments[1].filename, "Résumé.docx");
  EXPECT_EQ(email.attachments[1].declared_type, "application/octet-stream");
  EXPECT_EQ(email.attachments[1].sniffed_type, "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
  EXPECT_EQ(email.attachments[1].sha256, sha256_hex(zip));
  EXPECT_EQ(email.attachments[1].size_bytes, static_cast<std::int64_t>(zip.size()));
  EXPECT_FALSE(email.attachments[1].is_inline);
  EXPECT_EQ(email.attachments[2].filename, "invöice.htm");
  EXPECT_EQ(email.attachments[2].sniffed_type, "text/html");
  EXPECT_EQ(email.attachments[3].declared_type, "message/rfc822");
  EXPECT_EQ(email.attachments[3].filename, "inner");
}

double seconds_of(const std::string& bytes, Email& email) {
  const double begin = testing::thread_cpu_seconds();
  auto result = parse_message(bytes, context());
  const double seconds = testing::thread_cpu_seconds() - begin;
  EXPECT_TRUE(result);
  if (result) email = std::move(*result);
  return seconds;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t bomb_bytes = 64 << 10;  // GMime's small reallocs copy each time under ASan
#else
constexpr std::size_t bomb_bytes = 1 << 20;
#endif

constexpr double hostile_seconds_max = 20;  // of CPU, under sanitizers; each takes well under a second otherwise

TEST(Limits, HoldForManyParts) {
  std::string bytes = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 5000; ++i) bytes += "--b\r\nContent-Type: application/pdf\r\n\r\n%PDF-\r\n";
  bytes += "--b--\r\n";
  Email email;
  EXPECT_LT(seconds_of(bytes, email), hostile_seconds_max);
  EXPECT_EQ(email.attachments.size(), 200u);
  EXPECT_TRUE(has_note(email, "5001 parts, 1000 read"));
  EXPECT_TRUE(has_note(email, "attachments cut at 200"));
}

TEST(Limits, HoldForDeepNesting) {
  std::string bytes = "From: a@b.example\r\n";
  for (int i = 0; i < 3000; ++i)
    bytes += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" + std::to_string(i) + "\r\n";
  bytes += "Content-Type: text/plain\r\n\r\ndeep\r\n";
  Email email;
  EXPECT_LT(seconds_of(bytes, email), hostile_seconds_max);
  EXPECT_TRUE(has_note(email, "nested deeper"));
  std::string messages;
  for (int i = 0; i < 3000; ++i) messages += "From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n";
  EXPECT_LT(seconds_of(messages, email), hostile_seconds_max);
}

TEST(Limits, HoldForAFortyMegabyteBody) {
  std::string bytes = "From: a@b.example\r\nContent-Type: text/plain\r\n\r\n";
  while (bytes.size() < (40u << 20))
    bytes += "This is a line with www.example.com/" + std::to_string(bytes.size()) + " in it: > and more.\r\n";
  Email email;
  EXPECT_LT(seconds_of(bytes, email), hostile_seconds_max);
  EXPECT_LE(email.body_text.size(), std::size_t{256 << 10});
  EXPECT_EQ(email.links.size(), 500u);
  EXPECT_TRUE(has_note(email, "body_text cut at 262144 bytes"));
  EXPECT_TRUE(has_note(email, "links cut at 500"));
}

TEST(Limits, HoldForManyRecipients) {
  std::string bytes = "From: a@b.example\r\nTo: ";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int recipients = 20'000;  // GMime grows a folded field line by line, and each such realloc copies under ASan
#else
  constexpr int recipients = 100'000;
#endif
  for (int i = 0; i < recipients; ++i) bytes += "Name " + std::to_string(i) + " <u" + std::to_string(i) + "@x.example>,\r\n ";
  bytes += "last@x.example\r\nReply-To: r@y.example\r\n\r\nx\r\n";
  Email email;
  EXPECT_LT(seconds_of(bytes, email), hostile_seconds_max);
  EXPECT_EQ(email.recipients.size(), 2000u);
  EXPECT_EQ(email.recipients.back().address, "r@y.example");
  EXPECT_TRUE(has_note(email, "recipients cut at 2000"));
}

TEST(Limits, HoldForALargeHeader) {
  const std::string start = "From: a@b.example\r\nSubject: s\r\n";
  const std::string end = "X-Last: 1\r\nContent-Type: text/html\r\n\r\n<p>Pay <a href=\"https://x.example/\">here</a></p>\r\n";
  std::string fields, lines;
  while (fields.size() < 8u << 20) fields += "X-Padding: " + std::string(4000, 'x') + "\r\n";
  while (lines.size() < 8u << 20) lines += " " + std::string(900, 'y') + "\r\n";
  for (const auto& padding : {fields, "X-Folded: 1\r\n" + lines}) {
    Email email;
    EXPECT_LT(seconds_of(start + padding + end, email), hostile_seconds_max);
    EXPECT_EQ(email.from_address, "a@b.example");
    EXPECT_EQ(email.body_text, "Pay here");  // its Content-Type stands behind the cut, and still counts
    EXPECT_EQ(email.links.size(), 1u);
    EXPECT_TRUE(has_note(email, "header cut at 4194304 bytes"));
  }
  // Fields that say how the body is made have a limit together too.
  std::string content;
  while (content.size() < 8u << 20) content += "Content-X: " + std::string(60'000, 'x') + "\r\n";
  Email email;
  EXPECT_LT(seconds_of(start + content + "\r\ntext\r\n", email), hostile_seconds_max);
  EXPECT_EQ(email.body_text, "text");
  EXPECT_TRUE(has_note(email, "header cut at 4194304 bytes"));
  // The header of a part.
  EXPECT_LT(seconds_of(
                start + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst\r\n--b\r\n" + fields + "\r\nsecond\r\n--b--\r\n",
                email),
            hostile_seconds_max);
  EXPECT_EQ(email.body_text, "first");
  EXPECT_TRUE(has_note(email, "a longer header of a part than is read"));
}

TEST(Limits, HoldForBombsOfHeadersBoundariesAndTags) {
  Email email;
  std::string fields = "From: a@b.example\r\n";
  while (fields.size() < (256u << 10)) fields += "a: b\r\n";
  EXPECT_LT(seconds_of(fields, email), hostile_seconds_max);
  EXPECT_TRUE(has_note(email, "more header fields"));
  EXPECT_EQ(email.from_address, "a@b.example");

  std::string boundaries = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  while (boundaries.size() < (256u << 10)) boundaries += "--b\r\n";
  EXPECT_LT(seconds_of(boundaries, email), hostile_seconds_max);
  EXPECT_TRUE(has_note(email, "more boundary lines"));

  // A tag of many attributes, and many names that no dictionary has: the tokenizer looked each up among all before it.
  for (const bool one_tag : {true, false})
    for (const bool same_name : {true, false}) {
      std::string html = "From: a@b.example\r\nContent-Type: text/html\r\n\r\n<p>before</p><p";
      for (int i = 0; html.size() < bomb_bytes; ++i) html += (one_tag ? " a" : "><a") + (same_name ? "" : std::to_string(i));
      html += "><p>behind</p>";
      EXPECT_LT(seconds_of(html, email), hostile_seconds_max) << one_tag << same_name;
      EXPECT_TRUE(email.body_text.contains("before") && email.body_text.contains("behind")) << email.body_text.substr(0, 200);
      EXPECT_EQ(has_note(email, "attributes, the rest of it not read"), one_tag);
    }

  for (const std::string tag : {"<div>", "<p>", "<a href=x>", "<b><table>", "</b>", "<", "<a ", "&amp", "(", "www.", "://", "\"<!--"}) {
    std::string html = "From: a@b.example\r\nContent-Type: text/html\r\n\r\n";
    while (html.size() < bomb_bytes) html += tag;
    EXPECT_LT(seconds_of(html, email), hostile_seconds_max) << tag;
  }
  for (const std::string piece : {"<", "\"", "(", ",", ":", "a@", "=?utf-8?Q?", "\\", ";:", "=?utf-8?Q?a?= "}) {
    std::string header = "From: a@b.example\r\nTo: ";
    while (header.size() < bomb_bytes / 2) header += piece;
    header += "\r\nSubject: " + header.substr(0, bomb_bytes / 4) + "\r\nAuthentication-Results: " + header.substr(0, bomb_bytes / 4) +
              "\r\n\r\nx\r\n";
    std::erase(header, '\0');
    EXPECT_LT(seconds_of(header, email), hostile_seconds_max) << piece;
  }
}

}  // namespace
}  // namespace letterlock::mail

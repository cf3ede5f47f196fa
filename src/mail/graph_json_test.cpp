#include <gtest/gtest.h>

#include "base/encoding.h"
#include "mail/message.h"

namespace letterlock::mail {
namespace {

ParseContext context() {
  return {.trusted_authserv_ids = {"microsoft"}, .tenant_domains = {"contoso.example"}, .mailbox_address = "bob@contoso.example"};
}

constexpr std::string_view full = R"({
  "@odata.etag": "W/\"x\"", "id": "AAMk1", "conversationId": "conv", "parentFolderId": "folder", "isDraft": false, "categories": ["Red"],
  "internetMessageId": "<m1@vendor.example>", "subject": "RE: Invoice\u0000 7", "receivedDateTime": "2026-11-20T10:00:00Z", "sentDateTime": "2026-11-20T09:59:58Z",
  "from": {"emailAddress": {"name": "Ann Vendor", "address": "Ann@Vendor.example"}}, "sender": {"emailAddress": {"name": "Ann Vendor", "address": "Ann@Vendor.example"}},
  "toRecipients": [{"emailAddress": {"name": "Bob", "address": "bob@contoso.example"}}],
  "ccRecipients": [{"emailAddress": {"name": "Old", "address": "/O=ORG/CN=OLD"}}], "bccRecipients": [], "replyTo": [{"emailAddress": {"name": "", "address": "ann@other.example"}}],
  "body": {"contentType": "html", "content": "<p>Please pay <a href=\"https://evil.example/p\">www.bank.example.com</a></p><p>\ud83d</p>"},
  "internetMessageHeaders": [
    {"name": "Authentication-Results", "value": "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=vendor.example; dkim=pass (signature was verified) header.d=vendor.example;dmarc=pass action=none header.from=vendor.example;compauth=pass reason=100"},
    {"name": "References", "value": "<a@x> <b@x>"}, {"name": "X-Mailer", "value": "Mailer 1"}],
  "hasAttachments": true, "attachments": [{"@odata.type": "#microsoft.graph.fileAttachment", "id": "att1", "name": "a.pdf", "contentType": "application/PDF; x=1", "size": 1234, "isInline": false}],
  "unknown": {"deep": [1, 2, {"x": null}]}})";

TEST(GraphMessage, BecomesAnEmail) {
  const auto email = parse_graph_message(full, context());
  ASSERT_TRUE(email) << email.error().message;
  EXPECT_EQ(email->provider_message_id.str(), "AAMk1");
  EXPECT_EQ(email->thread_id, "conv");
  EXPECT_EQ(email->folder_id.str(), "folder");
  EXPECT_EQ(email->labels, std::vector<std::string>{"Red"});
  EXPECT_EQ(email->message_id, "m1@vendor.example");
  EXPECT_EQ(email->references, (std::vector<std::string>{"a@x", "b@x"}));
  EXPECT_EQ(email->subject, "RE: Invoice 7");
  EXPECT_EQ(email->subject_base, "Invoice 7");
  EXPECT_TRUE(email->is_reply);
  EXPECT_EQ(email->from_address, "ann@vendor.example");
  EXPECT_EQ(email->from_name, "Ann Vendor");
  EXPECT_EQ(email->sender_address, "");
  EXPECT_EQ(to_rfc3339(email->received_at), "2026-11-20T10:00:00.000000Z");
  EXPECT_EQ(email->direction, Direction::inbound);
  EXPECT_TRUE(email->authentication.trusted);
  EXPECT_EQ(email->authentication.compauth, "pass");
  EXPECT_EQ(email->authentication.dkim_domain, "vendor.example");
  ASSERT_EQ(email->recipients.size(), 3u);
  EXPECT_EQ(email->recipients[1], (Recipient{"cc", "/o=org/cn=old", "Old", ""}));
  EXPECT_EQ(email->recipients[2].kind, "reply_to");
  ASSERT_EQ(email->links.size(), 1u);
  EXPECT_EQ(email->links[0].host, "evil.example");
  EXPECT_EQ(email->links[0].display_domain, "example.com");
  ASSERT_EQ(email->attachments.size(), 1u);
  EXPECT_EQ(email->attachments[0].declared_type, "application/pdf");
  EXPECT_EQ(email->attachments[0].size_bytes, 1234);
  EXPECT_EQ(email->mailer, "Mailer 1");
}

TEST(GraphMessage, NeedsNoHeadersAndTakesNulls) {
  const auto email = parse_graph_message(
      R"({"id":"1","subject":null,"from":null,"body":{"contentType":"text","content":"hello"},"isDraft":true,"toRecipients":[],"sentDateTime":"2026-01-02T03:04:05Z"})",
      context());
  ASSERT_TRUE(email) << email.error().message;
  EXPECT_TRUE(email->is_draft);
  EXPECT_EQ(email->body_text, "hello");
  EXPECT_EQ(email->from_address, "");
  EXPECT_EQ(to_rfc3339(email->received_at), "2026-01-02T03:04:05.000000Z");
}

TEST(GraphMessage, EqualsTheSameMessageAsBytes) {
  const std::string json =
      R"({"id":"1","subject":"Hi","from":{"emailAddress":{"name":"Ann","address":"ann@a.example"}},"toRecipients":[{"emailAddress":{"name":"Bob","address":"bob@contoso.example"}}],
          "body":{"contentType":"html","content":"<p>See <b>this</b></p>"},"internetMessageHeaders":[{"name":"Date","value":"Fri, 20 Nov 2026 10:00:00 +0000"}]})";
  const auto graph = parse_graph_message(json, context());
  auto bytes = parse_message(
      "From: Ann <ann@a.example>\r\nTo: Bob <bob@contoso.example>\r\nSubject: Hi\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\nContent-Type: "
      "text/html\r\n\r\n<p>See "
      "<b>this</b></p>",
      context());
  ASSERT_TRUE(graph && bytes);
  bytes->provider_message_id = graph->provider_message_id;
  bytes->size_bytes = 0;
  EXPECT_EQ(graph->raw_sha256, sha256_hex(json)) << "of the JSON as it came";
  bytes->raw_sha256 = graph->raw_sha256;
  EXPECT_EQ(*graph, *bytes);
}

TEST(GraphMessage, IsRefusedWhenItIsNoMessage) {
  for (const auto* json : {"", "[]", "{", "null", "{}", R"({"id":""})", "\xff\xfe", R"({"id":7})"}) {
    const auto email = parse_graph_message(json, context());
    ASSERT_FALSE(email) << json;
    EXPECT_EQ(email.error().kind, ErrorKind::invalid);
  }
}

}  // namespace
}  // namespace letterlock::mail

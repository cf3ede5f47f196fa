#include "ports/storage_conformance.h"

#include "base/encoding.h"

namespace letterlock {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StorageConformance);

namespace {

const TimePoint start = from_unix_micros(1'700'000'000'000'000);
const MailboxId mailbox("mailbox-1");

EmailRecord email_record(const std::string& id, const std::string& subject = "Subject", const FolderId& folder = {}) {
  EmailRecord record;
  Email& email = record.email;
  email.mailbox_id = mailbox;
  email.provider_message_id = ProviderMessageId(id);
  email.folder_id = folder;
  email.message_id = id + "@mail.example";
  email.from_address = "a@partner.example";
  email.from_domain = "partner.example";
  email.subject = subject;
  email.received_at = start;
  email.body_text = "Grüße, 株式会社 🙂";
  email.recipients = {{.kind = "to", .address = "b@firma.example", .name = "B", .domain = "firma.example"}};
  email.links = {{.url = "https://x.example/", .host = "x.example", .domain = "x.example", .display_text = "here", .origin = "html"}};
  email.attachments = {
      {.part_id = "1", .filename = "a.pdf", .declared_type = "application/pdf", .sniffed_type = "application/pdf", .size_bytes = 7}};
  email.payment_instruments = {
      {.kind = "iban", .value = "DE89370400440532013000", .country = "DE", .bank = "37040044", .origin = "body"},
      {.kind = "us_routing", .value = "021000021", .account = "123456789", .country = "US", .bank = "021000021", .origin = "attachment"}};
  record.raw = {.format = "rfc5322", .bytes = "From: a@partner.example\r\n\r\n" + subject};
  return record;
}

Append step(std::int64_t seen_version, std::vector<EmailRecord> emails = {}, const FolderId& folder = {}) {
  return {.cursor = {mailbox, "gmail", folder},
          .seen_version = seen_version,
          .next_value = "{\"at\":" + std::to_string(seen_version + 1) + "}",
          .at = start + std::chrono::minutes(seen_version),
          .emails = std::move(emails)};
}

}  // namespace

std::string StorageConformance::text(std::string_view sql) {
  const auto result = storage().query(tenant(), sql, {});
  EXPECT_TRUE(result) << sql << ": " << result.error().message;
  if (!result || result->rows.size() != 1) return "(" + std::to_string(result ? result->rows.size() : 0) + " rows)";
  const Value& cell = result->rows[0].at(0);
  if (const auto* string = std::get_if<std::string>(&cell)) return *string;
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return std::to_string(*integer);
  if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? "true" : "false";
  if (const auto* time = std::get_if<TimePoint>(&cell)) return to_rfc3339(*time);
  return std::holds_alternative<std::monostate>(cell) ? "NULL" : "(number)";
}

std::int64_t StorageConformance::number(std::string_view sql) {
  const auto result = storage().query(tenant(), sql, {});
  EXPECT_TRUE(result) << sql << ": " << result.error().message;
  return result && result->rows.size() == 1 ? std::get<std::int64_t>(result->rows[0].at(0)) : -1;
}

AppendResult StorageConformance::must_append(const Append& append) {
  const auto result = storage().append(tenant(), append);
  EXPECT_TRUE(result) << result.error().message;
  return result.value_or(AppendResult{});
}

TEST_P(StorageConformance, OldMailGoesForGoodInBoundedSteps) {
  std::vector<EmailRecord> emails;
  for (int i = 1; i <= 6; ++i) {
    emails.push_back(email_record("m" + std::to_string(i)));
    emails.back().email.received_at = start + std::chrono::hours(i);
  }
  must_append(step(0, emails));
  const auto left = [&](const std::string& table) { return number("SELECT count(DISTINCT ingest_seq) FROM " + table); };
  // Older than the fifth, analysed up to the third: three go, two at a time, their bytes first.
  const Erasure erasure{.received_before = start + std::chrono::hours(5), .ingest_seq_max = 3, .messages_max = 2};
  const auto erase = [&] {
    const auto erased = storage().erase_mail(tenant(), erasure);
    EXPECT_TRUE(erased) << erased.error().message;
    return erased ? std::to_string(erased->raw) + " " + std::to_string(erased->messages) + (erased->more ? " more" : "") : "";
  };
  EXPECT_EQ(erase(), "2 0 more");
  EXPECT_EQ(left("email_raw"), 4);
  EXPECT_EQ(left("emails"), 6) << "the bytes go first";
  EXPECT_EQ(storage().get_raw(tenant(), mailbox, ProviderMessageId("m1")).error().kind, ErrorKind::not_found);
  EXPECT_EQ(erase(), "1 0 more");
  EXPECT_EQ(erase(), "0 2 more");
  EXPECT_EQ(erase(), "0 1");
  EXPECT_EQ(erase(), "0 0");
  for (const auto* table : {"emails", "recipients", "links", "attachments", "payment_instruments", "email_raw"})
    EXPECT_EQ(left(table), 3) << table;
  EXPECT_EQ(number("SELECT min(ingest_seq) FROM emails"), 4);
  EXPECT_TRUE(storage().get_raw(tenant(), mailbox, ProviderMessageId("m4")));

  // The provider shows them again, in a full listing: what was erased stays so, and no number is given twice.
  emails.push_back(email_record("m7"));
  const auto again = must_append(step(1, emails));
  EXPECT_EQ(again.inserted, 1);
  EXPECT_EQ(again.updated, 3);
  EXPECT_EQ(again.last_ingest_seq, 7);
  EXPECT_EQ(left("emails"), 4);
  EXPECT_EQ(left("email_raw"), 4);
  for (const int wrong : {0, -1, 10'001})
    EXPECT_EQ(storage().erase_mail(tenant(), {.received_before = start, .ingest_seq_max = 9, .messages_max = wrong}).error().kind,
              ErrorKind::invalid);
}

TEST_P(StorageConformance, UsersComeBackAsTheyWere) {
  const std::vector<User> users{
      {.user_id = UserId("u1"),
       .primary_email = "ann@firma.example",
       .aliases = {"a@firma.example", "\"q\"@firma.example"},
       .display_name = "Ann \"Q\" Åström\n",
       .job_title = "CEO",
       .is_admin = true,
       .created_at = start,
       .last_login_at = start + std::chrono::microseconds(1)},
      {.user_id = UserId("u2"),
       .primary_email = "bob@firma.example",
       .mailbox_state = MailboxState::no_mailbox,
       .mailbox_state_reason = "no licence"},
  };
  ASSERT_TRUE(storage().save_users(tenant(), users, {.complete = true}, {.domains = {"firma.example"}, .vip_user_ids = {"u1"}}, start));
  const auto stored = storage().get_users(tenant());
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(*stored, users);
  EXPECT_EQ(text("SELECT string_agg(user_id, ',') FROM users WHERE is_vip"), "u1");
  EXPECT_EQ(text("SELECT string_agg(domain, ',') FROM tenant_domains"), "firma.example");

  // An incomplete listing deletes nobody, a complete one does, and who comes back is no longer deleted.
  ASSERT_TRUE(storage().save_users(tenant(), std::span(users).first(1), {}, {}, start));
  EXPECT_EQ(number("SELECT count(*) FROM users WHERE deleted_at IS NOT NULL"), 0);
  ASSERT_TRUE(storage().save_users(tenant(), std::span(users).first(1), {.complete = true}, {}, start));
  EXPECT_EQ(text("SELECT string_agg(user_id, ',') FROM users WHERE deleted_at IS NOT NULL"), "u2");
  ASSERT_TRUE(storage().save_users(tenant(), users, {.complete = true}, {}, start));
  EXPECT_EQ(number("SELECT count(*) FROM users WHERE deleted_at IS NOT NULL"), 0);
}

TEST_P(StorageConformance, AListingDeletesUsersOfItsOwnConnectionAlone) {
  const ConnectionId google("11111111-1111-4111-8111-111111111111"), microsoft("22222222-2222-4222-8222-222222222222");
  const std::vector<User> of_google{{.user_id = UserId("g1"), .primary_email = "g1@x.example"},
                                    {.user_id = UserId("g2"), .primary_email = "g2@x.example"}};
  const std::vector<User> of_microsoft{{.user_id = UserId("m1"), .primary_email = "m1@x.example"}};
  ASSERT_TRUE(storage().save_users(tenant(), of_google, {.connection_id = google, .complete = true}, {}, start));
  ASSERT_TRUE(storage().save_users(tenant(), of_microsoft, {.connection_id = microsoft, .complete = true}, {}, start));
  EXPECT_EQ(number("SELECT count(*) FROM users WHERE deleted_at IS NOT NULL"), 0);
  ASSERT_TRUE(storage().save_users(tenant(), std::span(of_google).first(1), {.connection_id = google, .complete = true}, {}, start));
  EXPECT_EQ(text("SELECT string_agg(user_id, ',') FROM users WHERE deleted_at IS NOT NULL"), "g2");
  const auto stored = storage().get_users(tenant());
  ASSERT_TRUE(stored && stored->size() == 3);
  EXPECT_EQ((*stored)[0].connection_id, google);
  EXPECT_EQ((*stored)[2].connection_id, microsoft);
}

TEST_P(StorageConformance, SettingsKeepTheirHistoryAndTakeTheTenantsSequence) {
  const auto day = std::chrono::hours(24);
  const auto save = [&](const std::vector<MailboxSetting>& settings, TimePoint at) {
    const auto changes = storage().save_mailbox_settings(tenant(), mailbox, settings, at);
    EXPECT_TRUE(changes) << changes.error().message;
    return changes.value_or(SettingsChanges{});
  };
  const auto rows = [&] {
    return text(
        "SELECT string_agg(concat_ws(' ', ingest_seq, kind, setting_id, is_baseline, valid_to IS NULL), ', ' ORDER BY ingest_seq) "
        "FROM mailbox_settings");
  };
  MailboxSetting rule{.kind = "rule",
                      .setting_id = "r1",
                      .name = "Räum auf",
                      .is_enabled = true,
                      .forward_to = {"x@evil.example", "y@evil.example"},
                      .move_to = "rss feeds",
                      .deletes = true,
                      .marks_read = true,
                      .words = {"invoice", "zahlung \"x\""},
                      .senders = {"boss@x.example"},
                      .definition = "{\"a\":1}"};
  const MailboxSetting delegate{.kind = "delegate", .setting_id = "d@x.example", .forward_to = {"d@x.example"}};
  must_append(step(0, {email_record("m1")}));
  EXPECT_EQ(save({rule}, start), (SettingsChanges{.added = 1, .last_ingest_seq = 2}));
  EXPECT_EQ(
      text("SELECT concat_ws('|', name, is_enabled, forward_to::VARCHAR, move_to, deletes, marks_read, words[2], senders[1], definition) "
           "FROM mailbox_settings"),
      "Räum auf|true|[x@evil.example, y@evil.example]|rss feeds|true|true|zahlung \"x\"|boss@x.example|{\"a\":1}");
  EXPECT_EQ(text("SELECT valid_from FROM mailbox_settings"), to_rfc3339(start));

  // The same again changes nothing; e-mails and settings share one sequence, and the next append goes on behind it.
  EXPECT_EQ(save({rule, rule}, start + day), (SettingsChanges{.last_ingest_seq = 2}));
  EXPECT_EQ(must_append(step(1, {email_record("m2")})).last_ingest_seq, 3);

  rule.is_enabled = false;
  EXPECT_EQ(save({rule, delegate}, start + 2 * day), (SettingsChanges{.added = 2, .ended = 1, .last_ingest_seq = 5}));
  EXPECT_EQ(rows(), "2 rule r1 true false, 4 delegate d@x.example false true, 5 rule r1 false true");
  EXPECT_EQ(text("SELECT valid_to FROM mailbox_settings WHERE ingest_seq = 2"), to_rfc3339(start + 2 * day));
  EXPECT_EQ(save({}, start + 3 * day), (SettingsChanges{.ended = 2, .last_ingest_seq = 5}));
  EXPECT_EQ(save({rule}, start + 4 * day), (SettingsChanges{.added = 1, .last_ingest_seq = 6})) << "it came back";
  EXPECT_EQ(number("SELECT count(*) FROM mailbox_settings WHERE valid_to IS NULL"), 1);

  // A mailbox that had none when it was read first has no baseline; mailboxes are apart.
  const MailboxId other("other");
  ASSERT_TRUE(storage().save_mailbox_settings(tenant(), other, {}, start));
  ASSERT_TRUE(storage().save_mailbox_settings(tenant(), other, std::vector{rule}, start + day));
  EXPECT_EQ(text("SELECT is_baseline FROM mailbox_settings WHERE mailbox_id = 'other'"), "false");
  EXPECT_EQ(number("SELECT count(*) FROM mailbox_settings WHERE valid_to IS NULL"), 2);

  // The sequence is found again when the file is opened anew.
  ASSERT_TRUE(storage().forget(tenant(), false));
  EXPECT_EQ(must_append(step(2, {email_record("m3")})).last_ingest_seq, 8);

  rule.words = {std::string("caf\xe9")};
  const auto refused = storage().save_mailbox_settings(tenant(), mailbox, std::vector{rule}, start);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("mailbox_settings.words"), std::string::npos) << refused.error().message;
}

TEST_P(StorageConformance, AnAppendStoresEmailWithAllThatHangsOnIt) {
  EmailRecord record = email_record("m1", "Rechnung “42”");
  record.email.labels = {"INBOX", "UNREAD"};
  record.email.references = {"r1@x", "r2@x"};
  record.email.date_header = start - std::chrono::hours(1);
  record.email.authentication = {
      .trusted = true, .authserv_id = "mx.example", .spf = "pass", .dkim = "fail", .dkim_domain = "d.example", .dmarc = "fail"};
  record.email.parse_notes = {"a note"};
  const AppendResult result = must_append(step(0, {record}));
  EXPECT_EQ(result, (AppendResult{.cursor_version = 1, .inserted = 1, .last_ingest_seq = 1}));
  EXPECT_EQ(text("SELECT subject || '|' || body_text || '|' || dmarc || '|' || labels[2] || '|' || \"references\"[1] || '|' || "
                 "parse_notes[1] FROM emails"),
            "Rechnung “42”|Grüße, 株式会社 🙂|fail|UNREAD|r1@x|a note");
  EXPECT_EQ(text("SELECT date_header FROM emails"), to_rfc3339(start - std::chrono::hours(1)));
  EXPECT_EQ(text("SELECT r.address || l.url || a.filename FROM recipients r JOIN links l USING (provider_message_id) JOIN attachments a "
                 "USING (provider_message_id)"),
            "b@firma.examplehttps://x.example/a.pdf");
  EXPECT_EQ(text("SELECT string_agg(concat_ws('|', position, kind, value, account, country, bank, origin), ' ' ORDER BY position) FROM "
                 "payment_instruments WHERE ingest_seq = 1 AND mailbox_id = 'mailbox-1' AND provider_message_id = 'm1'"),
            "0|iban|DE89370400440532013000||DE|37040044|body 1|us_routing|021000021|123456789|US|021000021|attachment");
  EXPECT_EQ(text("SELECT labels FROM emails"), "[\"INBOX\",\"UNREAD\"]");  // lists come as JSON text
  const auto raw = storage().get_raw(tenant(), mailbox, ProviderMessageId("m1"));
  ASSERT_TRUE(raw) << raw.error().message;
  EXPECT_EQ(raw->bytes, record.raw.bytes);
  EXPECT_EQ(raw->format, "rfc5322");
  EXPECT_EQ(storage().get_raw(tenant(), mailbox, ProviderMessageId("none")).error().kind, ErrorKind::not_found);
  const auto cursors = storage().get_cursors(tenant(), mailbox);
  ASSERT_TRUE(cursors && cursors->size() == 1);
  EXPECT_EQ((*cursors)[0], (StoredCursor{.key = {mailbox, "gmail", {}}, .value = "{\"at\":1}", .version = 1, .updated_at = start}));
}

TEST_P(StorageConformance, ASecondWorkerIsFencedOffAndChangesNothing) {
  must_append(step(0, {email_record("m1")}));
  Append late = step(0, {email_record("m2")});
  late.set_aside = {{ProviderMessageId("m3"), "broken", 5}};
  const auto refused = storage().append(tenant(), late);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_EQ(refused.error().code, "cursor_moved");
  EXPECT_EQ(text("SELECT string_agg(provider_message_id, ',') FROM emails"), "m1");
  EXPECT_EQ(number("SELECT count(*) FROM set_aside"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM email_raw"), 1);
  EXPECT_EQ(number("SELECT max(version) FROM cursors"), 1);
}

TEST_P(StorageConformance, TheSameMessageAgainIsAnUpdateAndKeepsItsPlace) {
  must_append(step(0, {email_record("m1", "first"), email_record("m2")}));
  const AppendResult again = must_append(step(1, {email_record("m1", "second"), email_record("m1", "third"), email_record("m3")}));
  EXPECT_EQ(again.inserted, 1);
  EXPECT_EQ(again.updated, 1);
  EXPECT_EQ(again.last_ingest_seq, 3);
  must_append(step(2, {email_record("m1", "fourth")}));
  EXPECT_EQ(text("SELECT subject || ' ' || ingest_seq FROM emails WHERE provider_message_id = 'm1'"), "fourth 1");
  EXPECT_EQ(number("SELECT count(*) FROM emails"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM recipients"), 3);
  EXPECT_EQ(storage().get_raw(tenant(), mailbox, ProviderMessageId("m1"))->bytes, email_record("m1", "fourth").raw.bytes);
}

TEST_P(StorageConformance, ChangesMergeAndNeverOverwriteWithNothing) {
  EmailRecord record = email_record("m1", "kept", FolderId("inbox"));
  record.email.labels = {"A"};
  must_append(step(0, {record}));
  Append change = step(1);
  change.changes = {{.provider_message_id = ProviderMessageId("m1"), .labels = std::vector<std::string>{"B", "C"}},
                    {.provider_message_id = ProviderMessageId("unknown"), .is_draft = true}};
  must_append(change);
  EXPECT_EQ(text("SELECT subject || folder_id || array_to_string(labels, '') FROM emails"), "keptinboxBC");
  EXPECT_EQ(number("SELECT count(*) FROM emails"), 1);
}

TEST_P(StorageConformance, ARemovalMarksTheRowAndAReturnLiftsTheMark) {
  must_append(step(0, {email_record("m1")}));
  Append gone = step(1);
  gone.removals = {{ProviderMessageId("m1"), {}, start + std::chrono::hours(1)}, {ProviderMessageId("unknown"), {}, start}};
  EXPECT_EQ(must_append(gone).removed, 1);
  EXPECT_EQ(text("SELECT removed_at FROM emails"), to_rfc3339(start + std::chrono::hours(1)));
  EXPECT_EQ(must_append(step(2, {email_record("m1")})).updated, 1);
  EXPECT_EQ(text("SELECT removed_at FROM emails"), "NULL");
}

TEST_P(StorageConformance, AMoveBetweenFoldersLosesNothingInEitherOrder) {
  const FolderId inbox("inbox"), archive("archive");
  must_append(step(0, {email_record("m1", "one", inbox), email_record("m2", "two", inbox)}, inbox));
  Append removed_first = step(1, {}, inbox);  // m1: "removed" in the old folder, then "added" in the new one
  removed_first.removals = {{ProviderMessageId("m1"), inbox, start}};
  must_append(removed_first);
  must_append(step(0, {email_record("m1", "one", archive), email_record("m2", "two", archive)}, archive));
  Append removed_later = step(2, {}, inbox);  // m2: the other way round
  removed_later.removals = {{ProviderMessageId("m2"), inbox, start}};
  EXPECT_EQ(must_append(removed_later).removed, 0);
  EXPECT_EQ(number("SELECT count(*) FROM emails WHERE removed_at IS NULL AND folder_id = 'archive'"), 2);
}

TEST_P(StorageConformance, AResyncSweepsWhatItDidNotSee) {
  must_append(step(0, {email_record("m1"), email_record("m2"), email_record("m3")}));
  Append again = step(1, {email_record("m1")});
  again.generation = 2;
  again.changes = {{.provider_message_id = ProviderMessageId("m2"), .labels = std::vector<std::string>{}}};
  must_append(again);
  Append last = step(2);
  last.generation = 2;
  last.sweep_below = 2;
  EXPECT_EQ(must_append(last).removed, 1);
  EXPECT_EQ(text("SELECT string_agg(provider_message_id, ',') FROM emails WHERE removed_at IS NOT NULL"), "m3");
}

TEST_P(StorageConformance, WhatWasSetAsideIsDroppedOnceStored) {
  Append poisoned = step(0, {email_record("m1")});
  poisoned.set_aside = {{ProviderMessageId("m2"), "no header field", 12}};
  EXPECT_EQ(must_append(poisoned).set_aside, 1);
  poisoned.seen_version = 1;
  must_append(poisoned);
  EXPECT_EQ(text("SELECT provider_message_id || ': ' || reason || ' ' || size_bytes FROM set_aside"), "m2: no header field 12");
  must_append(step(2, {email_record("m2")}));
  EXPECT_EQ(number("SELECT count(*) FROM set_aside"), 0);
}

TEST_P(StorageConformance, WhatAnAppendStoresItDoesNotSetAside) {
  Append poisoned = step(0);
  poisoned.set_aside = {{ProviderMessageId("m1"), "broken", 1}, {ProviderMessageId("m2"), "broken", 2}};
  must_append(poisoned);
  Append both = step(1, {email_record("m1")});  // m1: set aside earlier, stored and set aside now; m2: set aside again
  both.set_aside = {{ProviderMessageId("m1"), "broken again", 1}, {ProviderMessageId("m2"), "broken again", 2}};
  EXPECT_EQ(must_append(both).set_aside, 1);
  EXPECT_EQ(text("SELECT provider_message_id || reason FROM set_aside"), "m2broken again");
  EXPECT_EQ(number("SELECT count(*) FROM emails"), 1);
}

TEST_P(StorageConformance, DomainsAndVipsAreReplacedWhole) {
  const std::vector<User> users{{.user_id = UserId("u1"), .primary_email = "a@x.example"},
                                {.user_id = UserId("u2"), .primary_email = "b@x.example"}};
  ASSERT_TRUE(storage().save_users(tenant(), users, {.complete = true},
                                   {.domains = {"a.example", "b.example"}, .vip_user_ids = {"u1", "u2"}}, start));
  ASSERT_TRUE(storage().save_users(tenant(), users, {.complete = true},
                                   {.domains = {"b.example", "c.example", "c.example"}, .vip_user_ids = {"u1", "u2"}}, start));
  EXPECT_EQ(text("SELECT string_agg(domain, ',' ORDER BY domain) FROM tenant_domains"), "b.example,c.example");
  EXPECT_EQ(text("SELECT string_agg(user_id, ',' ORDER BY user_id) FROM users WHERE is_vip"), "u1,u2");
  // u2 is not in this listing, and is no longer a VIP.
  ASSERT_TRUE(storage().save_users(tenant(), std::span(users).first(1), {}, {.domains = {"b.example"}, .vip_user_ids = {"u1"}}, start));
  EXPECT_EQ(text("SELECT string_agg(user_id, ',') FROM users WHERE is_vip"), "u1");
  EXPECT_EQ(text("SELECT string_agg(domain, ',') FROM tenant_domains"), "b.example");
}

TEST_P(StorageConformance, BrokenTextIsRefusedWithItsColumnAndNothingIsStored) {
  for (const std::string& bad : {std::string("a\0b", 3), std::string("caf\xe9"), std::string("\xed\xa0\x80"), std::string("\xc0\xaf"),
                                 std::string("cut \xf0\x9f\x99")}) {
    Append subject = step(0, {email_record("m0"), email_record("m1", bad)});
    const auto refused = storage().append(tenant(), subject);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_NE(refused.error().message.find("emails.subject"), std::string::npos) << refused.error().message;
    Append name = step(0, {email_record("m1")});
    name.emails[0].email.recipients[0].name = bad;
    const auto recipient = storage().append(tenant(), name);
    ASSERT_FALSE(recipient);
    EXPECT_NE(recipient.error().message.find("recipients.name"), std::string::npos) << recipient.error().message;
    const auto user =
        storage().save_users(tenant(), std::vector<User>{{.user_id = UserId("u"), .primary_email = "u@x.example", .aliases = {bad}}},
                             {.complete = true}, {}, start);
    ASSERT_FALSE(user);
    EXPECT_EQ(user.error().kind, ErrorKind::invalid);
    EXPECT_NE(user.error().message.find("users.aliases"), std::string::npos) << user.error().message;
    EXPECT_FALSE(storage().query(tenant(), "SELECT $a", {.parameters = {{"a", std::string("caf\xe9")}}}));
  }
  EXPECT_EQ(number("SELECT (SELECT count(*) FROM emails) + (SELECT count(*) FROM cursors) + (SELECT count(*) FROM users)"), 0);
}

TEST_P(StorageConformance, CursorsOfOneMailboxAreApart) {
  must_append(step(0, {}, FolderId("b")));
  must_append(step(0, {}, FolderId("a")));
  must_append(step(1, {}, FolderId("a")));
  const auto cursors = storage().get_cursors(tenant(), mailbox);
  ASSERT_TRUE(cursors && cursors->size() == 2);
  EXPECT_EQ((*cursors)[0].key.folder_id.str(), "a");
  EXPECT_EQ((*cursors)[0].version, 2);
  EXPECT_EQ((*cursors)[1].version, 1);
  EXPECT_EQ(storage().get_last_sync_time(tenant(), mailbox).value(), start + std::chrono::minutes(1));
  EXPECT_EQ(storage().get_cursors(tenant(), MailboxId("other"))->size(), 0u);
}

TEST_P(StorageConformance, AQueryReadsWithParametersAndItsLimitsHold) {
  must_append(step(0, {email_record("m1", "it's \"quoted\""), email_record("m2")}));
  const auto found = storage().query(
      tenant(), "SELECT provider_message_id, $flag, $nothing IS NULL, $time FROM emails WHERE subject = $subject AND ingest_seq >= $least",
      {.parameters = {{"subject", std::string("it's \"quoted\"")},
                      {"least", std::int64_t{1}},
                      {"flag", true},
                      {"nothing", std::monostate{}},
                      {"time", start}}});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->rows.size(), 1u);
  EXPECT_EQ(std::get<std::string>(found->rows[0][0]), "m1");
  EXPECT_TRUE(std::get<bool>(found->rows[0][1]));
  EXPECT_TRUE(std::get<bool>(found->rows[0][2]));
  EXPECT_EQ(std::get<TimePoint>(found->rows[0][3]), start);
  EXPECT_EQ(found->columns[0].name, "provider_message_id");
  EXPECT_EQ(found->columns[0].type, "VARCHAR");
  EXPECT_EQ(found->columns[3].type, "TIMESTAMP WITH TIME ZONE");

  EXPECT_EQ(storage().query(tenant(), "SELECT * FROM range(11)", {.rows_max = 10}).error().code, "too_many_rows");
  EXPECT_EQ(storage().query(tenant(), "SELECT * FROM range(10)", {.rows_max = 10})->rows.size(), 10u);
  const auto slow = storage().query(tenant(), "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 1",
                                    {.timeout = std::chrono::milliseconds(200)});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, "timeout");
  EXPECT_EQ(slow.error().kind, ErrorKind::unavailable);
}

TEST_P(StorageConformance, AQueryCanNeitherWriteNorReachOutside) {
  must_append(step(0, {email_record("m1")}));
  for (const char* sql : {"DELETE FROM emails",
                          "UPDATE emails SET subject = ''",
                          "CREATE TABLE t (a INT)",
                          "DROP TABLE emails",
                          "ATTACH ':memory:' AS other",
                          "COPY emails TO 'out.csv'",
                          "SET threads = 1",
                          "PRAGMA database_list",
                          "INSERT INTO tenant_domains VALUES ('x')",
                          "BEGIN",
                          "CHECKPOINT",
                          "EXPLAIN ANALYZE DELETE FROM emails",
                          "WITH gone AS (DELETE FROM emails RETURNING *) SELECT * FROM gone",
                          "SELECT * FROM duckdb_databases()",
                          "SELECT * FROM duckdb_databases",
                          "SELECT * FROM pragma_database_list",
                          "SELECT * FROM duckdb_settings()",
                          "SELECT (SELECT max(value) FROM duckdb_settings())",
                          "WITH s AS (FROM duckdb_settings()) SELECT * FROM s",
                          "SELECT 1 WHERE EXISTS (SELECT 1 FROM emails, duckdb_secrets())",
                          "SELECT * FROM duckdb_logs()",
                          "SELECT * FROM duckdb_temporary_files()",
                          "SELECT * FROM duckdb_extensions()",
                          "SHOW DATABASES",
                          "SHOW temp_directory",
                          "SELECT current_setting('temp_directory')",
                          "SELECT 'temp_directory'.current_setting()",
                          "SELECT [current_setting(x) FOR x IN ['temp_directory']]",
                          "SELECT getenv('HOME')",
                          "SELECT * FROM query('SELECT 1')",
                          "SELECT json_serialize_plan('SELECT 1')",
                          "SELECT * FROM range(len(current_setting('temp_directory')))",
                          "SELECT * FROM checkpoint()",
                          "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
                          "SELECT * FROM glob('/*')",
                          "SELECT 1 ORDER BY current_setting('temp_directory')",
                          "SELECT * FROM read_text('/etc/hostname')",
                          "EXPLAIN SELECT current_setting('temp_directory')",
                          "SELECT 1 UNION ALL SELECT count(*) FROM duckdb_settings()",
                          "FROM (PIVOT duckdb_settings() ON name IN ('threads') USING max(value))"}) {
    const auto refused = storage().query(tenant(), sql, {});
    ASSERT_FALSE(refused) << sql;
    EXPECT_EQ(refused.error().kind, ErrorKind::forbidden) << sql << ": " << refused.error().message;
  }
  for (const char* sql : {"SELECT * FROM '/etc/passwd'", "SELECT * FROM 'x.parquet'"})
    EXPECT_FALSE(storage().query(tenant(), sql, {})) << sql;
  for (const char* sql : {"", "SELECT 1; SELECT 2", "SELEC", "SELECT nothing FROM emails"}) {
    const auto refused = storage().query(tenant(), sql, {});
    ASSERT_FALSE(refused) << sql;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid) << sql << ": " << refused.error().message;
  }
  EXPECT_EQ(number("SELECT count(*) FROM emails WHERE subject <> ''"), 1);
  for (const char* sql : {"EXPLAIN SELECT * FROM emails", "EXPLAIN ANALYZE SELECT count(*) FROM emails", "DESCRIBE emails", "SHOW TABLES",
                          "SELECT table_name FROM information_schema.tables", "SELECT column_name FROM duckdb_columns()",
                          "SELECT unnest([1, 2])", "SELECT * FROM range(3), generate_series(1, 2)", "VALUES (1)", "SUMMARIZE emails",
                          "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t",
                          "SELECT * FROM json_each('[1]')"}) {
    const auto allowed = storage().query(tenant(), sql, {});
    EXPECT_TRUE(allowed) << sql << ": " << allowed.error().message;
  }
}

TEST_P(StorageConformance, AParameterNeedsAValueAndMayBeSuperfluous) {
  const auto refused = storage().query(tenant(), "SELECT $known, $missing", {.parameters = {{"known", std::int64_t{1}}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_NE(refused.error().message.find("$missing"), std::string::npos) << refused.error().message;
  EXPECT_TRUE(storage().query(tenant(), "SELECT $known", {.parameters = {{"known", std::int64_t{1}}, {"unused", std::int64_t{2}}}}));
}

TEST_P(StorageConformance, AMessageOf100MegabytesGoesInAndComesOut) {
  EmailRecord record = email_record("big");
  // Half noise, half text, so that compression has both; filled in blocks, or it takes minutes under sanitizers.
  std::string noise;
  for (int i = 0; i < (1 << 15); ++i) noise += sha256(std::to_string(i));
  record.raw.bytes.clear();
  record.raw.bytes.reserve(100 << 20);
  while (record.raw.bytes.size() < 100 << 20) {
    noise[0] = static_cast<char>(record.raw.bytes.size() >> 20);
    record.raw.bytes += record.raw.bytes.size() >> 20 & 1 ? noise : std::string(1 << 20, 'x');
  }
  const std::string digest = sha256_hex(record.raw.bytes);
  must_append(step(0, {record}));
  record = {};
  const auto raw = storage().get_raw(tenant(), mailbox, ProviderMessageId("big"));
  ASSERT_TRUE(raw) << raw.error().message;
  EXPECT_EQ(raw->bytes.size(), 100u << 20);
  EXPECT_EQ(sha256_hex(raw->bytes), digest);
}

TEST_P(StorageConformance, ForgettingClosesAndRemovingErases) {
  must_append(step(0, {email_record("m1")}));
  ASSERT_TRUE(storage().forget(tenant(), false));
  EXPECT_EQ(number("SELECT count(*) FROM emails"), 1);
  ASSERT_TRUE(storage().forget(tenant(), true));
  EXPECT_EQ(number("SELECT count(*) FROM emails"), 0);
}

}  // namespace letterlock

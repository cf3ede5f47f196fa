#include "domain/alerts/mail_history.h"

#include <map>

#include "domain/alerts/day_range.h"

namespace letterlock {
namespace {

constexpr std::chrono::milliseconds query_timeout{10'000};

std::string text(const Value& value) {
  const auto* string = std::get_if<std::string>(&value);
  return string ? *string : std::string();
}
std::int64_t number(const Value& value) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  return integer ? *integer : 0;
}
std::optional<TimePoint> time(const Value& value) {
  const auto* point = std::get_if<TimePoint>(&value);
  return point ? std::optional(*point) : std::nullopt;
}
bool truth(const Value& value) {
  const auto* boolean = std::get_if<bool>(&value);
  return boolean && *boolean;
}

// The entity's messages: those that it sent, and those that the company sent to it. $entity is an address or a domain.
constexpr std::string_view entity_mail =
    "WITH incoming AS (SELECT ingest_seq, mailbox_id, received_at, from_name FROM emails WHERE NOT is_draft AND CASE WHEN $is_address THEN "
    "from_address = $entity ELSE from_domain = $entity OR ends_with(from_address, '@' || $entity) END),\n"
    "outgoing AS (SELECT e.ingest_seq, e.mailbox_id, e.received_at FROM emails e WHERE NOT e.is_draft AND e.direction <> 'inbound' AND "
    "e.ingest_seq IN (SELECT ingest_seq FROM recipients WHERE kind <> 'reply_to' AND CASE WHEN $is_address THEN address = $entity ELSE "
    "domain = $entity OR ends_with(address, '@' || $entity) END))\n";

constexpr std::string_view similar_sql =
    "WITH this AS (SELECT * FROM emails WHERE mailbox_id = $mailbox_id AND provider_message_id = $provider_message_id),\n"
    "alike AS (\n"
    "  SELECT p.ingest_seq, 32 AS sign FROM payment_instruments p JOIN payment_instruments own ON own.kind = p.kind AND own.value = "
    "p.value "
    "AND own.account = p.account JOIN this ON own.ingest_seq = this.ingest_seq WHERE p.kind <> 'bic'\n"
    "  UNION SELECT a.ingest_seq, 16 FROM attachments a JOIN attachments own ON own.sha256 = a.sha256 AND own.sha256 <> '' AND NOT "
    "own.is_inline JOIN this ON own.ingest_seq = this.ingest_seq\n"
    "  UNION SELECT e.ingest_seq, 8 FROM emails e JOIN this ON e.from_address = this.from_address AND this.from_address <> ''\n"
    "  UNION SELECT l.ingest_seq, 4 FROM links l JOIN links own ON own.url = l.url JOIN this ON own.ingest_seq = this.ingest_seq\n"
    "  UNION SELECT e.ingest_seq, 2 FROM emails e JOIN this ON e.subject_base = this.subject_base AND length(this.subject_base) >= 4\n"
    "  UNION SELECT e.ingest_seq, 1 FROM emails e JOIN this ON e.from_domain = this.from_domain AND this.from_domain <> '' AND "
    "this.direction = 'inbound' AND this.from_domain NOT IN (SELECT domain FROM tenant_domains)),\n"
    "scored AS (SELECT ingest_seq, sum(sign)::BIGINT AS signs FROM alike GROUP BY ingest_seq)\n"
    "SELECT e.mailbox_id, coalesce(u.primary_email, e.mailbox_id), e.provider_message_id, e.message_id, e.from_address, e.from_name, "
    "e.subject, e.received_at, e.removed_at, scored.signs\n"
    "FROM scored JOIN emails e ON e.ingest_seq = scored.ingest_seq LEFT JOIN users u ON u.user_id = e.mailbox_id\n"
    "WHERE NOT e.is_draft AND e.ingest_seq NOT IN (SELECT ingest_seq FROM this)\n"
    "ORDER BY scored.signs DESC, e.received_at DESC, e.ingest_seq DESC LIMIT 50";

constexpr std::pair<std::int64_t, std::string_view> signs[] = {
    {32, "payment_instrument"}, {16, "attachment"}, {8, "from_address"}, {4, "link"}, {2, "subject"}, {1, "from_domain"}};

}  // namespace

Result<EntityMail> MailHistory::entity(const TenantId& tenant, const std::string& entity) {
  const bool is_address = entity.contains('@');
  EntityMail mail{.entity = entity, .kind = is_address ? "address" : "domain"};
  const auto recent = TimePoint(std::chrono::floor<std::chrono::days>(clock_.now()) - std::chrono::days(89));
  const QueryOptions options{.parameters = {{"entity", entity},
                                            {"is_address", is_address},
                                            {"domain", is_address ? entity.substr(entity.rfind('@') + 1) : entity},
                                            {"recent", recent}},
                             .timeout = query_timeout};
  const auto ask = [&](std::string_view rest) { return storage_.query(tenant, std::string(entity_mail) + std::string(rest), options); };

  const auto sums = TRY(
      ask("SELECT (SELECT count(*) FROM incoming), (SELECT count(*) FROM outgoing), least((SELECT min(received_at) FROM incoming), (SELECT "
          "min(received_at) FROM outgoing)), greatest((SELECT max(received_at) FROM incoming), (SELECT max(received_at) FROM outgoing)), "
          "EXISTS (SELECT 1 FROM tenant_domains WHERE domain = $domain)"));
  const auto& row = sums.rows.at(0);
  mail.messages_in = number(row[0]);
  mail.messages_out = number(row[1]);
  mail.first_seen_at = time(row[2]);
  mail.last_seen_at = time(row[3]);
  mail.is_own = truth(row[4]);
  if (mail.messages_in + mail.messages_out == 0) return mail;

  for (const auto& name :
       TRY(ask("SELECT from_name, count(*) AS messages FROM incoming WHERE from_name <> '' GROUP BY 1 ORDER BY 2 DESC, 1 "
               "LIMIT 10"))
           .rows)
    mail.names.push_back({.name = text(name[0]), .messages = number(name[1])});
  for (const auto& person :
       TRY(ask("SELECT coalesce(u.primary_email, m.mailbox_id), count(*) AS messages FROM (SELECT mailbox_id, ingest_seq FROM incoming "
               "UNION "
               "SELECT mailbox_id, ingest_seq FROM outgoing) m LEFT JOIN users u ON u.user_id = m.mailbox_id GROUP BY 1 ORDER BY 2 DESC, 1 "
               "LIMIT 10"))
           .rows)
    mail.people.push_back({.address = text(person[0]), .messages = number(person[1])});
  for (const auto& day : TRY(ask("SELECT strftime(received_at AT TIME ZONE 'UTC', '%Y-%m-%d') AS day, count(*) FILTER (WHERE came), "
                                 "count(*) FILTER (WHERE NOT came) FROM "
                                 "(SELECT received_at, true AS came FROM incoming UNION ALL SELECT received_at, false FROM outgoing) WHERE "
                                 "received_at >= $recent GROUP BY 1 ORDER BY 1"))
                             .rows)
    mail.mail_by_day.push_back({.day = text(day[0]), .messages_in = number(day[1]), .messages_out = number(day[2])});
  return mail;
}

Result<std::vector<SimilarMessage>> MailHistory::similar(const TenantId& tenant, const MailboxId& mailbox,
                                                         const ProviderMessageId& message) {
  const auto found = TRY(
      storage_.query(tenant, similar_sql,
                     {.parameters = {{"mailbox_id", mailbox.str()}, {"provider_message_id", message.str()}}, .timeout = query_timeout}));
  // Nothing is like it, or it is gone itself: two answers. A mailbox setting has no message.
  if (found.rows.empty() && !message.str().starts_with("settings/")) {
    const auto kept = TRY(storage_.query(
        tenant,
        "SELECT count(*) FROM emails WHERE ingest_seq = (SELECT ingest_seq FROM message_keys WHERE message_key = message_key($mailbox_id, "
        "$provider_message_id)::UUID)",
        {.parameters = {{"mailbox_id", mailbox.str()}, {"provider_message_id", message.str()}}, .timeout = query_timeout}));
    if (number(kept.rows.at(0).at(0)) == 0)
      return fail(ErrorKind::not_found, "The message is no longer in the mail store, so nothing can be compared with it.");
  }
  std::vector<SimilarMessage> messages;
  for (const auto& row : found.rows) {
    auto& similar = messages.emplace_back(SimilarMessage{.mailbox_id = MailboxId(text(row[0])),
                                                         .address = text(row[1]),
                                                         .provider_message_id = ProviderMessageId(text(row[2])),
                                                         .message_id = text(row[3]),
                                                         .from_address = text(row[4]),
                                                         .from_name = text(row[5]),
                                                         .subject = text(row[6]),
                                                         .received_at = time(row[7]).value_or(TimePoint{}),
                                                         .removed_at = time(row[8])});
    for (const auto& [sign, name] : signs)
      if (number(row[9]) & sign) similar.likeness.emplace_back(name);
  }
  return messages;
}

Result<MailStatistics> MailHistory::statistics(const TenantId& tenant, int days) {
  const auto range = TRY(last_days(days, clock_.now()));
  MailStatistics statistics{.from = range.days.front(), .to = range.days.back()};
  std::map<std::string, std::size_t> places;
  for (const auto& day : range.days) {
    places[day] = statistics.by_day.size();
    statistics.by_day.push_back({.day = day});
  }
  const auto found = TRY(
      storage_.query(tenant,
                     "SELECT strftime(received_at AT TIME ZONE 'UTC', '%Y-%m-%d'), direction, count(*) FROM emails WHERE NOT is_draft AND "
                     "received_at >= $from GROUP BY 1, 2",
                     {.parameters = {{"from", range.begin}}, .timeout = query_timeout}));
  for (const auto& row : found.rows) {
    const auto place = places.find(text(row[0]));
    if (place == places.end()) continue;  // mail that claims to come from the future
    auto& day = statistics.by_day[place->second];
    const auto direction = text(row[1]);
    (direction == "inbound" ? day.inbound : direction == "internal" ? day.internal : day.outbound) += number(row[2]);
  }
  return statistics;
}

}  // namespace letterlock

#include "domain/jobs/control_service.h"

#include <algorithm>
#include <random>

#include "base/backoff.h"
#include "base/encoding.h"
#include "domain/alerts/fingerprint.h"
#include "domain/alerts/suppression_service.h"
#include "domain/detection/rule_settings_service.h"

namespace letterlock {
namespace {

using postgres::Param;
using postgres::Rows;
using postgres::Transaction;

// The job's row, locked, if this lease still holds it.
Result<void> hold(Transaction& transaction, const ClaimedJob& job) {
  const auto rows =
      TRY(transaction.run("SELECT 1 FROM jobs WHERE job_id = $1::uuid AND state = 'running' AND lease_id = $2::uuid FOR UPDATE",
                          {job.message.job_id, job.lease_id}));
  if (rows.empty())
    return fail(Error{
        .kind = ErrorKind::conflict, .message = "job " + job.message.job_id.str() + ": the lease was given away", .code = "lease_lost"});
  return {};
}

Result<void> set_done(Transaction& transaction, const ClaimedJob& job, const std::string& reason, TimePoint now) {
  TRY(
      transaction.run("UPDATE jobs SET state = 'done', finished_at = $2::timestamptz, reason = $3, lease_id = NULL, lease_expires_at = "
                      "NULL WHERE job_id = $1::uuid",
                      {job.message.job_id, now, reason}));
  return {};
}

// Queued again, not counted as an attempt: the fault is the installation's disk, and the job would die long before it is mended.
Result<void> set_waiting(Transaction& transaction, const ClaimedJob& job, const std::string& reason, TimePoint not_before) {
  TRY(
      transaction.run("UPDATE jobs SET state = 'queued', not_before = $2::timestamptz, reason = $3, published_at = NULL, lease_id = NULL, "
                      "lease_expires_at = NULL WHERE job_id = $1::uuid",
                      {job.message.job_id, not_before, reason}));
  return {};
}

// Queued again with the next attempt, or dead.
Result<void> set_retry(Transaction& transaction, const ClaimedJob& job, const std::string& reason, TimePoint not_before, TimePoint now) {
  TRY(transaction.run(
      "UPDATE jobs SET state = CASE WHEN attempt < attempts_max THEN 'queued' ELSE 'dead' END, attempt = least(attempt + 1, attempts_max), "
      "not_before = $2::timestamptz, reason = $3, published_at = NULL, lease_id = NULL, lease_expires_at = NULL, "
      "finished_at = CASE WHEN attempt < attempts_max THEN NULL ELSE $4::timestamptz END WHERE job_id = $1::uuid",
      {job.message.job_id, not_before, reason, now}));
  return {};
}

Result<void> add_job(Transaction& transaction, const JobMessage& of, JobKind kind, std::optional<TimePoint> not_before, TimePoint now) {
  std::optional<std::string> connection;
  if (kind == JobKind::ingestion) connection = of.connection_id.str();
  TRY(transaction.run(
      "INSERT INTO jobs (job_id, tenant_id, connection_id, kind, not_before, created_at) VALUES ($1::uuid, $2::uuid, $3::uuid, $4, "
      "$5::timestamptz, $6::timestamptz) ON CONFLICT DO NOTHING",
      {new_uuid(), of.tenant_id, connection, to_string(kind), not_before.value_or(now), now}));
  return {};
}

// caught_up: a worker of before was_read was there says no more.
bool was_read(const MailboxProgress& mailbox) { return mailbox.was_read || mailbox.caught_up; }

// Whether a slice without an error read mail: mailboxes that failed one by one leave no error, and none was read.
bool any_was_read(const SliceOutcome& outcome) {
  const auto is_active = [](const MailboxProgress& mailbox) { return mailbox.state == MailboxState::active; };
  return (!outcome.more && std::ranges::none_of(outcome.mailboxes, is_active)) || std::ranges::any_of(outcome.mailboxes, was_read);
}

// Note what an ingestion found in the store; what is not judged yet makes the analysis be behind.
Result<void> note_stored(Transaction& transaction, const TenantId& tenant, const SliceOutcome& outcome, TimePoint now) {
  if (outcome.went_back_to)
    TRY(transaction.run(
        "UPDATE watermarks SET ingest_seq = least(ingest_seq, $2::bigint), newest_ingest_seq = $2::bigint, behind_since = NULL "
        "WHERE tenant_id = $1::uuid",
        {tenant, *outcome.went_back_to}));
  if (outcome.last_ingest_seq == 0) return {};
  TRY(transaction.run(
      "INSERT INTO watermarks AS w (tenant_id, ingest_seq, newest_ingest_seq, behind_since) VALUES ($1::uuid, 0, $2::bigint, "
      "$3::timestamptz) ON CONFLICT (tenant_id) DO UPDATE SET newest_ingest_seq = greatest(w.newest_ingest_seq, "
      "excluded.newest_ingest_seq), behind_since = CASE WHEN greatest(w.newest_ingest_seq, excluded.newest_ingest_seq) > "
      "w.ingest_seq THEN coalesce(w.behind_since, excluded.behind_since) END",
      {tenant, outcome.last_ingest_seq, outcome.first_stored_at.value_or(now)}));
  return {};
}

constexpr std::int64_t rows_judged_again = 1'000;

// A damaged file may be written to for long before a slice reads what is damaged; analysis reads more. It is asked again about some mail
// that it judged before, which changes nothing and shows whether the file was mended.
Result<std::optional<Error>> known_damage(Transaction& transaction, const TenantId& tenant, TimePoint now) {
  const auto rows = TRY(
      transaction.run("UPDATE watermarks SET ingest_seq = least(ingest_seq, greatest(newest_ingest_seq - $3::bigint, 0)), behind_since = "
                      "coalesce(behind_since, $4::timestamptz) WHERE tenant_id = $1::uuid AND problem_code = $2 RETURNING problem",
                      {tenant, damaged_file_code, rows_judged_again, now}));
  if (rows.empty()) return std::nullopt;
  return Error{.kind = ErrorKind::internal, .message = rows.front().text(0), .code = std::string(damaged_file_code)};
}

Result<void> save_progress(Transaction& transaction, const JobMessage& job, const MailboxProgress& mailbox, TimePoint now) {
  TRY(transaction.run(
      "INSERT INTO mailbox_progress AS p VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6, $7::bigint, $8::bigint, $9::bigint, $10::boolean, "
      "$11::timestamptz, CASE WHEN $12::boolean THEN $11::timestamptz END) "
      "ON CONFLICT (connection_id, mailbox_id) DO UPDATE SET address = excluded.address, state = excluded.state, reason = excluded.reason, "
      "messages_stored = p.messages_stored + excluded.messages_stored, messages_removed = p.messages_removed + excluded.messages_removed, "
      "messages_set_aside = p.messages_set_aside + excluded.messages_set_aside, caught_up = excluded.caught_up, updated_at = "
      "excluded.updated_at, last_read_at = coalesce(excluded.last_read_at, p.last_read_at)",
      {job.tenant_id, job.connection_id, mailbox.mailbox_id, mailbox.address, to_string(mailbox.state), mailbox.reason,
       mailbox.messages_stored, mailbox.messages_removed, mailbox.messages_set_aside, mailbox.caught_up, now, was_read(mailbox)}));
  return {};
}

// Whether anything changed: false for a sighting that is known.
Result<bool> save_finding(Transaction& transaction, const TenantId& tenant, const Finding& finding, TimePoint now) {
  const auto fingerprint = fingerprint_of(finding);
  const auto inserted = TRY(
      transaction.run("INSERT INTO alerts (alert_id, tenant_id, fingerprint, rule_id, rule_version, title, severity, attack_technique, "
                      "subject, entity, dedup_key, confidence, "
                      "evidence, message_subject, query_sql, query_parameters, first_seen_at, last_seen_at, created_at, updated_at) VALUES "
                      "($1::uuid, $2::uuid, $3, $4, $5, $6, "
                      "$7, $8, $9, $10, $11, $12::float8, $13::jsonb, $14, $15, $16::jsonb, $17::timestamptz, $17::timestamptz, "
                      "$18::timestamptz, $18::timestamptz) "
                      "ON CONFLICT (tenant_id, fingerprint) DO NOTHING RETURNING alert_id",
                      {new_uuid(), tenant, fingerprint, finding.rule_id, finding.rule_version, finding.title, to_string(finding.severity),
                       finding.attack_technique, finding.subject, finding.entity, finding.dedup_key, finding.confidence,
                       finding.evidence_json.empty() ? "{}" : finding.evidence_json, finding.message_subject, finding.query_sql,
                       finding.query_parameters_json.empty() ? "{}" : finding.query_parameters_json, finding.observed_at, now}));
  if (!inserted.empty())
    TRY(
        transaction.run("INSERT INTO alert_events (tenant_id, alert_id, kind, status, actor, at) VALUES ($1::uuid, $2::uuid, 'created', "
                        "'open', 'analysis', "
                        "$3::timestamptz)",
                        {tenant, inserted.front().text(0), now}));
  const auto sighting =
      TRY(transaction.run("INSERT INTO alert_sightings SELECT tenant_id, alert_id, $3, $4, $5, $6, $7, $8::timestamptz FROM alerts WHERE "
                          "tenant_id = $1::uuid AND fingerprint = $2 "
                          "ON CONFLICT DO NOTHING",
                          {tenant, fingerprint, finding.mailbox_id, finding.provider_message_id, finding.message_id, finding.subject,
                           finding.message_subject, finding.observed_at}));
  if (sighting.affected == 0) return false;
  TRY(
      transaction.run("UPDATE alerts SET sightings = sightings + 1, first_seen_at = least(first_seen_at, $3::timestamptz), confidence = "
                      "greatest(confidence, $4::float8), "
                      "evidence = CASE WHEN $3::timestamptz >= last_seen_at THEN $5::jsonb ELSE evidence END, "
                      "subject = CASE WHEN $3::timestamptz >= last_seen_at THEN $6 ELSE subject END, "
                      "message_subject = CASE WHEN $3::timestamptz >= last_seen_at THEN $7 ELSE message_subject END, "
                      "last_seen_at = greatest(last_seen_at, $3::timestamptz), updated_at = $8::timestamptz WHERE tenant_id = $1::uuid AND "
                      "fingerprint = $2",
                      {tenant, fingerprint, finding.observed_at, finding.confidence,
                       finding.evidence_json.empty() ? "{}" : finding.evidence_json, finding.subject, finding.message_subject, now}));
  return true;
}

// What the operator reads beside the job, at most 4,000 bytes of it.
std::string joined(const std::vector<std::string>& notes) {
  std::string text;
  for (const auto& note : notes) {
    if (text.size() + note.size() > 4'000) return text + (text.empty() ? "" : " ") + "(more)";
    if (!text.empty()) text += ' ';
    text += note;
  }
  return text;
}

Result<void> tell_scheduler(Transaction& transaction) {
  TRY(transaction.run("SELECT pg_notify('jobs', '')"));
  return {};
}

}  // namespace

ControlService::ControlService(postgres::Pool& pool, const crypto::MasterKey& master_key, Clock& clock, ControlServiceOptions options)
    : pool_(pool), master_key_(master_key), clock_(clock), options_(options) {}

TimePoint ControlService::retry_at(int attempt) {
  // Seeded anew each time: workers that failed together must not come back together.
  Backoff backoff({.first = options_.retry_first, .max = options_.retry_max}, std::random_device{}());
  return clock_.now() + backoff.delay(std::max(1, attempt));
}

// Again where another transaction queued the tenant's analysis between our look and our write: the second look sees it.
Result<void> ControlService::transact(const TenantId& tenant, const std::function<Result<void>(Transaction&)>& body) {
  auto result = pool_.transact(tenant.str(), body);
  for (int tries = 1; !result && result.error().code == "unique" && tries < 3; ++tries) result = pool_.transact(tenant.str(), body);
  return result;
}

Result<ClaimedJob> ControlService::claim(const JobMessage& message, const std::string& worker) {
  const auto now = clock_.now();
  const auto lease_id = new_uuid();
  return pool_.compute<ClaimedJob>(message.tenant_id.str(), [&](Transaction& transaction) -> Result<ClaimedJob> {
    const auto rows = TRY(transaction.run(
        "UPDATE jobs SET state = 'running', lease_id = $2::uuid, lease_expires_at = $3::timestamptz, lease_worker = $4, "
        "started_at = coalesce(started_at, $5::timestamptz) WHERE job_id = $1::uuid AND state = 'queued' AND not_before <= $5::timestamptz "
        "RETURNING attempt, kind, connection_id",
        {message.job_id, lease_id, now + options_.lease, worker, now}));
    if (rows.empty()) return fail(ErrorKind::conflict, "job " + message.job_id.str() + ": somebody else has it, or it is done");
    ClaimedJob job{.message = message, .lease_id = lease_id, .lease_expires_at = now + options_.lease};
    job.message.attempt = static_cast<int>(rows.front().integer(0));
    job.message.kind = job_kind_from(rows.front().text(1)).value_or(message.kind);
    job.message.connection_id = ConnectionId(rows.front().text(2));
    if (options_.signer)
      job.service_token = options_.signer->sign({.target = std::string(to_string(job.message.kind)),
                                                 .tenant_id = message.tenant_id.str(),
                                                 .expires_at = now + options_.token_valid});
    return job;
  });
}

Result<TimePoint> ControlService::renew(const ClaimedJob& job) {
  const auto until = clock_.now() + options_.lease;
  return pool_.compute<TimePoint>(job.message.tenant_id.str(), [&](Transaction& transaction) -> Result<TimePoint> {
    TRY(hold(transaction, job));
    TRY(transaction.run("UPDATE jobs SET lease_expires_at = $2::timestamptz WHERE job_id = $1::uuid", {job.message.job_id, until}));
    return until;
  });
}

Result<void> ControlService::give_back(const ClaimedJob& job) {
  return transact(job.message.tenant_id, [&](Transaction& transaction) -> Result<void> {
    TRY(hold(transaction, job));
    // An analysis job may have been queued meanwhile: then that one does.
    TRY(transaction.run(
        "UPDATE jobs j SET state = CASE WHEN kind = 'analysis' AND EXISTS (SELECT 1 FROM jobs o WHERE o.tenant_id = j.tenant_id AND "
        "o.kind = 'analysis' AND o.state = 'queued') THEN 'done' ELSE 'queued' END, lease_id = NULL, lease_expires_at = NULL, "
        "published_at = NULL WHERE job_id = $1::uuid",
        {job.message.job_id}));
    TRY(
        transaction.run("UPDATE jobs SET finished_at = $2::timestamptz, reason = 'a queued analysis of the same tenant takes over' "
                        "WHERE job_id = $1::uuid AND state = 'done'",
                        {job.message.job_id, clock_.now()}));
    return tell_scheduler(transaction);
  });
}

Result<Connection> ControlService::get_connection(const ClaimedJob& job) {
  return pool_.compute<Connection>(job.message.tenant_id.str(), [&](Transaction& transaction) -> Result<Connection> {
    TRY(hold(transaction, job));
    const auto rows = TRY(transaction.run(
        "SELECT name, provider, settings, secret_wrapped, (SELECT newest_ingest_seq FROM watermarks w WHERE w.tenant_id = c.tenant_id) "
        "FROM connections c WHERE connection_id = $1::uuid",
        {job.message.connection_id}));
    if (rows.empty()) return fail(ErrorKind::not_found, "connection " + job.message.connection_id.str() + " does not exist");
    const auto& row = rows.front();
    Connection connection{
        .connection_id = job.message.connection_id, .tenant_id = job.message.tenant_id, .name = row.text(0), .settings_json = row.text(2)};
    connection.provider = provider_kind_from(row.text(1)).value_or(ProviderKind::google);
    connection.secret_json = TRY(master_key_.unwrap(row.bytes(3), "connection:" + job.message.connection_id.str()));
    const auto ids = TRY(transaction.run("SELECT unnest(trusted_authserv_ids) FROM connections WHERE connection_id = $1::uuid",
                                         {job.message.connection_id}));
    for (const auto& id : ids.rows) connection.trusted_authserv_ids.push_back(id.text(0));
    connection.newest_ingest_seq = row.is_null(4) ? 0 : row.integer(4);
    return connection;
  });
}

Result<void> ControlService::finish_ingestion(const ClaimedJob& job, const SliceOutcome& outcome) {
  const auto now = clock_.now();
  return transact(job.message.tenant_id, [&](Transaction& transaction) -> Result<void> {
    TRY(hold(transaction, job));
    for (const auto& mailbox : outcome.mailboxes) TRY(save_progress(transaction, job.message, mailbox, now));
    TRY(transaction.run(
        "UPDATE jobs SET counters = jsonb_build_object('messages_stored', $2::bigint, 'messages_removed', $3::bigint, "
        "'messages_set_aside', "
        "$4::bigint, 'users_seen', $5::bigint) WHERE job_id = $1::uuid",
        {job.message.job_id, outcome.messages_stored, outcome.messages_removed, outcome.messages_set_aside, outcome.users_seen}));
    const auto kind = outcome.error ? std::optional(outcome.error->kind) : std::nullopt;
    const auto reason = outcome.error ? outcome.error->message : std::string();
    const auto code = outcome.error ? outcome.error->code : std::string();
    const bool broken = kind == ErrorKind::unauthenticated || kind == ErrorKind::forbidden || code == damaged_file_code;
    if (!kind || kind == ErrorKind::throttled) {
      // Done first: the unique index lets the continuation in only then.
      TRY(set_done(transaction, job, reason, now));
      if (outcome.more || kind) {
        auto not_before = outcome.not_before;
        if (kind && !not_before) not_before = now + outcome.error->retry_after.value_or(options_.retry_first);
        TRY(add_job(transaction, job.message, JobKind::ingestion, not_before, now));
      }
    } else if (code == disk_full_code) {
      TRY(set_waiting(transaction, job, reason, now + options_.disk_full_pause));
    } else if (kind == ErrorKind::unavailable || kind == ErrorKind::conflict) {
      TRY(set_retry(transaction, job, reason, outcome.not_before.value_or(retry_at(job.message.attempt)), now));
    } else if (broken || kind == ErrorKind::not_found) {
      TRY(set_done(transaction, job, reason, now));  // nobody is helped by a retry before the next turn
    } else {
      TRY(
          transaction.run("UPDATE jobs SET state = 'dead', finished_at = $2::timestamptz, reason = $3, lease_id = NULL, lease_expires_at = "
                          "NULL WHERE job_id = $1::uuid",
                          {job.message.job_id, now, reason}));
    }
    TRY(note_stored(transaction, job.message.tenant_id, outcome, now));
    const auto damage = outcome.error ? std::nullopt : TRY(known_damage(transaction, job.message.tenant_id, now));
    TRY(transaction.run(
        "UPDATE connections SET state = CASE WHEN $2::boolean THEN 'broken' WHEN $3 = '' THEN 'ok' WHEN $5 = 'throttled' THEN state ELSE "
        "'stalled' END, state_reason = $3, state_code = $6, state_at = $4::timestamptz, "
        "last_sync_at = CASE WHEN $7::boolean THEN $4::timestamptz ELSE last_sync_at END WHERE connection_id = $1::uuid",
        {job.message.connection_id, broken || damage, damage ? damage->message : reason, now,
         kind ? std::string(to_string(*kind)) : std::string(), damage ? damage->code : code, !kind && any_was_read(outcome)}));
    // Also where this slice stored nothing: a worker that stored mail and died before it could say so left no analysis behind.
    const auto unjudged =
        TRY(transaction.run("SELECT 1 WHERE $2::bigint > coalesce((SELECT ingest_seq FROM watermarks WHERE tenant_id = $1::uuid), 0)",
                            {job.message.tenant_id, outcome.last_ingest_seq}));
    if (!unjudged.empty()) TRY(add_job(transaction, job.message, JobKind::analysis, std::nullopt, now));
    return tell_scheduler(transaction);
  });
}

Result<std::int64_t> ControlService::get_watermark(const ClaimedJob& job) {
  return pool_.compute<std::int64_t>(job.message.tenant_id.str(), [&](Transaction& transaction) -> Result<std::int64_t> {
    const auto rows = TRY(transaction.run("SELECT ingest_seq FROM watermarks WHERE tenant_id = $1::uuid", {job.message.tenant_id}));
    return rows.empty() ? 0 : rows.front().integer(0);
  });
}

Result<std::vector<RuleSetting>> ControlService::get_rule_settings(const ClaimedJob& job) {
  return pool_.compute<std::vector<RuleSetting>>(
      job.message.tenant_id.str(), [&](Transaction& transaction) -> Result<std::vector<RuleSetting>> {
        const auto rows = TRY(transaction.run("SELECT rule_id, enabled FROM rule_settings WHERE tenant_id = $1::uuid ORDER BY rule_id",
                                              {job.message.tenant_id}));
        std::vector<RuleSetting> settings;
        for (const auto& row : rows.rows) settings.push_back({.rule_id = RuleId(row.text(0)), .enabled = row.boolean(1)});
        return settings;
      });
}

Result<void> ControlService::finish_analysis(const ClaimedJob& job, const AnalysisOutcome& outcome) {
  const auto now = clock_.now();
  const auto& tenant = job.message.tenant_id;
  return transact(tenant, [&](Transaction& transaction) -> Result<void> {
    TRY(hold(transaction, job));
    if (outcome.error) {
      const auto& error = *outcome.error;
      // Where another analysis is queued already, that one is the retry.
      const auto queued =
          TRY(transaction.run("SELECT 1 FROM jobs WHERE tenant_id = $1::uuid AND kind = 'analysis' AND state = 'queued'", {tenant}));
      if (!queued.empty())
        TRY(set_done(transaction, job, error.message, now));
      else if (error.code == disk_full_code)
        TRY(set_waiting(transaction, job, error.message, now + options_.disk_full_pause));
      else
        TRY(set_retry(transaction, job, error.message, retry_at(job.message.attempt), now));
      if (error.code == damaged_file_code)
        TRY(
            transaction.run("UPDATE connections SET state = 'broken', state_reason = $2, state_code = $3, state_at = $4::timestamptz WHERE "
                            "tenant_id = $1::uuid",
                            {tenant, error.message, error.code, now}));
      TRY(
          transaction.run("INSERT INTO watermarks (tenant_id, ingest_seq, problem, problem_code) VALUES ($1::uuid, 0, $2, $3) ON CONFLICT "
                          "(tenant_id) DO UPDATE SET problem = excluded.problem, problem_code = excluded.problem_code",
                          {tenant, error.message, error.code}));
      return tell_scheduler(transaction);
    }
    TRY(transaction.run("INSERT INTO watermarks VALUES ($1::uuid, 0) ON CONFLICT DO NOTHING", {tenant}));
    const auto moved =
        TRY(transaction.run("UPDATE watermarks SET ingest_seq = $3::bigint, newest_ingest_seq = greatest(newest_ingest_seq, $3::bigint, "
                            "$4::bigint), behind_since = CASE WHEN greatest(newest_ingest_seq, $4::bigint) > $3::bigint THEN "
                            "$5::timestamptz END, problem = '', problem_code = '' WHERE tenant_id = $1::uuid AND ingest_seq = $2::bigint",
                            {tenant, outcome.watermark_from, outcome.watermark_to, outcome.newest_ingest_seq,
                             outcome.oldest_left_at.value_or(outcome.read_at == TimePoint{} ? now : outcome.read_at)}));
    if (moved.affected == 0)
      return fail(Error{.kind = ErrorKind::conflict, .message = "the watermark moved meanwhile", .code = "watermark_moved"});
    bool changed = false;
    const auto thresholds = TRY(rule_thresholds(transaction, tenant));
    for (const auto& finding : outcome.findings) {
      const auto judged = thresholds.judge(finding);
      if (!judged || TRY(suppress(transaction, tenant, *judged, now))) continue;
      changed = TRY(save_finding(transaction, tenant, *judged, now)) || changed;
    }
    TRY(save_rule_runs(transaction, tenant, outcome.rule_runs, now));
    if (changed) TRY(transaction.run("UPDATE tenants SET alerts_version = alerts_version + 1 WHERE tenant_id = $1::uuid", {tenant}));
    TRY(set_done(transaction, job, joined(outcome.notes), now));
    if (outcome.more) TRY(add_job(transaction, job.message, JobKind::analysis, std::nullopt, now));
    return tell_scheduler(transaction);
  });
}

Result<void> ControlService::report_storage(const StorageState& state) {
  // The database's clock: whoever reads how old the report is asks it too.
  return pool_.transact("", [&](Transaction& transaction) -> Result<void> {
    TRY(
        transaction.run("INSERT INTO storage_report (free_bytes, used_bytes, reserve_bytes, is_writable, read_failure, reported_at) VALUES "
                        "($1::bigint, $2::bigint, $3::bigint, $4::boolean, $5, now()) ON CONFLICT (only_row) DO UPDATE SET "
                        "free_bytes = excluded.free_bytes, used_bytes = excluded.used_bytes, reserve_bytes = excluded.reserve_bytes, "
                        "is_writable = excluded.is_writable, read_failure = excluded.read_failure, reported_at = excluded.reported_at",
                        {state.disk.free_bytes, state.disk.used_bytes, state.disk.reserve_bytes, state.is_writable, state.read_failure}));
    return {};
  });
}

Result<DataKey> ControlService::get_data_key(const TenantId& tenant) {
  return pool_.compute<DataKey>(tenant.str(), [&](Transaction& transaction) -> Result<DataKey> {
    const auto rows =
        TRY(transaction.run("SELECT data_key_wrapped FROM tenants WHERE tenant_id = $1::uuid AND state = 'active'", {tenant}));
    if (rows.empty() || rows.front().is_null(0)) return fail(ErrorKind::not_found, "tenant " + tenant.str() + " has no data key");
    return DataKey{.bytes = TRY(master_key_.unwrap(rows.front().bytes(0), "tenant:" + tenant.str()))};
  });
}

}  // namespace letterlock

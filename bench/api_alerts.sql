-- A tenant's alerts for ./dev bench api: %(wanted)s of them, copies of those that the rules found in the simulated company, so that evidence,
-- queries and messages are real ones; names, times, and what people did with them are spread out. Three years, one in twenty is open.
CREATE TEMPORARY TABLE found AS
  SELECT row_number() OVER (ORDER BY fingerprint) - 1 AS place, * FROM alerts WHERE tenant_id = %(tenant)s;
CREATE TEMPORARY TABLE team AS
  SELECT row_number() OVER (ORDER BY email) - 1 AS place, person_id FROM people WHERE tenant_id = %(tenant)s;
CREATE TEMPORARY TABLE copies AS
  SELECT gen_random_uuid() AS alert_id, n, f.alert_id AS found_id, now() - n * interval '15 minutes' AS seen_at,
         CASE WHEN mod(n, 20) = 0 THEN 'open' WHEN mod(n, 20) = 1 THEN 'in_progress' WHEN mod(n, 3) = 0 THEN 'dismissed' ELSE 'resolved' END AS status
  FROM generate_series(1, %(wanted)s - (SELECT count(*) FROM found)) AS n
  JOIN found f ON f.place = mod(n, (SELECT count(*) FROM found));
INSERT INTO alerts (alert_id, tenant_id, fingerprint, status, rule_id, rule_version, title, severity, attack_technique, subject, entity, dedup_key,
    confidence, evidence, message_subject, query_sql, query_parameters, sightings, first_seen_at, last_seen_at, created_at, updated_at, assignee_id,
    feedback, decided_at, notes)
  SELECT c.alert_id, f.tenant_id, 'copy ' || n, c.status, f.rule_id, f.rule_version, f.title, (ARRAY['low', 'medium', 'high', 'critical'])[1 + mod(n / 7, 4)],
    f.attack_technique, 'user' || mod(n, 500) || '@company.example', 'sender' || mod(n, 5000) || '@partner' || mod(n, 700) || '.example', n::text,
    f.confidence, f.evidence, f.message_subject || ' no ' || n, f.query_sql, f.query_parameters, f.sightings, seen_at - interval '1 day', seen_at,
    seen_at, seen_at, t.person_id, CASE WHEN c.status = 'resolved' AND mod(n, 4) = 0 THEN 'fraud' WHEN c.status = 'dismissed' THEN 'not_fraud' END,
    CASE WHEN c.status IN ('resolved', 'dismissed') THEN seen_at + interval '2 hours' END, CASE WHEN mod(n, 10) = 0 THEN 'called the sender' ELSE '' END
  FROM copies c JOIN found f ON f.alert_id = c.found_id LEFT JOIN team t ON c.status <> 'open' AND t.place = mod(n, (SELECT count(*) FROM team));
INSERT INTO alert_sightings (tenant_id, alert_id, mailbox_id, provider_message_id, message_id, subject, message_subject, observed_at)
  SELECT s.tenant_id, c.alert_id, s.mailbox_id, s.provider_message_id, s.message_id, s.subject, s.message_subject, c.seen_at
  FROM copies c JOIN alert_sightings s ON s.alert_id = c.found_id AND s.tenant_id = %(tenant)s;
INSERT INTO alert_events (tenant_id, alert_id, kind, status, actor, at)
  SELECT %(tenant)s, alert_id, kind, state, actor, seen_at + after
  FROM copies, LATERAL (VALUES ('created', 'open', 'analysis', interval '0'), ('status', status, 'analyst@company.example', interval '2 hours'))
    AS event (kind, state, actor, after)
  WHERE kind = 'created' OR status <> 'open';
UPDATE tenants SET alerts_version = alerts_version + 1 WHERE tenant_id = %(tenant)s;

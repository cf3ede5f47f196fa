-- What the console and the API's clients work with beside alerts as they were: assignee, feedback, search, suppressions, thresholds
-- and costs of rules, invitations, sessions and API keys that can be named, webhooks, suspended tenants, idempotency keys.

-- Tenants can be suspended: nobody signs in, no job is made or started.
ALTER TABLE tenants DROP CONSTRAINT tenants_state_check;
ALTER TABLE tenants ADD CONSTRAINT tenants_state_check CHECK (state IN ('active', 'suspended', 'deleted'));
ALTER TABLE connections ADD COLUMN suspended boolean NOT NULL DEFAULT false;  -- as its tenant, which the scheduler cannot see
DROP INDEX connections_due;
CREATE INDEX connections_due ON connections (next_due_at) WHERE NOT paused AND NOT suspended;
GRANT SELECT (suspended) ON connections TO letterlock_scheduler;

-- People, sessions, API keys by ids that are no secret.
ALTER TABLE people ADD COLUMN last_sign_in_at timestamptz;
ALTER TABLE people ADD CONSTRAINT people_of_tenant UNIQUE (tenant_id, person_id);
ALTER TABLE sessions ADD COLUMN session_id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;
CREATE INDEX sessions_of ON sessions (person_id);
ALTER TABLE api_keys ADD COLUMN api_key_id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;
ALTER TABLE api_keys ADD COLUMN created_by text NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN last_used_at timestamptz;  -- to the minute

CREATE TABLE invitations (
  invitation_id uuid PRIMARY KEY,
  tenant_id     uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  email         text NOT NULL CHECK (email = lower(email)),
  role          text NOT NULL CHECK (role IN ('owner', 'admin', 'analyst', 'viewer')),
  token_hash    text NOT NULL UNIQUE,
  invited_by    text NOT NULL,
  created_at    timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  UNIQUE (tenant_id, email)
);

-- The words of a text, an alert's or a search's: those of addresses and domains are words of their own, "anna@firma.example" is found by "firma";
-- no <tag> and no &entity; of HTML is passed over.
CREATE FUNCTION search_words(of_text text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN to_tsvector('simple'::regconfig, translate(of_text, '@._-/+:<>&', '          '));

-- Alerts: who works on it, what it was found to be, what the search looks at.
ALTER TABLE alerts ADD COLUMN assignee_id uuid;
ALTER TABLE alerts ADD COLUMN feedback text CHECK (feedback IN ('fraud', 'not_fraud'));
ALTER TABLE alerts ADD COLUMN decided_at timestamptz;              -- the first time that it was resolved or dismissed
ALTER TABLE alerts ADD COLUMN notes text NOT NULL DEFAULT '';      -- of its events, for the search
-- Stored ones write the table anew: all in one statement.
ALTER TABLE alerts
  ADD COLUMN entity_domain text NOT NULL GENERATED ALWAYS AS (split_part(entity, '@', -1)) STORED,
  ADD COLUMN names_payment_instrument boolean NOT NULL
    GENERATED ALWAYS AS (evidence @? '$.rows[*] ? (@.table == "payment_instruments")') STORED,
  ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (search_words(
    title || ' ' || subject || ' ' || entity || ' ' || message_subject || ' ' || rule_id || ' ' || notes)) STORED;
ALTER TABLE alerts ADD CONSTRAINT alerts_assignee FOREIGN KEY (tenant_id, assignee_id) REFERENCES people (tenant_id, person_id)
  ON DELETE SET NULL (assignee_id);
ALTER TABLE alert_events ADD COLUMN assignee text;  -- e-mail address; empty: nobody's from then on
ALTER TABLE alert_events ADD COLUMN feedback text;  -- empty: taken back

-- One index for each filter that can stand alone, in the order of the list; the newest first.
CREATE INDEX alerts_by_status ON alerts (tenant_id, status, last_seen_at DESC, alert_id DESC);
CREATE INDEX alerts_by_severity ON alerts (tenant_id, severity, last_seen_at DESC, alert_id DESC);
CREATE INDEX alerts_by_rule ON alerts (tenant_id, rule_id, last_seen_at DESC, alert_id DESC);
CREATE INDEX alerts_by_assignee ON alerts (tenant_id, assignee_id, last_seen_at DESC, alert_id DESC);
CREATE INDEX alerts_by_subject ON alerts (tenant_id, subject, last_seen_at DESC, alert_id DESC);
CREATE INDEX alerts_by_entity ON alerts (tenant_id, entity_domain, last_seen_at DESC, alert_id DESC);
CREATE INDEX alerts_by_feedback ON alerts (tenant_id, feedback, last_seen_at DESC, alert_id DESC) WHERE feedback IS NOT NULL;
CREATE INDEX alerts_with_payment_instrument ON alerts (tenant_id, last_seen_at DESC, alert_id DESC) WHERE names_payment_instrument;
CREATE INDEX alerts_by_first_seen ON alerts (tenant_id, first_seen_at);
CREATE EXTENSION IF NOT EXISTS btree_gin;  -- part of PostgreSQL's contrib, trusted
CREATE INDEX alerts_search ON alerts USING gin (tenant_id, search);
CREATE INDEX alert_sightings_by_message ON alert_sightings (tenant_id, mailbox_id, provider_message_id);

CREATE TABLE suppressions (
  suppression_id  uuid PRIMARY KEY,
  tenant_id       uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  rule_id         text,
  entity          text,
  subject         text,
  dedup_key       text,
  reason          text NOT NULL CHECK (reason <> ''),
  until           timestamptz NOT NULL,
  findings        bigint NOT NULL DEFAULT 0,
  last_finding_at timestamptz,
  created_by      text NOT NULL,
  created_at      timestamptz NOT NULL,
  ended_by        text,
  CHECK (num_nonnulls(rule_id, entity, subject, dedup_key) > 0)
);
CREATE INDEX suppressions_newest ON suppressions (tenant_id, created_at DESC, suppression_id DESC);
CREATE INDEX suppressions_until ON suppressions (tenant_id, until);

-- Rules: thresholds, and what they cost this tenant, by day.
ALTER TABLE rule_settings ADD COLUMN severity_override text CHECK (severity_override IN ('low', 'medium', 'high', 'critical'));
ALTER TABLE rule_settings ADD COLUMN confidence_min double precision NOT NULL DEFAULT 0 CHECK (confidence_min BETWEEN 0 AND 1);
CREATE TABLE rule_runs (
  tenant_id     uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  rule_id       text NOT NULL,
  day           date NOT NULL,
  runs          bigint NOT NULL,
  failures      bigint NOT NULL,
  findings      bigint NOT NULL,
  seconds_total double precision NOT NULL,
  seconds_max   double precision NOT NULL,
  last_run_at   timestamptz NOT NULL,
  last_failure  text,
  PRIMARY KEY (tenant_id, rule_id, day)
);

CREATE INDEX audit_log_of ON audit_log (tenant_id, audit_id DESC);
CREATE INDEX jobs_by_state ON jobs (tenant_id, state, created_at DESC, job_id DESC);
CREATE INDEX jobs_newest ON jobs (created_at DESC, job_id DESC);
CREATE INDEX jobs_not_done ON jobs (kind, state) WHERE state <> 'done';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE state = 'done';
CREATE INDEX mailbox_progress_by_address ON mailbox_progress (tenant_id, address, mailbox_id);

CREATE TABLE webhooks (
  webhook_id         uuid PRIMARY KEY,
  tenant_id          uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  name               text NOT NULL,
  url                text NOT NULL,
  events             text[] NOT NULL,
  enabled            boolean NOT NULL DEFAULT true,
  secret_wrapped     bytea NOT NULL,
  old_secret_wrapped bytea,
  old_secret_until   timestamptz,
  failures           bigint NOT NULL DEFAULT 0,  -- since the last try that did not fail
  last_delivered_at  timestamptz,
  created_at         timestamptz NOT NULL,
  UNIQUE (tenant_id, name),
  UNIQUE (tenant_id, webhook_id)
);
CREATE TABLE webhook_deliveries (
  delivery_id     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_id       uuid NOT NULL,
  webhook_id      uuid NOT NULL,
  event_id        uuid NOT NULL,
  event           text NOT NULL,
  body            text NOT NULL,
  state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
  attempts        int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(),  -- pending: when it is due; a sender that has it puts this ahead
  response_status int,
  reason          text NOT NULL DEFAULT '',
  created_at      timestamptz NOT NULL DEFAULT now(),
  delivered_at    timestamptz,
  FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks (tenant_id, webhook_id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_attempt_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (webhook_id, created_at DESC, delivery_id DESC);
CREATE INDEX webhook_deliveries_old ON webhook_deliveries (created_at);

-- Answers to writes that carried an Idempotency-Key. The key is a hash over caller and key, the answer is wrapped with the master key.
CREATE TABLE idempotency_keys (
  key_hash     text PRIMARY KEY,
  caller_hash  text NOT NULL,
  tenant_id    uuid REFERENCES tenants ON DELETE CASCADE,  -- NULL: an operator's
  request_hash text NOT NULL,
  status       int,             -- NULL: the first call still runs
  body_wrapped bytea,           -- NULL beside a status: it was too large to be kept
  created_at   timestamptz NOT NULL
);
CREATE INDEX idempotency_keys_old ON idempotency_keys (created_at);
CREATE INDEX idempotency_keys_of ON idempotency_keys (caller_hash, created_at DESC, key_hash);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['invitations', 'suppressions', 'rule_runs', 'webhooks', 'webhook_deliveries', 'idempotency_keys'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY api ON %I TO letterlock_api USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant())', t);
    EXECUTE format('CREATE POLICY login ON %I FOR SELECT TO PUBLIC USING (tenant_id = login_tenant())', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO letterlock_api', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO letterlock_lookup', t);
  END LOOP;
END $$;

-- Who calls: as find_person, find_session and find_api_key of 0001, with the ids and whether the tenant is suspended. Those three and list_tenants
-- are what servers of the version before call: the release after this one drops them.
CREATE FUNCTION person_by_address(address text) RETURNS TABLE (person_id uuid, tenant_id uuid, tenant_name text, email text, password_hash text,
    role text, suspended boolean) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT p.person_id, p.tenant_id, t.name, p.email, p.password_hash, p.role, coalesce(t.state <> 'active', false)
     FROM people p LEFT JOIN tenants t USING (tenant_id) WHERE p.email = lower(address) $$;
CREATE FUNCTION session_by_token(hash text) RETURNS TABLE (session_id uuid, person_id uuid, tenant_id uuid, tenant_name text, email text, role text,
    csrf_token text, expires_at timestamptz, suspended boolean) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT s.session_id, p.person_id, p.tenant_id, t.name, p.email, p.role, s.csrf_token, s.expires_at, coalesce(t.state <> 'active', false)
     FROM sessions s JOIN people p USING (person_id) LEFT JOIN tenants t ON t.tenant_id = p.tenant_id WHERE s.token_hash = hash $$;
CREATE FUNCTION use_api_key(hash text, at timestamptz) RETURNS TABLE (api_key_id uuid, tenant_id uuid, tenant_name text, name text, role text,
    scopes text, expires_at timestamptz, suspended boolean) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  UPDATE api_keys SET last_used_at = at WHERE key_hash = hash AND (last_used_at IS NULL OR last_used_at < at - interval '1 minute');
  RETURN QUERY SELECT k.api_key_id, k.tenant_id, t.name, k.name, k.role, array_to_string(k.scopes, E'\x1f'), k.expires_at, t.state <> 'active'
    FROM api_keys k JOIN tenants t USING (tenant_id) WHERE k.key_hash = hash;
END $$;
CREATE FUNCTION invitation_by_token(hash text) RETURNS TABLE (invitation_id uuid, tenant_id uuid, tenant_name text, email text, role text,
    expires_at timestamptz) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT i.invitation_id, i.tenant_id, t.name, i.email, i.role, i.expires_at FROM invitations i JOIN tenants t USING (tenant_id)
     WHERE i.token_hash = hash AND t.state = 'active' $$;
-- Of one person, an operator too, whose rows have no tenant.
CREATE FUNCTION sessions_of(person uuid) RETURNS TABLE (session_id uuid, created_at timestamptz, expires_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT session_id, created_at, expires_at FROM sessions WHERE person_id = person ORDER BY created_at DESC, session_id $$;
CREATE FUNCTION end_session_of(person uuid, session uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ BEGIN DELETE FROM sessions WHERE person_id = person AND session_id = session; RETURN FOUND; END $$;
CREATE FUNCTION set_password(person uuid, hash text, keep_session uuid) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ UPDATE people SET password_hash = hash WHERE person_id = person;
     DELETE FROM sessions WHERE person_id = person AND session_id <> keep_session $$;
CREATE FUNCTION note_sign_in(person uuid, at timestamptz) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ UPDATE people SET last_sign_in_at = at WHERE person_id = person $$;

-- The operator's look-ups: counts and states of all tenants, no content.
CREATE FUNCTION list_tenant_health(wanted uuid DEFAULT NULL) RETURNS TABLE (tenant_id uuid, name text, state text, created_at timestamptz, connections bigint,
    connections_broken bigint, mailboxes_total bigint, mailboxes_failed bigint, jobs_dead bigint, last_sync_at timestamptz, alerts_open bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.tenant_id, t.name, t.state, t.created_at, c.total, c.broken, m.total, m.failed, j.dead, c.last_sync_at, a.open
  FROM tenants t
  CROSS JOIN LATERAL (SELECT count(*) AS total, count(*) FILTER (WHERE state = 'broken') AS broken, max(last_sync_at) AS last_sync_at
                      FROM connections WHERE tenant_id = t.tenant_id) c
  CROSS JOIN LATERAL (SELECT count(*) AS total, count(*) FILTER (WHERE state = 'failed') AS failed FROM mailbox_progress WHERE tenant_id = t.tenant_id) m
  CROSS JOIN LATERAL (SELECT count(*) AS dead FROM jobs WHERE tenant_id = t.tenant_id AND state = 'dead') j
  CROSS JOIN LATERAL (SELECT count(*) AS open FROM alerts WHERE tenant_id = t.tenant_id AND status = 'open') a
  WHERE t.state <> 'deleted' AND (wanted IS NULL OR t.tenant_id = wanted) ORDER BY t.name $$;
CREATE FUNCTION list_installation_jobs(wanted_state text, wanted_tenant uuid, before_at timestamptz, before_id uuid, most int)
    RETURNS TABLE (job_id uuid, tenant_id uuid, tenant_name text, connection_id uuid, kind text, state text, attempt int, reason text,
    created_at timestamptz, finished_at timestamptz) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT j.job_id, j.tenant_id, t.name, j.connection_id, j.kind, j.state, j.attempt, j.reason, j.created_at, j.finished_at
  FROM jobs j JOIN tenants t USING (tenant_id)
  WHERE (wanted_state IS NULL OR j.state = wanted_state) AND (wanted_tenant IS NULL OR j.tenant_id = wanted_tenant)
    AND (before_at IS NULL OR (j.created_at, j.job_id) < (before_at, before_id))
  ORDER BY j.created_at DESC, j.job_id DESC LIMIT most $$;
CREATE FUNCTION tenant_of_job(job uuid) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT tenant_id FROM jobs WHERE job_id = job $$;
CREATE FUNCTION count_installation_jobs(at timestamptz) RETURNS TABLE (kind text, queued bigint, waiting bigint, running bigint, dead bigint,
    done_last_hour bigint, oldest_queued_at timestamptz) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.kind, count(j.*) FILTER (WHERE j.state = 'queued' AND j.not_before <= at), count(j.*) FILTER (WHERE j.state = 'queued' AND j.not_before > at),
    count(j.*) FILTER (WHERE j.state = 'running'), count(j.*) FILTER (WHERE j.state = 'dead'),
    (SELECT count(*) FROM jobs d WHERE d.kind = k.kind AND d.state = 'done' AND d.finished_at > at - interval '1 hour'),
    min(j.not_before) FILTER (WHERE j.state = 'queued' AND j.not_before <= at)
  FROM (VALUES ('ingestion'), ('analysis')) AS k (kind)
  LEFT JOIN jobs j ON j.kind = k.kind AND j.state <> 'done'
  GROUP BY k.kind ORDER BY k.kind DESC $$;
CREATE FUNCTION count_tenants() RETURNS TABLE (tenants bigint, suspended bigint) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT count(*), count(*) FILTER (WHERE state = 'suspended') FROM tenants WHERE state <> 'deleted' $$;
CREATE FUNCTION list_operator_audit(before bigint, most int) RETURNS TABLE (audit_id bigint, actor text, action text, object text, at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT audit_id, actor, action, object, at FROM audit_log WHERE tenant_id IS NULL AND (before IS NULL OR audit_id < before)
  ORDER BY audit_id DESC LIMIT most $$;

-- A job of a suspended tenant waits for the end of the suspension, whoever queues it. A transaction that queues one while the tenant is suspended
-- or resumed may see the state of before: the scheduler's next round settles that (settle_held_jobs).
CREATE FUNCTION hold_job() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM tenants WHERE tenant_id = NEW.tenant_id AND state = 'suspended') THEN
    NEW.not_before := 'infinity';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hold_job BEFORE INSERT OR UPDATE OF state ON jobs FOR EACH ROW WHEN (NEW.state = 'queued') EXECUTE FUNCTION hold_job();
CREATE FUNCTION settle_held_jobs(at timestamptz) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE jobs j SET not_before = at, published_at = NULL FROM tenants t
  WHERE j.state = 'queued' AND j.not_before = 'infinity' AND t.tenant_id = j.tenant_id AND t.state <> 'suspended';
  UPDATE jobs j SET not_before = 'infinity' FROM tenants t
  WHERE j.state = 'queued' AND j.not_before < 'infinity' AND t.tenant_id = j.tenant_id AND t.state = 'suspended' $$;

-- Events for webhooks: queued in the transaction that makes them true, whoever makes it. No subjects, no content of mail.
CREATE FUNCTION queue_event(tenant uuid, what text, details jsonb, only_webhook uuid DEFAULT NULL) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  id uuid := gen_random_uuid();
BEGIN
  INSERT INTO webhook_deliveries (tenant_id, webhook_id, event_id, event, body)
    SELECT tenant, w.webhook_id, id, what, jsonb_build_object('event_id', id, 'event', what, 'tenant_id', tenant,
      'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'data', details)::text
    FROM webhooks w WHERE w.tenant_id = tenant AND CASE WHEN only_webhook IS NULL THEN w.enabled AND what = ANY (w.events) ELSE w.webhook_id = only_webhook END;
  RETURN id;
END $$;
CREATE FUNCTION tell_alert() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM webhooks WHERE tenant_id = NEW.tenant_id) THEN
    PERFORM queue_event(NEW.tenant_id, CASE TG_OP WHEN 'INSERT' THEN 'alert.created' ELSE 'alert.changed' END, jsonb_build_object(
      'alert_id', NEW.alert_id, 'rule_id', NEW.rule_id, 'severity', NEW.severity, 'status', NEW.status, 'feedback', NEW.feedback,
      'confidence', NEW.confidence));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_created AFTER INSERT ON alerts FOR EACH ROW EXECUTE FUNCTION tell_alert();
CREATE TRIGGER tell_changed AFTER UPDATE OF status, assignee_id, feedback ON alerts FOR EACH ROW
  WHEN ((OLD.status, OLD.assignee_id, OLD.feedback) IS DISTINCT FROM (NEW.status, NEW.assignee_id, NEW.feedback)) EXECUTE FUNCTION tell_alert();
CREATE FUNCTION tell_connection() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM queue_event(NEW.tenant_id, 'connection.broken', jsonb_build_object('connection_id', NEW.connection_id, 'provider', NEW.provider));
  RETURN NULL;
END $$;
CREATE TRIGGER tell_broken AFTER UPDATE OF state ON connections FOR EACH ROW WHEN (NEW.state = 'broken' AND OLD.state <> 'broken')
  EXECUTE FUNCTION tell_connection();
CREATE FUNCTION tell_job() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM queue_event(NEW.tenant_id, 'job.dead', jsonb_build_object('job_id', NEW.job_id, 'kind', NEW.kind, 'connection_id', NEW.connection_id));
  RETURN NULL;
END $$;
CREATE TRIGGER tell_dead AFTER UPDATE OF state ON jobs FOR EACH ROW WHEN (NEW.state = 'dead' AND OLD.state <> 'dead') EXECUTE FUNCTION tell_job();

-- Due deliveries of all tenants, taken until `taken_until`: another sender passes over them; one that dies leaves them due again. A receiver that
-- hangs holds up few: at most 2 of a webhook and 4 of a tenant are taken, each tenant's first before anybody's second, the longest due first.
CREATE FUNCTION take_deliveries(at timestamptz, taken_until timestamptz, most int) RETURNS TABLE (delivery_id uuid, tenant_id uuid, webhook_id uuid,
    url text, body text, attempts int, secret_wrapped bytea, old_secret_wrapped bytea) LANGUAGE sql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
  WITH due AS (
      SELECT d.delivery_id, d.next_attempt_at, row_number() OVER (PARTITION BY w.tenant_id ORDER BY d.next_attempt_at, d.delivery_id) AS turn
      FROM webhooks w JOIN tenants t ON t.tenant_id = w.tenant_id AND t.state = 'active'
      CROSS JOIN LATERAL (SELECT delivery_id, next_attempt_at FROM webhook_deliveries
                          WHERE webhook_id = w.webhook_id AND state = 'pending' AND next_attempt_at <= at AND (w.enabled OR event = 'ping')
                          ORDER BY next_attempt_at LIMIT 2) d),
    taken AS (
      SELECT d.delivery_id FROM due JOIN webhook_deliveries d USING (delivery_id)
      WHERE due.turn <= 4 AND d.state = 'pending' AND d.next_attempt_at <= at
      ORDER BY due.turn, due.next_attempt_at LIMIT most FOR UPDATE OF d SKIP LOCKED)
  UPDATE webhook_deliveries d SET next_attempt_at = taken_until, attempts = d.attempts + 1 FROM taken, webhooks w
  WHERE d.delivery_id = taken.delivery_id AND w.webhook_id = d.webhook_id
  RETURNING d.delivery_id, d.tenant_id, d.webhook_id, w.url, d.body, d.attempts, w.secret_wrapped,
    CASE WHEN w.old_secret_until > at THEN w.old_secret_wrapped END $$;

-- One write by its Idempotency-Key: NULL status and body: go on, it is yours; else the first answer. Errors: reused, running.
-- Of one caller the newest 10,000 are kept.
CREATE FUNCTION begin_idempotent(hash text, caller text, tenant uuid, request text, at timestamptz) RETURNS TABLE (outcome text, status int, body bytea)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE known idempotency_keys;
BEGIN
  DELETE FROM idempotency_keys WHERE key_hash = hash AND created_at < at - interval '1 day';
  INSERT INTO idempotency_keys (key_hash, caller_hash, tenant_id, request_hash, created_at) VALUES (hash, caller, tenant, request, at)
    ON CONFLICT DO NOTHING;
  IF FOUND THEN
    DELETE FROM idempotency_keys WHERE key_hash IN
      (SELECT key_hash FROM idempotency_keys WHERE caller_hash = caller ORDER BY created_at DESC, key_hash OFFSET 10000);
    RETURN QUERY SELECT 'new', NULL::int, NULL::bytea;
    RETURN;
  END IF;
  SELECT * INTO known FROM idempotency_keys WHERE key_hash = hash FOR UPDATE;
  IF known.request_hash <> request THEN RETURN QUERY SELECT 'reused', NULL::int, NULL::bytea;
  ELSIF known.status IS NOT NULL THEN RETURN QUERY SELECT 'done', known.status, known.body_wrapped;
  -- Whoever began it a while ago died with it.
  ELSIF known.created_at < at - interval '2 minutes' THEN
    UPDATE idempotency_keys SET created_at = at WHERE key_hash = hash;
    RETURN QUERY SELECT 'new', NULL::int, NULL::bytea;
  ELSE RETURN QUERY SELECT 'running', NULL::int, NULL::bytea;
  END IF;
END $$;
CREATE FUNCTION finish_idempotent(hash text, answer_status int, answer bytea) RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = public, pg_temp AS
  $$ UPDATE idempotency_keys SET status = answer_status, body_wrapped = answer WHERE key_hash = hash $$;
CREATE FUNCTION forget_idempotent(hash text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ DELETE FROM idempotency_keys WHERE key_hash = hash AND status IS NULL $$;

-- The scheduler's sweep: what nobody else gives up or deletes, at most 50,000 rows of a kind in one go; how many rows.
CREATE FUNCTION sweep(at timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  statement text;
  met bigint;
  swept bigint := 0;
BEGIN
  FOREACH statement IN ARRAY ARRAY[
    $s$UPDATE webhook_deliveries SET state = 'failed', reason = 'due for 7 days and not sent: the webhook was switched off, or its company suspended'
       WHERE state = 'pending' AND delivery_id IN (SELECT delivery_id FROM webhook_deliveries
                                                   WHERE state = 'pending' AND next_attempt_at < $1 - interval '7 days' LIMIT 50000)$s$,
    $s$UPDATE webhook_deliveries SET state = 'failed', reason = 'more than 10,000 deliveries waited for this webhook: the oldest were given up'
       WHERE state = 'pending' AND delivery_id IN (
         SELECT d.delivery_id FROM (SELECT webhook_id FROM webhook_deliveries WHERE state = 'pending' GROUP BY 1 HAVING count(*) > 10000) w
         CROSS JOIN LATERAL (SELECT delivery_id FROM webhook_deliveries WHERE webhook_id = w.webhook_id AND state = 'pending'
                             ORDER BY created_at DESC, delivery_id DESC OFFSET 10000) d LIMIT 50000)$s$,
    $s$DELETE FROM webhook_deliveries WHERE state <> 'pending' AND delivery_id IN (
         SELECT delivery_id FROM webhook_deliveries WHERE created_at < $1 - interval '30 days' AND state <> 'pending' LIMIT 50000)$s$,
    $s$DELETE FROM idempotency_keys WHERE key_hash IN (
         SELECT key_hash FROM idempotency_keys WHERE created_at < $1 - interval '1 day' LIMIT 50000) AND created_at < $1 - interval '1 day'$s$,
    $s$DELETE FROM invitations WHERE invitation_id IN (
         SELECT invitation_id FROM invitations WHERE expires_at < $1 - interval '7 days' LIMIT 50000)$s$,
    $s$DELETE FROM rule_runs WHERE (tenant_id, rule_id, day) IN (
         SELECT tenant_id, rule_id, day FROM rule_runs WHERE day < ($1 AT TIME ZONE 'UTC')::date - 90 LIMIT 50000)$s$
  ] LOOP
    EXECUTE statement USING at;
    GET DIAGNOSTICS met = ROW_COUNT;
    swept := swept + met;
  END LOOP;
  RETURN swept;
END $$;

DO $$
DECLARE f text;
BEGIN
  FOREACH f IN ARRAY ARRAY['person_by_address(text)', 'session_by_token(text)', 'use_api_key(text, timestamptz)', 'invitation_by_token(text)',
      'sessions_of(uuid)', 'end_session_of(uuid, uuid)', 'set_password(uuid, text, uuid)', 'note_sign_in(uuid, timestamptz)',
      'list_tenant_health(uuid)', 'list_installation_jobs(text, uuid, timestamptz, uuid, int)', 'tenant_of_job(uuid)',
      'count_installation_jobs(timestamptz)', 'count_tenants()', 'list_operator_audit(bigint, int)', 'hold_job()',
      'queue_event(uuid, text, jsonb, uuid)', 'tell_alert()', 'tell_connection()', 'tell_job()', 'take_deliveries(timestamptz, timestamptz, int)',
      'begin_idempotent(text, text, uuid, text, timestamptz)', 'finish_idempotent(text, int, bytea)', 'forget_idempotent(text)',
      'settle_held_jobs(timestamptz)', 'sweep(timestamptz)'] LOOP
    EXECUTE 'GRANT CREATE ON SCHEMA public TO letterlock_lookup';
    EXECUTE format('ALTER FUNCTION %s OWNER TO letterlock_lookup', f);
    EXECUTE 'REVOKE CREATE ON SCHEMA public FROM letterlock_lookup';
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
    IF f IN ('settle_held_jobs(timestamptz)', 'sweep(timestamptz)') THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO letterlock_scheduler', f);
    ELSIF f NOT IN ('hold_job()', 'queue_event(uuid, text, jsonb, uuid)', 'tell_alert()', 'tell_connection()', 'tell_job()') THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO letterlock_api', f);
    END IF;
  END LOOP;
END $$;
-- A ping of one webhook of the tenant that the transaction set; its event_id.
CREATE FUNCTION ping_webhook(webhook uuid) RETURNS uuid LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT queue_event(current_tenant(), 'ping', '{}', webhook) $$;
GRANT CREATE ON SCHEMA public TO letterlock_lookup;
ALTER FUNCTION ping_webhook(uuid) OWNER TO letterlock_lookup;
REVOKE CREATE ON SCHEMA public FROM letterlock_lookup;
REVOKE EXECUTE ON FUNCTION ping_webhook(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ping_webhook(uuid) TO letterlock_api;

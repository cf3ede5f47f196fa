-- The control plane. Every table with a tenant_id has forced row-level security with the three policies of design.md section 4.

-- Roles belong to the whole cluster: several databases may be migrated at once.
DO $$
DECLARE wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['letterlock_api', 'letterlock_scheduler', 'letterlock_lookup'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END LOOP;
  -- Owns the fixed look-ups across tenants below, and nothing else.
  IF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'letterlock_lookup') THEN
    ALTER ROLE letterlock_lookup BYPASSRLS;
  END IF;
END $$;

CREATE TABLE tenants (
  tenant_id        uuid PRIMARY KEY,
  name             text NOT NULL UNIQUE CHECK (name <> ''),
  state            text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'deleted')),
  data_key_wrapped bytea,                       -- NULL once destroyed
  alerts_version   bigint NOT NULL DEFAULT 0,   -- rises with every change of an alert
  created_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE people (
  person_id        uuid PRIMARY KEY,
  tenant_id        uuid REFERENCES tenants ON DELETE CASCADE,  -- NULL: operator
  email            text NOT NULL UNIQUE CHECK (email = lower(email)),
  password_hash    text NOT NULL,
  role             text NOT NULL CHECK (role IN ('operator', 'owner', 'admin', 'analyst', 'viewer')),
  created_at       timestamptz NOT NULL DEFAULT now(),
  CHECK ((role = 'operator') = (tenant_id IS NULL))
);

-- Wrong passwords by address, whether somebody has it or not: a lock-out must not tell which addresses exist.
CREATE TABLE sign_in_failures (
  address_hash text PRIMARY KEY,
  failures     int NOT NULL,
  locked_until timestamptz,
  updated_at   timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_old ON sign_in_failures (updated_at);

CREATE TABLE sessions (
  token_hash text PRIMARY KEY,
  tenant_id  uuid REFERENCES tenants ON DELETE CASCADE,
  person_id  uuid NOT NULL REFERENCES people ON DELETE CASCADE,
  csrf_token text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);

CREATE TABLE api_keys (
  key_hash   text PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  name       text NOT NULL,
  role       text NOT NULL CHECK (role IN ('owner', 'admin', 'analyst', 'viewer')),
  scopes     text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  UNIQUE (tenant_id, name)
);

CREATE TABLE connections (
  connection_id        uuid PRIMARY KEY,
  tenant_id            uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  name                 text NOT NULL,
  provider             text NOT NULL CHECK (provider IN ('google', 'microsoft', 'archive')),
  settings             jsonb NOT NULL,
  secret_wrapped       bytea NOT NULL,
  trusted_authserv_ids text[] NOT NULL DEFAULT '{}',
  state                text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'ok', 'broken')),
  state_reason         text NOT NULL DEFAULT '',
  interval_seconds     int NOT NULL DEFAULT 300 CHECK (interval_seconds > 0),
  next_due_at          timestamptz NOT NULL DEFAULT now(),
  last_sync_at         timestamptz,
  paused               boolean NOT NULL DEFAULT false,
  created_at           timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, name),
  UNIQUE (tenant_id, connection_id)
);
CREATE INDEX connections_due ON connections (next_due_at) WHERE NOT paused;

CREATE TABLE jobs (
  job_id           uuid PRIMARY KEY,
  tenant_id        uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  connection_id    uuid,
  kind             text NOT NULL CHECK (kind IN ('ingestion', 'analysis')),
  state            text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'dead')),
  attempt          int NOT NULL DEFAULT 1,
  attempts_max     int NOT NULL DEFAULT 5,
  lease_id         uuid,
  lease_expires_at timestamptz,
  lease_worker     text NOT NULL DEFAULT '',
  not_before       timestamptz NOT NULL DEFAULT now(),
  published_at     timestamptz,                 -- set when the broker confirmed; NULL: to be published
  reason           text NOT NULL DEFAULT '',
  counters         jsonb NOT NULL DEFAULT '{}',
  created_at       timestamptz NOT NULL DEFAULT now(),
  started_at       timestamptz,
  finished_at      timestamptz,
  CHECK ((kind = 'ingestion') = (connection_id IS NOT NULL)),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, connection_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX jobs_one_active_ingestion ON jobs (connection_id) WHERE kind = 'ingestion' AND state IN ('queued', 'running');
CREATE UNIQUE INDEX jobs_one_queued_analysis ON jobs (tenant_id) WHERE kind = 'analysis' AND state = 'queued';
CREATE INDEX jobs_queued ON jobs (not_before) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (lease_expires_at) WHERE state = 'running';
CREATE INDEX jobs_of_tenant ON jobs (tenant_id, created_at DESC);

CREATE TABLE mailbox_progress (
  tenant_id          uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  connection_id      uuid NOT NULL,
  mailbox_id         text NOT NULL,
  address            text NOT NULL,
  state              text NOT NULL,
  reason             text NOT NULL,
  messages_stored    bigint NOT NULL,
  messages_removed   bigint NOT NULL,
  messages_set_aside bigint NOT NULL,
  caught_up          boolean NOT NULL,
  updated_at         timestamptz NOT NULL,
  PRIMARY KEY (connection_id, mailbox_id),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, connection_id) ON DELETE CASCADE
);

CREATE TABLE alerts (
  alert_id             uuid PRIMARY KEY,
  tenant_id            uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  fingerprint          text NOT NULL,
  status               text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'in_progress', 'resolved', 'dismissed')),
  rule_id              text NOT NULL,
  rule_version         text NOT NULL,
  title                text NOT NULL,
  severity             text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  attack_technique     text NOT NULL,
  subject              text NOT NULL,
  entity               text NOT NULL,
  dedup_key            text NOT NULL,
  confidence           double precision NOT NULL,
  evidence             jsonb NOT NULL,
  message_subject      text NOT NULL,
  query_sql            text NOT NULL,
  query_parameters     jsonb NOT NULL,
  sightings            bigint NOT NULL DEFAULT 0,
  first_seen_at        timestamptz NOT NULL,
  last_seen_at         timestamptz NOT NULL,
  created_at           timestamptz NOT NULL DEFAULT now(),
  updated_at           timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, fingerprint),
  UNIQUE (tenant_id, alert_id)
);
CREATE INDEX alerts_newest ON alerts (tenant_id, last_seen_at DESC, alert_id DESC);

CREATE TABLE alert_sightings (
  tenant_id           uuid NOT NULL,
  alert_id            uuid NOT NULL,
  mailbox_id          text NOT NULL,
  provider_message_id text NOT NULL,
  message_id          text NOT NULL,
  subject             text NOT NULL,
  message_subject     text NOT NULL,
  observed_at         timestamptz NOT NULL,
  PRIMARY KEY (alert_id, mailbox_id, provider_message_id),
  FOREIGN KEY (tenant_id, alert_id) REFERENCES alerts (tenant_id, alert_id) ON DELETE CASCADE
);

CREATE TABLE alert_events (
  event_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL,
  alert_id  uuid NOT NULL,
  kind      text NOT NULL,
  status    text,
  note      text,
  actor     text NOT NULL,
  at        timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, alert_id) REFERENCES alerts (tenant_id, alert_id) ON DELETE CASCADE
);
CREATE INDEX alert_events_of ON alert_events (alert_id, event_id DESC);

CREATE TABLE watermarks (
  tenant_id  uuid PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
  ingest_seq bigint NOT NULL
);

CREATE TABLE rule_settings (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  rule_id   text NOT NULL,
  enabled   boolean NOT NULL,
  PRIMARY KEY (tenant_id, rule_id)
);

CREATE TABLE audit_log (
  audit_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid,                               -- kept when the tenant is gone; NULL: an operator's act
  actor     text NOT NULL,
  action    text NOT NULL,
  object    text NOT NULL,
  at        timestamptz NOT NULL DEFAULT now()
);

-- Which login role may read which tenant's rows; keyed on session_user, which SET ROLE does not change.
CREATE TABLE tenant_logins (
  login_role name PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES tenants ON DELETE CASCADE
);

CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE FUNCTION login_tenant() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT tenant_id FROM tenant_logins WHERE login_role = session_user $$;

DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables b USING (table_schema, table_name)
           WHERE c.table_schema = 'public' AND c.column_name = 'tenant_id' AND b.table_type = 'BASE TABLE' LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY api ON %I TO letterlock_api USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant())', t);
    EXECUTE format('CREATE POLICY login ON %I FOR SELECT TO PUBLIC USING (tenant_id = login_tenant())', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO letterlock_api', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO letterlock_lookup', t);
  END LOOP;
  REVOKE INSERT, UPDATE, DELETE ON tenant_logins FROM letterlock_api;
  REVOKE UPDATE, DELETE ON audit_log FROM letterlock_api;
  GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_failures TO letterlock_lookup;
END $$;

-- The scheduler sees when a connection is due and where its jobs stand; no settings, no secrets, no alerts.
CREATE POLICY scheduler ON connections TO letterlock_scheduler USING (true) WITH CHECK (true);
CREATE POLICY scheduler ON jobs TO letterlock_scheduler USING (true) WITH CHECK (true);
GRANT SELECT (connection_id, tenant_id, interval_seconds, next_due_at, paused), UPDATE (next_due_at) ON connections TO letterlock_scheduler;
GRANT SELECT, INSERT, UPDATE ON jobs TO letterlock_scheduler;
GRANT USAGE ON SCHEMA public TO letterlock_api, letterlock_scheduler, letterlock_lookup;

-- Fixed look-ups that cannot know the tenant yet.
CREATE FUNCTION find_person(address text) RETURNS TABLE (person_id uuid, tenant_id uuid, tenant_name text, email text, password_hash text, role text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT p.person_id, p.tenant_id, t.name, p.email, p.password_hash, p.role FROM people p LEFT JOIN tenants t USING (tenant_id)
     WHERE p.email = lower(address) $$;
CREATE FUNCTION find_session(hash text) RETURNS TABLE (person_id uuid, tenant_id uuid, email text, role text, csrf_token text, expires_at timestamptz,
    tenant_name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT p.person_id, p.tenant_id, p.email, p.role, s.csrf_token, s.expires_at, t.name
     FROM sessions s JOIN people p USING (person_id) LEFT JOIN tenants t ON t.tenant_id = p.tenant_id WHERE s.token_hash = hash $$;
CREATE FUNCTION find_api_key(hash text) RETURNS TABLE (tenant_id uuid, tenant_name text, name text, role text, scopes text[], expires_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT k.tenant_id, t.name, k.name, k.role, k.scopes, k.expires_at FROM api_keys k JOIN tenants t USING (tenant_id) WHERE k.key_hash = hash $$;
CREATE FUNCTION find_tenant(wanted text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT tenant_id FROM tenants WHERE name = wanted AND state = 'active' $$;
CREATE FUNCTION list_tenants() RETURNS TABLE (tenant_id uuid, name text, connections bigint, alerts_open bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT t.tenant_id, t.name, (SELECT count(*) FROM connections c WHERE c.tenant_id = t.tenant_id),
            (SELECT count(*) FROM alerts a WHERE a.tenant_id = t.tenant_id AND a.status = 'open')
     FROM tenants t WHERE t.state = 'active' ORDER BY t.name $$;
-- One try to sign in: NULL and counted as failed in advance, so that many at once cannot pass; or until when the address is locked.
-- From the fifth failure on it is locked for 30 s, twice as long each time, at most 15 minutes; a quiet day forgets.
CREATE FUNCTION begin_sign_in(address text, at timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  hash text := encode(sha256(convert_to(lower(address), 'UTF8')), 'hex');
  known sign_in_failures;
BEGIN
  DELETE FROM sign_in_failures WHERE updated_at < at - interval '1 day';
  INSERT INTO sign_in_failures VALUES (hash, 0, NULL, at) ON CONFLICT DO NOTHING;
  SELECT * INTO known FROM sign_in_failures WHERE address_hash = hash FOR UPDATE;
  IF known.locked_until > at THEN
    RETURN known.locked_until;
  END IF;
  UPDATE sign_in_failures SET failures = known.failures + 1, updated_at = at,
    locked_until = CASE WHEN known.failures + 1 >= 5 THEN at + least(interval '30 seconds' * 2 ^ least(known.failures - 4, 10), interval '15 minutes') END
    WHERE address_hash = hash;
  RETURN NULL;
END $$;
CREATE FUNCTION forgive_sign_in(address text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ DELETE FROM sign_in_failures WHERE address_hash = encode(sha256(convert_to(lower(address), 'UTF8')), 'hex') $$;
-- Operators' rows have no tenant: their sessions and audit entries are written here.
CREATE FUNCTION add_session(hash text, person uuid, csrf text, at timestamptz, until timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ INSERT INTO sessions (token_hash, tenant_id, person_id, csrf_token, created_at, expires_at)
     SELECT hash, p.tenant_id, p.person_id, csrf, at, until FROM people p WHERE p.person_id = person;
     DELETE FROM sessions s WHERE s.person_id = person AND s.expires_at <= at $$;
CREATE FUNCTION end_session(hash text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ DELETE FROM sessions WHERE token_hash = hash $$;
CREATE FUNCTION add_operator(person uuid, address text, hash text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ INSERT INTO people (person_id, email, password_hash, role) VALUES (person, lower(address), hash, 'operator') $$;
CREATE FUNCTION add_operator_audit(who text, act text, what text, moment timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ INSERT INTO audit_log (actor, action, object, at) VALUES (who, act, what, moment) $$;

DO $$
DECLARE f text;
BEGIN
  FOREACH f IN ARRAY ARRAY['login_tenant()', 'find_person(text)', 'find_session(text)', 'find_api_key(text)', 'find_tenant(text)', 'list_tenants()',
      'begin_sign_in(text, timestamptz)', 'forgive_sign_in(text)', 'add_session(text, uuid, text, timestamptz, timestamptz)', 'end_session(text)',
      'add_operator(uuid, text, text)', 'add_operator_audit(text, text, text, timestamptz)'] LOOP
    EXECUTE 'GRANT CREATE ON SCHEMA public TO letterlock_lookup';
    EXECUTE format('ALTER FUNCTION %s OWNER TO letterlock_lookup', f);
    EXECUTE 'REVOKE CREATE ON SCHEMA public FROM letterlock_lookup';
    IF f <> 'login_tenant()' THEN
      EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO letterlock_api', f);
    END IF;
  END LOOP;
END $$;

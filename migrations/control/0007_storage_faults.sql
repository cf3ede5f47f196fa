-- A full disk, a damaged file, another master key, an analysis that is behind: what is known of them.

-- Which master key the secrets of this installation are wrapped with; one row, written by the first start that finds none.
CREATE TABLE installation_key (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  key_check  text NOT NULL,
  created_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON installation_key TO letterlock_api;
-- Something that the key of before this row must be able to unwrap: tenants' data keys, the oldest first.
CREATE FUNCTION wrapped_data_keys(most int) RETURNS TABLE (tenant_id uuid, wrapped bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT tenant_id, data_key_wrapped FROM tenants WHERE data_key_wrapped IS NOT NULL ORDER BY created_at, tenant_id LIMIT most $$;

-- What `storage` last measured; one row.
CREATE TABLE storage_report (
  only_row      boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  free_bytes    bigint NOT NULL,
  used_bytes    bigint NOT NULL,
  reserve_bytes bigint NOT NULL,
  is_writable   boolean NOT NULL,
  read_failure  text NOT NULL,      -- empty: the files can be read
  reported_at   timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON storage_report TO letterlock_api;

-- stalled: the last slice ended with an error that is tried again by itself. state_code: Error's, where the console says more about it.
ALTER TABLE connections DROP CONSTRAINT connections_state_check;
ALTER TABLE connections ADD CONSTRAINT connections_state_check CHECK (state IN ('new', 'ok', 'stalled', 'broken')),
  ADD COLUMN state_code text NOT NULL DEFAULT '',
  ADD COLUMN state_at timestamptz;  -- when state and reason were last recorded
UPDATE connections SET state = 'stalled' WHERE state = 'ok' AND state_reason <> '';
-- As of 0003, but connections_broken counts the stalled too. Owner and grants stay.
CREATE OR REPLACE FUNCTION list_tenant_health(wanted uuid DEFAULT NULL) RETURNS TABLE (tenant_id uuid, name text, state text, created_at timestamptz, connections bigint,
    connections_broken bigint, mailboxes_total bigint, mailboxes_failed bigint, jobs_dead bigint, last_sync_at timestamptz, alerts_open bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.tenant_id, t.name, t.state, t.created_at, c.total, c.broken, m.total, m.failed, j.dead, c.last_sync_at, a.open
  FROM tenants t
  CROSS JOIN LATERAL (SELECT count(*) AS total, count(*) FILTER (WHERE state IN ('broken', 'stalled')) AS broken, max(last_sync_at) AS last_sync_at
                      FROM connections WHERE tenant_id = t.tenant_id) c
  CROSS JOIN LATERAL (SELECT count(*) AS total, count(*) FILTER (WHERE state = 'failed') AS failed FROM mailbox_progress WHERE tenant_id = t.tenant_id) m
  CROSS JOIN LATERAL (SELECT count(*) AS dead FROM jobs WHERE tenant_id = t.tenant_id AND state = 'dead') j
  CROSS JOIN LATERAL (SELECT count(*) AS open FROM alerts WHERE tenant_id = t.tenant_id AND status = 'open') a
  WHERE t.state <> 'deleted' AND (wanted IS NULL OR t.tenant_id = wanted) ORDER BY t.name $$;

-- When the mailbox was last read and all that came was stored; updated_at also moves when that failed.
ALTER TABLE mailbox_progress ADD COLUMN last_read_at timestamptz;
UPDATE mailbox_progress SET last_read_at = updated_at WHERE caught_up;

ALTER TABLE watermarks
  ADD COLUMN newest_ingest_seq bigint NOT NULL DEFAULT 0,  -- in the tenant's store, as far as it was reported
  ADD COLUMN behind_since timestamptz,                     -- when the oldest row that is not judged was stored; NULL: all are judged
  ADD COLUMN problem text NOT NULL DEFAULT '',             -- why the last analysis failed; empty: it did not
  ADD COLUMN problem_code text NOT NULL DEFAULT '';
UPDATE watermarks SET newest_ingest_seq = ingest_seq;
-- Of all tenants, for the metric.
CREATE FUNCTION analysis_lag() RETURNS TABLE (tenants_behind bigint, rows_behind bigint, behind_since timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
  $$ SELECT count(*), coalesce(sum(w.newest_ingest_seq - w.ingest_seq), 0)::bigint, min(w.behind_since)
     FROM watermarks w JOIN tenants t USING (tenant_id) WHERE t.state = 'active' AND w.newest_ingest_seq > w.ingest_seq $$;

DO $$
DECLARE f text;
BEGIN
  FOREACH f IN ARRAY ARRAY['wrapped_data_keys(int)', 'analysis_lag()'] LOOP
    EXECUTE 'GRANT CREATE ON SCHEMA public TO letterlock_lookup';
    EXECUTE format('ALTER FUNCTION %s OWNER TO letterlock_lookup', f);
    EXECUTE 'REVOKE CREATE ON SCHEMA public FROM letterlock_lookup';
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
  END LOOP;
  GRANT EXECUTE ON FUNCTION wrapped_data_keys(int) TO letterlock_api;
  GRANT EXECUTE ON FUNCTION analysis_lag() TO letterlock_api, letterlock_scheduler;
END $$;

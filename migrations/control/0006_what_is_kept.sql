-- Archive connections: whoever signs in or holds an API key may name paths below LETTERLOCK_ARCHIVE_FOLDERS alone; what the operator names on
-- the command line is marked so (TenantService). Connections from before keep their paths, unless the console or the API changed them.
SET LOCAL ROLE letterlock_lookup;
UPDATE connections c SET settings = settings || '{"named_by_operator": true}' WHERE provider = 'archive' AND NOT EXISTS
  (SELECT FROM audit_log a WHERE a.tenant_id = c.tenant_id AND a.action = 'connection.change' AND a.object = c.connection_id::text);
RESET ROLE;

-- The sweep over what grows with time alone, beside sweep() of 0003: at most `most` rows of a kind in one go, the oldest first; how many of each.
CREATE INDEX sessions_expired ON sessions (expires_at);
CREATE FUNCTION sweep_kept(at timestamptz, jobs_kept interval, audit_kept interval, most int, OUT jobs_swept bigint, OUT audit_swept bigint,
    OUT sessions_swept bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM jobs j WHERE j.state = 'done' AND j.job_id IN
    (SELECT o.job_id FROM jobs o WHERE o.state = 'done' AND o.finished_at < at - jobs_kept ORDER BY o.finished_at LIMIT most);
  GET DIAGNOSTICS jobs_swept = ROW_COUNT;
  -- Numbers rise with time: the key serves as the index.
  DELETE FROM audit_log a WHERE a.at < sweep_kept.at - audit_kept AND a.audit_id IN (SELECT o.audit_id FROM audit_log o ORDER BY o.audit_id LIMIT most);
  GET DIAGNOSTICS audit_swept = ROW_COUNT;
  DELETE FROM sessions s WHERE s.token_hash IN (SELECT o.token_hash FROM sessions o WHERE o.expires_at <= at ORDER BY o.expires_at LIMIT most);
  GET DIAGNOSTICS sessions_swept = ROW_COUNT;
END $$;
GRANT CREATE ON SCHEMA public TO letterlock_lookup;
ALTER FUNCTION sweep_kept(timestamptz, interval, interval, int) OWNER TO letterlock_lookup;
REVOKE CREATE ON SCHEMA public FROM letterlock_lookup;
REVOKE EXECUTE ON FUNCTION sweep_kept(timestamptz, interval, interval, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sweep_kept(timestamptz, interval, interval, int) TO letterlock_scheduler;

-- How long a tenant keeps its mail; RetentionService reads and writes it, the mail itself lies in the tenant's file.
ALTER TABLE tenants
  ADD COLUMN retention_days       int CHECK (retention_days BETWEEN 1 AND 36500),  -- NULL: until the tenant goes
  ADD COLUMN retention_due_at     timestamptz NOT NULL DEFAULT now(),              -- whoever has its turn puts this ahead
  ADD COLUMN retention_checked_at timestamptz,                                     -- when nothing old was left; NULL: not yet since the last change
  ADD COLUMN retention_problem    text NOT NULL DEFAULT '',
  ADD COLUMN messages_erased      bigint NOT NULL DEFAULT 0,
  ADD COLUMN erased_at            timestamptz;
CREATE INDEX tenants_retention_due ON tenants (retention_due_at) WHERE retention_days IS NOT NULL;
CREATE FUNCTION take_retention(at timestamptz, taken_until timestamptz) RETURNS TABLE (tenant_id uuid, retention_days int, watermark bigint)
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE tenants t SET retention_due_at = taken_until
  WHERE t.tenant_id = (SELECT o.tenant_id FROM tenants o WHERE o.retention_days IS NOT NULL AND o.retention_due_at <= at AND o.state <> 'deleted'
                       ORDER BY o.retention_due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING t.tenant_id, t.retention_days, coalesce((SELECT w.ingest_seq FROM watermarks w WHERE w.tenant_id = t.tenant_id), 0) $$;
GRANT CREATE ON SCHEMA public TO letterlock_lookup;
ALTER FUNCTION take_retention(timestamptz, timestamptz) OWNER TO letterlock_lookup;
REVOKE CREATE ON SCHEMA public FROM letterlock_lookup;
REVOKE EXECUTE ON FUNCTION take_retention(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_retention(timestamptz, timestamptz) TO letterlock_api;

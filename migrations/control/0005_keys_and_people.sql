-- API keys that end with their owner, never may more than the owner, name what they may, and end by themselves; links by which a person
-- sets a new password; invitations that end with the inviter.

CREATE FUNCTION role_rank(role text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN array_position(ARRAY['viewer', 'analyst', 'admin', 'owner', 'operator'], role);

ALTER TABLE api_keys
  ADD COLUMN owner_id   uuid,
  -- person: owner_id; removed: a person who is no longer there, and the key has ended; installation: made on the command line for nobody;
  -- unknown: made before owners were recorded, and without a maker's address.
  ADD COLUMN owner_kind text NOT NULL DEFAULT 'unknown' CHECK (owner_kind IN ('person', 'removed', 'installation', 'unknown')),
  ADD COLUMN legacy     boolean NOT NULL DEFAULT false;  -- made without scopes, when that meant all of them
ALTER TABLE invitations ADD COLUMN inviter_id uuid REFERENCES people ON DELETE CASCADE;  -- NULL: of nobody that is a person here

-- The maker of a key is known by address. Somebody who got the address after the key was made is somebody else.
UPDATE api_keys k SET owner_id = p.person_id, owner_kind = 'person' FROM people p
  WHERE p.tenant_id = k.tenant_id AND p.email = k.created_by AND p.created_at <= k.created_at;
UPDATE api_keys SET owner_kind = 'removed', expires_at = least(expires_at, now()) WHERE owner_id IS NULL AND created_by <> '';
UPDATE api_keys SET expires_at = now() + interval '365 days' WHERE expires_at IS NULL;
UPDATE api_keys SET legacy = true, scopes = ARRAY['alerts:read', 'alerts:write', 'messages:read', 'connections:read', 'connections:write',
    'rules:write', 'people:read', 'audit:read', 'webhooks:read', 'webhooks:write'] WHERE cardinality(scopes) = 0;
UPDATE invitations i SET inviter_id = p.person_id FROM people p
  WHERE (p.tenant_id = i.tenant_id OR p.tenant_id IS NULL) AND p.email = i.invited_by AND p.created_at <= i.created_at;
DELETE FROM invitations WHERE inviter_id IS NULL;

ALTER TABLE api_keys
  ALTER COLUMN expires_at SET NOT NULL,
  ADD CONSTRAINT api_keys_scopes CHECK (cardinality(scopes) > 0),
  ADD CONSTRAINT api_keys_owner_known CHECK ((owner_kind = 'person') = (owner_id IS NOT NULL)),
  ADD CONSTRAINT api_keys_owner FOREIGN KEY (tenant_id, owner_id) REFERENCES people (tenant_id, person_id);
CREATE INDEX api_keys_of ON api_keys (owner_id);
CREATE INDEX invitations_by ON invitations (inviter_id);

-- What a server of the version before leaves out: owner and end. The release after this one drops it.
CREATE FUNCTION complete_api_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.expires_at := coalesce(NEW.expires_at, NEW.created_at + interval '365 days');
  IF NEW.owner_kind = 'unknown' AND NEW.created_by <> '' THEN
    NEW.owner_id := (SELECT person_id FROM people WHERE tenant_id = NEW.tenant_id AND email = NEW.created_by);
    NEW.owner_kind := CASE WHEN NEW.owner_id IS NULL THEN 'unknown' ELSE 'person' END;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER complete_api_key BEFORE INSERT ON api_keys FOR EACH ROW EXECUTE FUNCTION complete_api_key();

-- A link by which a person sets a new password, once: at most one of each person.
CREATE TABLE password_resets (
  person_id  uuid PRIMARY KEY REFERENCES people ON DELETE CASCADE,
  tenant_id  uuid REFERENCES tenants ON DELETE CASCADE,  -- the person's; NULL: an operator
  token_hash text NOT NULL UNIQUE,
  maker_id   uuid REFERENCES people ON DELETE CASCADE,   -- NULL: the command line
  made_by    text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX password_resets_by ON password_resets (maker_id);
ALTER TABLE password_resets ENABLE ROW LEVEL SECURITY;
ALTER TABLE password_resets FORCE ROW LEVEL SECURITY;
CREATE POLICY api ON password_resets TO letterlock_api USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY login ON password_resets FOR SELECT TO PUBLIC USING (tenant_id = login_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON password_resets TO letterlock_api, letterlock_lookup;

-- What a person handed out ends with the person, whoever removes it: keys here, links by their references. With another role, links end
-- that this role could not make, and a link for a new password that names the person on either side.
CREATE FUNCTION settle_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    UPDATE api_keys SET owner_id = NULL, owner_kind = 'removed', expires_at = least(expires_at, now()) WHERE owner_id = OLD.person_id;
    RETURN OLD;
  END IF;
  DELETE FROM invitations WHERE inviter_id = NEW.person_id AND (role_rank(NEW.role) < role_rank('admin') OR role_rank(NEW.role) < role_rank(role));
  DELETE FROM password_resets WHERE person_id = NEW.person_id OR maker_id = NEW.person_id;
  RETURN NEW;
END $$;
CREATE TRIGGER settle_removed BEFORE DELETE ON people FOR EACH ROW EXECUTE FUNCTION settle_person();
CREATE TRIGGER settle_role BEFORE UPDATE OF role ON people FOR EACH ROW WHEN (NEW.role <> OLD.role) EXECUTE FUNCTION settle_person();

-- As in 0003, for servers of both versions: the role is never above the owner's of this moment.
DROP FUNCTION use_api_key(text, timestamptz);
CREATE FUNCTION use_api_key(hash text, at timestamptz) RETURNS TABLE (api_key_id uuid, tenant_id uuid, tenant_name text, name text, role text,
    scopes text, expires_at timestamptz, suspended boolean, owner_removed boolean) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  UPDATE api_keys SET last_used_at = at WHERE key_hash = hash AND (last_used_at IS NULL OR last_used_at < at - interval '1 minute');
  RETURN QUERY SELECT k.api_key_id, k.tenant_id, t.name, k.name, CASE WHEN role_rank(p.role) < role_rank(k.role) THEN p.role ELSE k.role END,
      array_to_string(k.scopes, E'\x1f'), k.expires_at, t.state <> 'active', k.owner_kind = 'removed'
    FROM api_keys k JOIN tenants t USING (tenant_id) LEFT JOIN people p ON p.person_id = k.owner_id WHERE k.key_hash = hash;
END $$;

-- A person's new password ends other sessions, and a link for another one.
CREATE OR REPLACE FUNCTION set_password(person uuid, hash text, keep_session uuid) RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = public, pg_temp AS
  $$ UPDATE people SET password_hash = hash WHERE person_id = person;
     DELETE FROM password_resets WHERE person_id = person;
     DELETE FROM sessions WHERE person_id = person AND session_id <> keep_session $$;

-- Links for a new password. Operators' rows have no tenant, and whoever opens a link is nobody yet: so these are fixed look-ups.
CREATE FUNCTION add_password_reset(person uuid, hash text, maker uuid, maker_name text, at timestamptz, until timestamptz) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO password_resets (person_id, tenant_id, token_hash, maker_id, made_by, created_at, expires_at)
    SELECT p.person_id, p.tenant_id, hash, maker, maker_name, at, until FROM people p
    WHERE p.person_id = person AND p.tenant_id IS NOT DISTINCT FROM current_tenant()
  ON CONFLICT (person_id) DO UPDATE SET token_hash = hash, maker_id = maker, made_by = maker_name, created_at = at, expires_at = until $$;
CREATE FUNCTION password_reset_by_token(hash text, at timestamptz) RETURNS TABLE (person_id uuid, tenant_id uuid, tenant_name text, email text,
    role text, expires_at timestamptz) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.person_id, p.tenant_id, t.name, p.email, p.role, r.expires_at
  FROM password_resets r JOIN people p USING (person_id) LEFT JOIN tenants t ON t.tenant_id = p.tenant_id
  WHERE r.token_hash = hash AND r.expires_at > at AND (p.tenant_id IS NULL OR t.state = 'active') $$;
-- Whether it was used now: the password is set, all sessions end, wrong tries are forgotten, the audit log has it.
CREATE FUNCTION use_password_reset(hash text, new_hash text, at timestamptz) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
  who people;
BEGIN
  SELECT p.* INTO who FROM people p WHERE p.person_id = (SELECT r.person_id FROM password_reset_by_token(hash, at) r) FOR UPDATE;
  DELETE FROM password_resets r WHERE r.token_hash = hash AND r.person_id = who.person_id;  -- whoever deletes it is the one that uses it
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE people p SET password_hash = new_hash WHERE p.person_id = who.person_id;
  DELETE FROM sessions s WHERE s.person_id = who.person_id;
  PERFORM forgive_sign_in(who.email);
  INSERT INTO audit_log (tenant_id, actor, action, object, at) VALUES (who.tenant_id, who.email, 'password.reset', who.email, at);
  RETURN true;
END $$;

DO $$
DECLARE f text;
BEGIN
  FOREACH f IN ARRAY ARRAY['settle_person()', 'use_api_key(text, timestamptz)', 'add_password_reset(uuid, text, uuid, text, timestamptz, timestamptz)',
      'password_reset_by_token(text, timestamptz)', 'use_password_reset(text, text, timestamptz)'] LOOP
    EXECUTE 'GRANT CREATE ON SCHEMA public TO letterlock_lookup';
    EXECUTE format('ALTER FUNCTION %s OWNER TO letterlock_lookup', f);
    EXECUTE 'REVOKE CREATE ON SCHEMA public FROM letterlock_lookup';
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
    IF f <> 'settle_person()' THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO letterlock_api', f);
    END IF;
  END LOOP;
END $$;

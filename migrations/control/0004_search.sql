-- Full text: with row-level security the planner must not use an index for an operator that is not leakproof, and @@ is none. So the search is a
-- fixed look-up of the tenant that the transaction set. How common a word is decides whether its index is asked or the list is walked until a page is
-- full, and only a statement that holds the words themselves tells the planner, with the rest of the list.
-- Every word by its beginning, read as the alerts' words are: "#4711" is 4711; the newest matches of these statuses and severities (none: any), behind a place in the list (NULL: from its begin).
CREATE FUNCTION search_alerts(words text, statuses text[], severities text[], before_at timestamptz, before_id uuid, most int) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  wanted tsquery := (SELECT string_agg(quote_literal(lexeme) || ':*', ' & ')::tsquery FROM unnest(search_words(words)));
  any_of text := '';
BEGIN
  IF wanted IS NULL THEN RETURN; END IF;
  IF cardinality(statuses) > 0 THEN
    any_of := (SELECT format(' AND status IN (%s)', string_agg(quote_literal(one), ', ')) FROM unnest(statuses) AS one);
  END IF;
  IF cardinality(severities) > 0 THEN
    any_of := any_of || (SELECT format(' AND severity IN (%s)', string_agg(quote_literal(one), ', ')) FROM unnest(severities) AS one);
  END IF;
  IF before_at IS NOT NULL THEN
    any_of := any_of || format(' AND (last_seen_at, alert_id) < (%L::timestamptz, %L::uuid)', before_at, before_id);
  END IF;
  RETURN QUERY EXECUTE format('SELECT alert_id FROM alerts WHERE tenant_id = %L AND search @@ %L::tsquery%s ORDER BY last_seen_at DESC, alert_id DESC '
    'LIMIT %s', current_tenant(), wanted, any_of, most);
END $$;
GRANT CREATE ON SCHEMA public TO letterlock_lookup;
ALTER FUNCTION search_alerts(text, text[], text[], timestamptz, uuid, int) OWNER TO letterlock_lookup;
REVOKE CREATE ON SCHEMA public FROM letterlock_lookup;
REVOKE EXECUTE ON FUNCTION search_alerts(text, text[], text[], timestamptz, uuid, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_alerts(text, text[], text[], timestamptz, uuid, int) TO letterlock_api;

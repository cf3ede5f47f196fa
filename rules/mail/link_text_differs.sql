-- title: Link shows one site and opens another
-- severity: medium
-- attack: T1566.002
-- sources: emails, links, recipients
-- history: 30d
-- description: The text of a link shows a site, its target is another one that the company's mail has not linked to
--   before, and the sender is new or not proved to be who it says.
WITH
candidates AS (
  SELECT mail.*, link.position, link.url, link.host, link.domain AS target_domain, link.display_domain, link.display_text,
    coalesce(familiar.is_familiar, false) AS is_familiar
  FROM new_inbound AS mail
  JOIN new_links AS link USING (ingest_seq)
  LEFT JOIN familiar_links AS familiar ON familiar.ingest_seq = link.ingest_seq AND familiar.position = link.position
  WHERE link.display_domain <> '' AND link.display_domain <> link.domain
    AND NOT mail.is_trusted
    -- A click tracker hides the target from us too; a shortener does not say where it leads, but nobody honest shows
    -- another site's name over one.
    AND link.domain NOT IN (SELECT domain FROM click_trackers)
    AND link.host NOT IN (SELECT domain FROM click_trackers)
    -- A sender may link from its own name to wherever it likes, if it is that sender.
    AND NOT (link.display_domain = mail.from_domain AND mail.authenticated)
    -- "README.md" is a file; "https://readme.md" would be a place.
    AND NOT (
      string_split(link.display_domain, '.')[-1] IN (SELECT ending FROM file_endings)
      AND NOT regexp_matches(lower(link.display_text), '^\s*(https?://|www\.)')
    )
    -- An address as a text: what stands behind '@' is no site.
    AND NOT contains(link.display_text, '@')
),
-- Newsletters count clicks on sites that no list of trackers knows: many links of one mail lead there, whatever they show.
counting AS (
  SELECT link.ingest_seq, link.domain AS target_domain
  FROM new_links AS link
  JOIN (SELECT DISTINCT ingest_seq, target_domain FROM candidates) AS candidate ON candidate.ingest_seq = link.ingest_seq AND candidate.target_domain = link.domain
  GROUP BY link.ingest_seq, link.domain
  HAVING count(DISTINCT link.url) >= 6
),
unknown AS (
  SELECT candidate.*
  FROM candidates AS candidate
  LEFT JOIN counting ON counting.ingest_seq = candidate.ingest_seq AND counting.target_domain = candidate.target_domain
  JOIN new_text AS body ON body.ingest_seq = candidate.ingest_seq
  WHERE NOT (is_believed AND is_familiar)
    AND candidate.target_domain NOT IN (SELECT domain FROM tenant_domains)
    -- Bulk mail must also argue like a lure.
    AND (auth_failed OR (counting.ingest_seq IS NULL AND NOT is_list) OR (counting.ingest_seq IS NULL AND text_score('lure', body.text) > 0.5))
)
SELECT
  any_value(mailbox_address) AS subject,
  any_value(from_address) AS entity,
  any_value(received_at) AS observed_at,
  0.5
    + CASE WHEN bool_or(auth_failed) THEN 0.2 ELSE 0 END
    + CASE WHEN bool_or(NOT is_known) THEN 0.05 ELSE 0 END
    + CASE WHEN bool_or(is_shortener(target_domain) OR lookalike_reason(target_domain, display_domain) IS NOT NULL) THEN 0.15 ELSE 0 END
    - CASE WHEN bool_or(is_list) THEN 0.15 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'shown_site', value: arg_min(display_domain, position)},
      {name: 'real_site', value: arg_min(target_domain, position)},
      {name: 'links', value: count(*)::VARCHAR},
      {name: 'shortener', value: CASE WHEN bool_or(is_shortener(target_domain)) THEN 'yes' END},
      {name: 'sender_is_new', value: CASE WHEN bool_or(NOT is_known) THEN 'first seen less than a day before' END},
      {name: 'authentication', value: CASE WHEN bool_or(auth_failed) THEN 'failed' WHEN NOT bool_or(authenticated) THEN 'not proved' END}
    ],
    'rows', list_prepend(any_value(email_row), list(json_object('table', 'links', 'key', json_object(
      'mailbox_id', mailbox_id, 'provider_message_id', provider_message_id, 'position', position)) ORDER BY position))
  ) AS evidence,
  any_value(from_domain) || ' to ' || arg_min(target_domain, position) AS dedup_key,
  mailbox_id,
  provider_message_id
FROM unknown
GROUP BY mailbox_id, provider_message_id

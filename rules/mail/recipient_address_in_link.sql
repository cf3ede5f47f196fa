-- title: Link carries the recipient's address to a strange site
-- severity: high
-- attack: T1598.003
-- sources: emails, links, users, recipients
-- history: 30d
-- description: A link contains the recipient's e-mail address (plain, base64 or hex), as phishing kits use it to fill in
--   the sign-in form; its site is new to the company, the sender is not trusted, and the text is about signing in.
WITH
-- The mailbox's own addresses, and those that the message is addressed to: aliases and groups are not all in the directory.
addressees AS (
  SELECT ingest_seq, list(DISTINCT address) AS addresses
  FROM new_recipients
  WHERE kind IN ('to', 'cc', 'bcc') AND contains(address, '@')
  GROUP BY ingest_seq
  HAVING count(*) <= 10
),
candidates AS (
  SELECT
    mail.*, link.position, link.url, link.domain AS target_domain, link.display_text,
    coalesce(familiar.is_familiar, false) AS is_familiar,
    list_filter(
      [{address: address, form: address_in_url(link.url, address)}
       FOR address IN list_distinct(list_concat(mail.mailbox_addresses, addressee.addresses))],
      lambda found: found.form IS NOT NULL
    )[1] AS found
  FROM new_inbound AS mail
  JOIN new_links AS link USING (ingest_seq)
  LEFT JOIN familiar_links AS familiar ON familiar.ingest_seq = link.ingest_seq AND familiar.position = link.position
  LEFT JOIN addressees AS addressee USING (ingest_seq)
  -- The site of the mailing list that the mail was sent to: its footer has each subscriber's own link.
  ANTI JOIN (FROM new_recipients WHERE kind IN ('to', 'cc')) AS addressed ON addressed.ingest_seq = mail.ingest_seq AND addressed.domain = link.domain
  WHERE NOT mail.is_trusted
    -- A site that writes in its own name may know whom it writes to (sign-up, receipts).
    AND link.domain <> mail.from_domain
    AND link.domain NOT IN (SELECT domain FROM tenant_domains)
    AND link.domain NOT IN (SELECT domain FROM click_trackers)
    AND NOT starts_with(lower(link.url), 'mailto:')
),
luring AS (
  SELECT
    candidate.*,
    [word FOR word IN [word FOR word IN vocabulary.credential IF contains(body.text, word)] IF regexp_matches(body.text, '\b' || word || '\b')] AS credential_words,
    text_score('lure', body.text) AS lure_score,
    sign.links
  FROM candidates AS candidate
  JOIN link_signs AS sign USING (ingest_seq)
  JOIN new_text AS body USING (ingest_seq)
  CROSS JOIN vocabulary
  WHERE candidate.found IS NOT NULL
    AND NOT (candidate.is_believed AND candidate.is_familiar)
    -- Unsubscribe and preference links need the address.
    AND len([word FOR word IN vocabulary.unsubscribe
             IF contains(lower(candidate.url), word) OR contains(lower(strip_accents(candidate.display_text)), word)]) = 0
)
SELECT
  any_value(mailbox_address) AS subject,
  any_value(from_address) AS entity,
  any_value(received_at) AS observed_at,
  0.65
    + CASE WHEN bool_or(found.form <> 'plain') THEN 0.15 ELSE 0 END
    + CASE WHEN bool_or(auth_failed) THEN 0.1 ELSE 0 END
    + CASE WHEN bool_or(len(credential_words) > 2) THEN 0.05 ELSE 0 END
    - CASE WHEN bool_or(is_list) THEN 0.15 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'address', value: arg_min(found.address, position)},
      {name: 'form', value: arg_min(found.form, position)},
      {name: 'site', value: arg_min(target_domain, position)},
      {name: 'credential_words', value: nullif(array_to_string(list_sort(arg_min(credential_words, position)), ', '), '')},
      {name: 'sender_is_new', value: CASE WHEN bool_or(NOT is_known) THEN 'first seen less than a day before' END},
      {name: 'authentication', value: CASE WHEN bool_or(auth_failed) THEN 'failed' WHEN NOT bool_or(authenticated) THEN 'not proved' END}
    ],
    'rows', list_prepend(any_value(email_row), list(json_object('table', 'links', 'key', json_object(
      'mailbox_id', mailbox_id, 'provider_message_id', provider_message_id, 'position', position)) ORDER BY position))
  ) AS evidence,
  any_value(from_domain) || ' to ' || arg_min(target_domain, position) AS dedup_key,
  mailbox_id,
  provider_message_id
FROM luring
-- Words of signing in, or a text that argues like a lure in a mail that is no newsletter; hidden in the link, where no reader sees it, the address needs fewer.
WHERE len(credential_words) > 0 OR (NOT is_list AND links <= 3 AND lure_score > 0.4) OR (found.form <> 'plain' AND NOT is_list AND lure_score > 0.15)
GROUP BY mailbox_id, provider_message_id

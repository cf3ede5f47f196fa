-- title: Business sender, free-mail reply address
-- severity: high
-- attack: T1566
-- sources: emails, recipients
-- history: 30d
-- description: The From address is a business one, but answers go to a free-mail mailbox, and the text is about money
--   or presses for something. The sender is not known to answer from there.
WITH
-- Where an answer would go: Reply-To; without one, the envelope's sender where the receiver says that From is forged.
channels AS (
  SELECT
    ingest_seq, 'reply_to' AS header,
    list_sort(list(DISTINCT address)) AS addresses, bool_and(is_freemail(domain)) AS all_freemail
  FROM new_recipients
  WHERE kind = 'reply_to'
  GROUP BY ingest_seq
  UNION ALL
  SELECT ingest_seq, 'return_path', [return_path], is_freemail(domain_of_address(return_path))
  FROM new_mail
  WHERE auth_failed AND return_path <> '' AND NOT contains(return_path, '+caf_=')  -- Gmail's automatic forwarding
    AND ingest_seq NOT IN (SELECT ingest_seq FROM new_recipients WHERE kind = 'reply_to')
),
candidates AS (
  SELECT mail.*, channel.header, channel.addresses
  FROM new_inbound AS mail
  JOIN channels AS channel USING (ingest_seq)
  WHERE channel.all_freemail
    AND mail.from_domain <> '' AND NOT is_freemail(mail.from_domain)
    AND mail.ingest_seq NOT IN (FROM genuine_replies)
    -- The first answer of a firm that one of us wrote to. Later it must have had the mailbox before.
    AND NOT (mail.is_solicited AND mail.is_believed AND NOT coalesce(mail.is_known, false))
),
-- Ticket systems, web forms and small firms: this sender had a free-mail reply address before, and is who it says.
habits AS (
  SELECT candidate.ingest_seq
  FROM candidates AS candidate
  JOIN emails AS earlier ON earlier.from_address = candidate.from_address AND earlier.received_at < candidate.received_at - INTERVAL 24 HOURS
  JOIN recipients AS recipient ON recipient.ingest_seq = earlier.ingest_seq AND recipient.kind = 'reply_to'
  WHERE candidate.is_believed
  GROUP BY candidate.ingest_seq
  HAVING bool_or(is_freemail(recipient.domain))  -- after the joins: as a condition it would be asked of all recipients
),
-- One of us has written to that mailbox before.
friends AS (
  SELECT DISTINCT candidate.ingest_seq
  FROM (SELECT ingest_seq, received_at, unnest(addresses) AS address FROM candidates) AS candidate
  JOIN recipients AS recipient ON recipient.address = candidate.address AND recipient.kind IN ('to', 'cc', 'bcc')
  JOIN emails AS earlier
    ON earlier.ingest_seq = recipient.ingest_seq AND earlier.direction = 'outbound' AND earlier.received_at < candidate.received_at
),
asking AS (
  SELECT
    candidate.*,
    [word FOR word IN [word FOR word IN vocabulary.payment IF contains(body.text, word)] IF regexp_matches(body.text, '\b' || word || '\b')] AS payment_words,
    [word FOR word IN [word FOR word IN vocabulary.request IF contains(body.text, word)] IF regexp_matches(body.text, '\b' || word || '\b')] AS request_words
  FROM candidates AS candidate
  JOIN new_text AS body USING (ingest_seq)
  CROSS JOIN vocabulary
)
SELECT
  mailbox_address AS subject,
  from_address AS entity,
  received_at AS observed_at,
  0.55
    + CASE WHEN len(payment_words) > 0 AND len(request_words) > 0 THEN 0.15 ELSE 0 END
    + CASE WHEN auth_failed THEN 0.15 ELSE 0 END
    + CASE WHEN NOT is_known THEN 0.05 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: header, value: array_to_string(addresses, ', ')},
      {name: 'sender_address', value: from_address},
      {name: 'payment_words', value: nullif(array_to_string(list_sort(payment_words), ', '), '')},
      {name: 'request_words', value: nullif(array_to_string(list_sort(request_words), ', '), '')},
      {name: 'sender_is_new', value: CASE WHEN NOT is_known THEN 'first seen less than a day before' END},
      {name: 'authentication', value: CASE WHEN auth_failed THEN 'failed' WHEN NOT authenticated THEN 'not proved' END}
    ],
    'rows', [email_row]
  ) AS evidence,
  array_to_string(addresses, ' ') AS dedup_key,
  mailbox_id,
  provider_message_id
FROM asking
WHERE len(payment_words) + len(request_words) > 0
  AND ingest_seq NOT IN (FROM habits)
  AND ingest_seq NOT IN (FROM friends)

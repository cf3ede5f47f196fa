-- title: A conversation that never was, and money to pay
-- severity: high
-- attack: T1566
-- sources: emails, users, recipients, payment_instruments
-- history: 30d
-- description: A new sender answers or forwards a conversation, none of whose messages and whose subject were ever in our mail,
--   and asks for a payment. Quoting one of our people who would have approved it makes it worse.
WITH
candidates AS (
  SELECT newcomer.*
  FROM strangers AS newcomer
  JOIN claimed_threads AS thread USING (ingest_seq)
  WHERE NOT thread.is_real AND NOT newcomer.is_known AND NOT newcomer.is_solicited AND NOT newcomer.is_list AND NOT newcomer.is_auto
),
scored AS (
  SELECT
    candidate.*, lower(strip_accents(email.quoted_text)) AS quoted,
    named.account,
    text_score('payment', candidate.subject || ' ' || left(email.body_text, 6000) || ' ' || left(email.quoted_text, 2000)) AS text_score,
    text_reasons('payment', candidate.subject || ' ' || left(email.body_text, 6000) || ' ' || left(email.quoted_text, 2000)) AS reasons
  FROM candidates AS candidate
  JOIN emails AS email USING (ingest_seq)
  LEFT JOIN (
    SELECT ingest_seq, min(value) AS account FROM payment_instruments WHERE ingest_seq > $from_seq AND ingest_seq <= $to_seq GROUP BY ingest_seq
  ) AS named USING (ingest_seq)
),
-- Who of us is quoted: by address, or by the name as it is shown.
quoted_people AS (
  SELECT scored.ingest_seq, min(person.user_id) AS user_id, arg_min(person.display_name, person.user_id) AS person_name, bool_or(person.is_vip) AS is_vip
  FROM scored
  JOIN people_names AS person
    ON person.user_id <> scored.mailbox_id AND length(scored.quoted) > 0
   AND (contains(scored.quoted, person.primary_email) OR contains(scored.quoted, lower(strip_accents(person.display_name))))
  GROUP BY scored.ingest_seq
)
SELECT
  scored.mailbox_address AS subject,
  scored.from_address AS entity,
  scored.received_at AS observed_at,
  0.6
    + CASE WHEN person.is_vip THEN 0.2 WHEN person.user_id IS NOT NULL THEN 0.1 ELSE 0 END
    + CASE WHEN scored.auth_failed THEN 0.1 ELSE 0 END
    + CASE WHEN scored.text_score > 0.9 THEN 0.05 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'conversation', value: 'none of its messages was ever in our mail'},
      {name: 'quoted_person', value: person.person_name},
      {name: 'account', value: scored.account},
      {name: 'sender_address', value: scored.from_address},
      {name: 'text', value: nullif(scored.reasons, '')},
      {name: 'reply_to', value: CASE WHEN NOT list_contains(scored.reply_addresses, scored.from_address) THEN array_to_string(scored.reply_addresses, ', ') END},
      {name: 'authentication', value: CASE WHEN scored.auth_failed THEN 'failed' WHEN NOT scored.authenticated THEN 'not proved' END}
    ],
    'rows', [scored.email_row]
  ) AS evidence,
  scored.from_address AS dedup_key,
  scored.mailbox_id,
  scored.provider_message_id
FROM scored
LEFT JOIN quoted_people AS person USING (ingest_seq)
WHERE scored.text_score > CASE WHEN person.user_id IS NOT NULL THEN 0.4 ELSE 0.7 END
   OR (scored.account IS NOT NULL AND person.user_id IS NOT NULL)

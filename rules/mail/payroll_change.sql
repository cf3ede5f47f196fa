-- title: Somebody outside wants an employee's wages elsewhere
-- severity: high
-- attack: T1656
-- sources: emails, users, recipients
-- history: 30d
-- description: Under an employee's name, from an address outside that is not known to be that employee's, a short mail asks
--   about payroll, direct deposit or the bank details for wages.
WITH
candidates AS (
  SELECT stranger.*, person.user_id, person.display_name AS person_name
  FROM strangers AS stranger
  JOIN people_names AS person
    ON person.name_words = list_sort([word FOR word IN string_split(fold_name(stranger.from_name), ' ') IF length(word) > 1 AND word <> 'rn'])
  WHERE NOT stranger.is_list AND person.user_id <> stranger.mailbox_id
    AND stranger.ingest_seq NOT IN (FROM genuine_replies)
),
asking AS (
  SELECT
    candidate.*,
    [word FOR word IN [word FOR word IN vocabulary.payroll IF contains(body.text, word)] IF regexp_matches(body.text, '\b' || word || '\b')] AS payroll_words
  FROM candidates AS candidate
  JOIN new_text AS body USING (ingest_seq)
  CROSS JOIN vocabulary
  WHERE length(body.text) < 4000
)
SELECT
  mailbox_address AS subject,
  from_address AS entity,
  received_at AS observed_at,
  0.7
    + CASE WHEN is_freemail(from_domain) THEN 0.1 ELSE 0 END
    + CASE WHEN auth_failed THEN 0.1 ELSE 0 END
    + CASE WHEN len(payroll_words) > 1 THEN 0.05 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'person', value: person_name},
      {name: 'sender_address', value: from_address},
      {name: 'payroll_words', value: array_to_string(list_sort(payroll_words), ', ')},
      {name: 'free_mail', value: CASE WHEN is_freemail(from_domain) THEN from_domain END},
      {name: 'sender_is_new', value: CASE WHEN NOT is_known THEN 'first seen less than a day before' END},
      {name: 'authentication', value: CASE WHEN auth_failed THEN 'failed' WHEN NOT authenticated THEN 'not proved' END}
    ],
    'rows', [email_row, json_object('table', 'users', 'key', json_object('user_id', user_id))]
  ) AS evidence,
  from_address || ' as ' || user_id AS dedup_key,
  mailbox_id,
  provider_message_id
FROM asking
WHERE len(payroll_words) > 0
QUALIFY row_number() OVER (PARTITION BY mailbox_id, provider_message_id ORDER BY user_id) = 1

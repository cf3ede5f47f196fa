-- title: A stranger with a colleague's name asks whether you are there
-- severity: medium
-- attack: T1598
-- sources: emails, users, recipients, attachments
-- history: 30d
-- description: First contact from outside under an employee's name, very short, no link and no attachment: the mail that comes
--   before the ask. It invites an answer, a favour or a change to another channel.
WITH
candidates AS (
  SELECT stranger.*, person.user_id, person.display_name AS person_name
  FROM strangers AS stranger
  JOIN people_names AS person
    ON person.name_words = list_sort([word FOR word IN string_split(fold_name(stranger.from_name), ' ') IF length(word) > 1 AND word <> 'rn'])
  WHERE NOT stranger.is_known AND NOT stranger.is_list AND NOT stranger.is_auto AND stranger.links = 0
    AND person.user_id <> stranger.mailbox_id
    AND NOT person.is_vip  -- vip_name_from_outside says it
    AND stranger.ingest_seq NOT IN (SELECT ingest_seq FROM attachments WHERE ingest_seq > $from_seq AND ingest_seq <= $to_seq AND NOT is_inline)
    AND stranger.ingest_seq NOT IN (FROM genuine_replies)
),
asking AS (
  SELECT
    candidate.*,
    [word FOR word IN [word FOR word IN vocabulary.request IF contains(body.text, word)] IF regexp_matches(body.text, '\b' || word || '\b')] AS request_words
  FROM candidates AS candidate
  JOIN new_text AS body USING (ingest_seq)
  CROSS JOIN vocabulary
  WHERE length(body.text) < 600
)
SELECT
  mailbox_address AS subject,
  from_address AS entity,
  received_at AS observed_at,
  0.55
    + CASE WHEN is_freemail(from_domain) THEN 0.15 ELSE 0 END
    + CASE WHEN len(request_words) > 1 THEN 0.1 ELSE 0 END
    + CASE WHEN auth_failed THEN 0.1 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'person', value: person_name},
      {name: 'sender_address', value: from_address},
      {name: 'request_words', value: array_to_string(list_sort(request_words), ', ')},
      {name: 'free_mail', value: CASE WHEN is_freemail(from_domain) THEN from_domain END},
      {name: 'authentication', value: CASE WHEN auth_failed THEN 'failed' WHEN NOT authenticated THEN 'not proved' END}
    ],
    'rows', [email_row, json_object('table', 'users', 'key', json_object('user_id', user_id))]
  ) AS evidence,
  from_address || ' as ' || user_id AS dedup_key,
  mailbox_id,
  provider_message_id
FROM asking
WHERE len(request_words) > 0
QUALIFY row_number() OVER (PARTITION BY mailbox_id, provider_message_id ORDER BY user_id) = 1

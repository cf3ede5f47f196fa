-- title: Nearly a VIP's name, and an ask
-- severity: high
-- attack: T1656
-- sources: emails, users, recipients
-- history: 30d
-- description: The sender's shown name differs from a VIP's by one to three letters or by an added word, the sender is a stranger
--   from outside, and the text presses for something or is about money.
WITH
names AS (
  SELECT from_name, name_words, array_to_string(name_words, ' ') AS name_text
  FROM (
    SELECT DISTINCT from_name,
      list_sort([word FOR word IN string_split(fold_name(from_name), ' ') IF length(word) > 1 AND word <> 'rn']) AS name_words
    FROM strangers
    WHERE length(from_name) BETWEEN 5 AND 80 AND NOT contains(from_name, '@')
  )
  -- Somebody else of the directory has just this name.
  WHERE name_words NOT IN (SELECT name_words FROM people_names)
),
vips AS (
  SELECT user_id, display_name, name_words, array_to_string(name_words, ' ') AS name_text,
    -- "Jane Deo": one letter in short names, up to three in long ones
    CASE WHEN length(display_name) < 10 THEN 1 WHEN length(display_name) < 16 THEN 2 ELSE 3 END AS letters_max
  FROM vip_names
),
claims AS (
  SELECT name.from_name, min(vip.user_id) AS user_id, arg_min(vip.display_name, vip.user_id) AS vip_name
  FROM names AS name
  JOIN vips AS vip
    ON name.name_words <> vip.name_words
   AND (
     -- The lengths first: they are cheap to compare, and most names go there.
     (length(name.name_text) BETWEEN length(vip.name_text) - letters_max AND length(vip.name_text) + letters_max
      AND edit_distance(name.name_text, vip.name_text, letters_max) <= letters_max)
     -- "Jane Doe mobile"
     OR (len(name.name_words) BETWEEN len(vip.name_words) + 1 AND len(vip.name_words) + 3 AND list_has_all(name.name_words, vip.name_words))
   )
  GROUP BY name.from_name
),
-- MATERIALIZED: or text_score is asked for every new text, before the join leaves a few.
asking AS MATERIALIZED (
  SELECT
    stranger.*, claim.user_id, claim.vip_name,
    body.text, text_score('payment', body.text) AS text_score
  FROM strangers AS stranger
  JOIN claims AS claim USING (from_name)
  JOIN new_text AS body USING (ingest_seq)
  WHERE claim.user_id <> stranger.mailbox_id
    AND NOT stranger.is_list
    AND NOT (stranger.is_auto AND stranger.is_domain_known AND stranger.is_believed)
    AND stranger.ingest_seq NOT IN (FROM genuine_replies)
)
SELECT
  mailbox_address AS subject,
  from_address AS entity,
  received_at AS observed_at,
  0.55
    + CASE WHEN is_freemail(from_domain) OR is_disposable(from_domain) THEN 0.15 ELSE 0 END
    + CASE WHEN auth_failed THEN 0.1 ELSE 0 END
    + CASE WHEN text_score > 0.5 THEN 0.1 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'vip', value: vip_name},
      {name: 'shown_name', value: from_name},
      {name: 'sender_address', value: from_address},
      {name: 'text', value: nullif(text_reasons('payment', text), '')},
      {name: 'free_mail', value: CASE WHEN is_freemail(from_domain) THEN from_domain END},
      {name: 'authentication', value: CASE WHEN auth_failed THEN 'failed' WHEN NOT authenticated THEN 'not proved' END}
    ],
    'rows', [email_row, json_object('table', 'users', 'key', json_object('user_id', user_id))]
  ) AS evidence,
  from_address || ' as ' || user_id AS dedup_key,
  mailbox_id,
  provider_message_id
FROM asking
WHERE text_score > 0.15

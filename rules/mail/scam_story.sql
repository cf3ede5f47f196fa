-- title: A stranger's story about money
-- severity: medium
-- attack: T1566
-- sources: emails, recipients
-- history: 30d
-- description: The text argues like an advance-fee, inheritance, donation, investment, loan or lottery scam: many weak words
--   and structures together, weighed with who sent it, how it was addressed and where answers would go.
WITH
scored AS (
  SELECT
    stranger.*, body.text,
    text_score('scam', body.text) AS text_score,
    log_odds(text_score, 0.005, 0.995)
      + 0.5 * sender_points + addressing_points
      -- A question about a Reply-To of one's own, or an old acquaintance.
      - CASE WHEN continues_thread THEN 1.5 ELSE 0 END
      - CASE WHEN is_known THEN 1.2 ELSE 0 END
      - CASE WHEN authenticated AND NOT is_freemail(from_domain) THEN 0.7 ELSE 0 END
      AS points
  FROM outsiders AS stranger
  JOIN new_text AS body USING (ingest_seq)
  -- Who writes on and on and whom nobody ever wrote to gets no better by it.
  WHERE (NOT is_trusted OR (NOT is_solicited AND NOT is_list))
    AND NOT is_auto
    AND ingest_seq NOT IN (FROM genuine_replies)
)
SELECT
  mailbox_address AS subject,
  from_address AS entity,
  received_at AS observed_at,
  least(0.95, 1 / (1 + exp(-0.7 * points))) AS confidence,
  json_object(
    'signals', [
      {name: 'text_score', value: round(text_score, 2)::VARCHAR},
      {name: 'text', value: nullif(text_reasons('scam', text), '')},
      {name: 'reply_to', value: CASE WHEN NOT list_contains(reply_addresses, from_address) THEN array_to_string(reply_addresses, ', ') END},
      {name: 'free_mail', value: CASE WHEN is_freemail(from_domain) THEN from_domain END},
      {name: 'addressed_to', value: CASE WHEN addressees = 0 THEN 'undisclosed recipients' END},
      {name: 'sender_is_new', value: CASE WHEN NOT is_known THEN 'first seen less than a day before' END},
      {name: 'authentication', value: CASE WHEN auth_failed THEN 'failed' WHEN NOT authenticated THEN 'not proved' END}
    ],
    'rows', [email_row]
  ) AS evidence,
  coalesce(array_to_string(reply_addresses, ' '), from_address) AS dedup_key,
  mailbox_id,
  provider_message_id
FROM scored
WHERE points > 0.6

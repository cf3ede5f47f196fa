-- title: A lure in a name that is not the sender's
-- severity: medium
-- attack: T1566.002
-- sources: emails, links, recipients
-- history: 30d
-- description: The text says that something is wrong with an account, parcel or payment, or that something was won, and sender,
--   links and address fit no honest notice: a brand's name over a foreign domain, failed authentication, throw-away hosts.
WITH
signs AS (
  SELECT
    stranger.*, body.text, claim.brand, borrowed.genuine_domain,
    burst.ingest_seq IS NOT NULL AS is_burst,
    text_score('lure', body.text) AS text_score,
    CASE WHEN claim.is_in_name AND NOT is_list THEN 2.5 WHEN claim.brand IS NOT NULL THEN 0.5 ELSE 0 END
      + CASE WHEN borrowed.genuine_domain IS NOT NULL THEN 4.5 ELSE 0 END
      + CASE WHEN burst.ingest_seq IS NOT NULL THEN 1.2 ELSE 0 END
      + sender_points + addressing_points + link_points + dress_points AS sign_points
  FROM strangers AS stranger
  JOIN new_text AS body USING (ingest_seq)
  LEFT JOIN brand_claims AS claim USING (ingest_seq)
  LEFT JOIN borrowed_names AS borrowed USING (ingest_seq)
  LEFT JOIN bursts AS burst USING (ingest_seq)
  WHERE (links > 0 OR from_domain = '' OR dress_points > 0 OR claim.brand IS NOT NULL)
    AND ingest_seq NOT IN (FROM genuine_replies)
),
scored AS (
  SELECT
    *,
    -4.0 + sign_points
      + log_odds(text_score, 0.02, 0.982)
      - CASE WHEN continues_thread THEN 1.5 ELSE 0 END
      - CASE WHEN is_known THEN 1.0 WHEN is_domain_known THEN 0.5 ELSE 0 END
      - CASE WHEN is_list THEN 0.8 ELSE 0 END
      -- A sender that is proved, and links to nothing but itself; a brand that writes in its own name.
      - CASE WHEN authenticated AND NOT has_foreign_link THEN 1.0 ELSE 0 END
      - CASE WHEN NOT auth_failed AND from_domain IN (FROM brand_senders) THEN 1.5 ELSE 0 END
      AS points
  FROM signs
  WHERE sign_points >= 1.2  -- a text alone is no fraud: shops and banks write so too
)
SELECT
  mailbox_address AS subject,
  CASE WHEN from_domain = '' OR is_freemail(from_domain) THEN from_address ELSE from_domain END AS entity,
  received_at AS observed_at,
  least(0.95, 1 / (1 + exp(-0.7 * points))) AS confidence,
  json_object(
    'signals', [
      {name: 'brand', value: brand},
      {name: 'name_is_known_from', value: genuine_domain},
      {name: 'burst', value: CASE WHEN is_burst THEN 'five mailboxes or more within an hour' END},
      {name: 'sender_address', value: from_address},
      {name: 'text_score', value: round(text_score, 2)::VARCHAR},
      {name: 'text', value: nullif(text_reasons('lure', text), '')},
      {name: 'site', value: link_domain},
      {name: 'sender_points', value: nullif(round(sender_points, 1)::VARCHAR, '0.0')},
      {name: 'addressing_points', value: nullif(round(addressing_points, 1)::VARCHAR, '0.0')},
      {name: 'link_points', value: nullif(round(link_points, 1)::VARCHAR, '0.0')},
      {name: 'dress_points', value: nullif(round(dress_points, 1)::VARCHAR, '0.0')},
      {name: 'authentication', value: CASE WHEN auth_failed THEN 'failed' WHEN NOT authenticated THEN 'not proved' END}
    ],
    'rows', [email_row]
  ) AS evidence,
  coalesce(brand, '') || ' to ' || coalesce(link_domain, '') AS dedup_key,
  mailbox_id,
  provider_message_id
FROM scored
WHERE points > -0.3

-- title: Sender's domain imitates a company that we deal with
-- severity: high
-- attack: T1583.001
-- sources: emails, recipients
-- history: 60d
-- description: A domain that is new to us differs by a character, a look-alike character, a hyphen, a top-level domain or an
--   added word from one with which there is mail both ways.
SELECT
  mailbox_address AS subject,
  from_domain AS entity,
  received_at AS observed_at,
  0.7
    + CASE WHEN reason LIKE 'characters%' OR reason LIKE 'one character%' THEN 0.15 ELSE 0 END
    - CASE WHEN reason LIKE 'top-level%' THEN 0.1 ELSE 0 END
    + CASE WHEN is_reply THEN 0.05 ELSE 0 END
    - CASE WHEN is_list THEN 0.2 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'sender_domain', value: from_domain},
      {name: 'correspondent', value: genuine_domain},
      {name: 'imitation', value: reason},
      {name: 'shown_name', value: nullif(from_name, '')},
      {name: 'authentication', value: CASE WHEN auth_failed THEN 'failed' WHEN NOT authenticated THEN 'not proved' END}
    ],
    'rows', [email_row]
  ) AS evidence,
  from_domain AS dedup_key,
  mailbox_id,
  provider_message_id
FROM imitations
WHERE ingest_seq NOT IN (FROM genuine_replies)

-- title: An imitation steps into a live conversation
-- severity: critical
-- attack: T1566
-- sources: emails, recipients
-- history: 60d
-- description: A domain that imitates a company we deal with answers in a conversation that we had with the genuine one: it
--   cites a message of that conversation, or has its subject.
WITH
candidates AS (
  SELECT * FROM imitations WHERE is_reply
),
cited AS (
  SELECT DISTINCT candidate.ingest_seq
  FROM (
    SELECT ingest_seq, received_at, genuine_domain, unnest(list_distinct(list_append("references", in_reply_to))) AS message_id FROM candidates
  ) AS candidate
  JOIN emails AS original ON original.message_id = candidate.message_id AND original.received_at < candidate.received_at
  LEFT JOIN recipients AS recipient ON recipient.ingest_seq = original.ingest_seq AND recipient.domain = candidate.genuine_domain
  WHERE candidate.message_id <> '' AND (original.from_domain = candidate.genuine_domain OR recipient.domain IS NOT NULL)
),
same_subject AS (
  SELECT DISTINCT candidate.ingest_seq
  FROM candidates AS candidate
  JOIN emails AS own USING (ingest_seq)
  JOIN emails AS original
    ON original.subject_base = own.subject_base AND original.received_at < candidate.received_at
   AND original.received_at > candidate.received_at - INTERVAL 180 DAYS
  LEFT JOIN recipients AS recipient ON recipient.ingest_seq = original.ingest_seq AND recipient.domain = candidate.genuine_domain
  WHERE length(own.subject_base) >= 6 AND (original.from_domain = candidate.genuine_domain OR recipient.domain IS NOT NULL)
)
SELECT
  mailbox_address AS subject,
  from_domain AS entity,
  received_at AS observed_at,
  0.8
    + CASE WHEN ingest_seq IN (FROM cited) THEN 0.1 ELSE 0 END
    + CASE WHEN ingest_seq NOT IN (SELECT ingest_seq FROM new_recipients WHERE domain = genuine_domain) THEN 0.05 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'sender_domain', value: from_domain},
      {name: 'correspondent', value: genuine_domain},
      {name: 'imitation', value: reason},
      {name: 'conversation', value: CASE WHEN ingest_seq IN (FROM cited) THEN 'cites a message of it' ELSE 'has its subject' END},
      {name: 'genuine_left_out', value: CASE WHEN ingest_seq NOT IN (SELECT ingest_seq FROM new_recipients WHERE domain = genuine_domain) THEN genuine_domain || ' is not among the recipients' END}
    ],
    'rows', [email_row]
  ) AS evidence,
  from_domain AS dedup_key,
  mailbox_id,
  provider_message_id
FROM candidates
WHERE ingest_seq IN (FROM cited UNION FROM same_subject)

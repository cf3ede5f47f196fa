-- title: Answers go to a domain that imitates the sender's
-- severity: high
-- attack: T1566
-- sources: emails, recipients, tenant_domains
-- history: 30d
-- description: Reply-To names a domain that nearly equals the sender's, our own or a correspondent's, and that no mail of ours
--   had to do with before.
WITH
channels AS (
  SELECT mail.*, reply.address AS reply_address, reply.domain AS reply_domain
  FROM new_inbound AS mail
  JOIN new_recipients AS reply USING (ingest_seq)
  WHERE reply.kind = 'reply_to' AND reply.domain NOT IN ('', mail.from_domain) AND NOT is_freemail(reply.domain)
    AND reply.domain NOT IN (SELECT domain FROM tenant_domains)
    AND NOT mail.is_list
),
imitations_of AS (
  SELECT
    channel.*,
    coalesce(lookalike_reason(channel.reply_domain, channel.from_domain), own.reason) AS reason,
    CASE WHEN lookalike_reason(channel.reply_domain, channel.from_domain) IS NOT NULL THEN channel.from_domain ELSE own.domain END AS imitated
  FROM channels AS channel
  LEFT JOIN (
    SELECT pair.reply_domain, min(own.domain) AS domain, arg_min(lookalike_reason(pair.reply_domain, own.domain), own.domain) AS reason
    FROM (SELECT DISTINCT reply_domain FROM channels) AS pair
    CROSS JOIN tenant_domains AS own
    WHERE lookalike_reason(pair.reply_domain, own.domain) IS NOT NULL
    GROUP BY pair.reply_domain
  ) AS own USING (reply_domain)
),
-- Sister domains that a sender always used, and addresses that one of us wrote to.
habits AS (
  SELECT DISTINCT candidate.ingest_seq
  FROM imitations_of AS candidate
  JOIN recipients AS earlier ON earlier.domain = candidate.reply_domain
  JOIN emails AS email ON email.ingest_seq = earlier.ingest_seq AND email.received_at < candidate.received_at - INTERVAL 24 HOURS
  WHERE candidate.reason IS NOT NULL AND candidate.is_believed
    AND (email.direction = 'outbound' OR email.from_domain = candidate.from_domain)
)
SELECT
  any_value(mailbox_address) AS subject,
  any_value(from_address) AS entity,
  any_value(received_at) AS observed_at,
  0.75
    + CASE WHEN bool_or(auth_failed) THEN 0.1 ELSE 0 END
    + CASE WHEN bool_or(reason LIKE 'characters%' OR reason LIKE 'one character%') THEN 0.1 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'reply_to', value: min(reply_address)},
      {name: 'imitated', value: min(imitated)},
      {name: 'imitation', value: min(reason)},
      {name: 'sender_address', value: any_value(from_address)},
      {name: 'authentication', value: CASE WHEN bool_or(auth_failed) THEN 'failed' WHEN NOT bool_or(authenticated) THEN 'not proved' END}
    ],
    'rows', [any_value(email_row)]
  ) AS evidence,
  min(reply_domain) AS dedup_key,
  mailbox_id,
  provider_message_id
FROM imitations_of
WHERE reason IS NOT NULL
  AND ingest_seq NOT IN (FROM habits)
  AND ingest_seq NOT IN (FROM genuine_replies)
GROUP BY mailbox_id, provider_message_id

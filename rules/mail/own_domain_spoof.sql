-- title: Mail under our own domain that did not come from us
-- severity: high
-- attack: T1672
-- sources: emails, tenant_domains, users
-- history: 14d
-- description: From shows one of the company's own domains, and the receiver's own verdict says that it is forged: DMARC
--   failed, or SPF failed and no DKIM signature held. Known relays and copies of our own mail are left out.
WITH
spoofs AS (
  SELECT * FROM new_inbound WHERE is_from_own_domain AND auth_failed
),
-- A printer, a web shop, a ticket system: the same address through the same envelope domain, failing in the same way, on
-- three days or more, since a week or longer. Genuine mail of that address excuses nothing: whoever forges its envelope
-- too would pass as its relay. A VIP's address is never excused.
relays AS (
  SELECT spoof.ingest_seq
  FROM spoofs AS spoof
  JOIN emails AS earlier
    ON earlier.from_address = spoof.from_address
   AND domain_of_address(earlier.return_path) = domain_of_address(spoof.return_path)
   AND earlier.received_at < spoof.received_at - INTERVAL 24 HOURS
   AND earlier.auth_trusted AND (earlier.dmarc = 'fail' OR earlier.compauth = 'fail' OR (earlier.spf IN ('fail', 'softfail') AND earlier.dkim <> 'pass'))
  WHERE spoof.from_address NOT IN (SELECT address FROM vip_addresses)
  GROUP BY spoof.ingest_seq, spoof.received_at
  HAVING min(earlier.received_at) < spoof.received_at - INTERVAL 7 DAYS AND count(DISTINCT earlier.received_at::DATE) >= 3
),
-- A mailing list or a forwarding mailbox brings back what one of us had sent: same Message-ID, sender and subject.
echoes AS (
  SELECT spoof.ingest_seq
  FROM spoofs AS spoof
  JOIN emails AS original
    ON original.message_id = spoof.message_id AND original.from_address = spoof.from_address
   AND NOT original.auth_trusted AND NOT original.is_draft AND original.direction IN ('outbound', 'internal')
   AND original.received_at <= spoof.received_at
  WHERE spoof.message_id <> ''
)
SELECT
  spoof.mailbox_address AS subject,
  spoof.from_address AS entity,
  spoof.received_at AS observed_at,
  0.7
    + CASE WHEN spoof.dmarc = 'fail' AND spoof.spf <> 'pass' AND spoof.dkim <> 'pass' THEN 0.15 ELSE 0 END
    + CASE WHEN person.user_id IS NOT NULL THEN 0.1 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'from', value: spoof.from_address},
      {name: 'person', value: person.display_name},
      {name: 'dmarc', value: nullif(spoof.dmarc, '')},
      {name: 'spf', value: nullif(spoof.spf, '')},
      {name: 'dkim', value: nullif(spoof.dkim, '')},
      {name: 'compauth', value: nullif(spoof.compauth, '')},
      {name: 'envelope_sender', value: nullif(spoof.return_path, '')}
    ],
    'rows', list_concat(
      [spoof.email_row],
      CASE WHEN person.user_id IS NULL THEN [] ELSE [json_object('table', 'users', 'key', json_object('user_id', person.user_id))] END
    )
  ) AS evidence,
  spoof.from_address || ' through ' || domain_of_address(spoof.return_path) AS dedup_key,
  spoof.mailbox_id,
  spoof.provider_message_id
FROM spoofs AS spoof
LEFT JOIN users AS person ON person.primary_email = spoof.from_address AND person.deleted_at IS NULL
WHERE spoof.ingest_seq NOT IN (FROM relays)
  AND spoof.ingest_seq NOT IN (FROM echoes)

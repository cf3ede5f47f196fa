-- title: A known company names a bank account that is new
-- severity: critical
-- attack: T1657
-- sources: emails, payment_instruments, recipients
-- history: 90d
-- description: A sender with whom there is mail both ways, and whose accounts are known from earlier mail, names another one: the mark of a
--   hijacked mailbox, whose mail passes every check.
WITH
-- The accounts that new mail names itself; what it merely quotes is no news. A BIC alone names no account.
named AS (
  SELECT ingest_seq, position, kind, value, account, country, bank, origin
  FROM payment_instruments
  WHERE ingest_seq > $from_seq AND ingest_seq <= $to_seq AND kind <> 'bic' AND origin <> 'quoted'
),
candidates AS (
  SELECT mail.*, named.position, named.kind, named.value, named.account, named.country, named.bank, named.origin,
    CASE WHEN is_freemail(mail.from_domain) THEN mail.from_address ELSE mail.from_domain END AS vendor
  FROM new_inbound AS mail
  JOIN named USING (ingest_seq)
  WHERE NOT mail.is_from_own_domain AND mail.from_domain <> ''
),
-- All that those vendors named before, quoted or not.
known AS (
  SELECT
    candidate.ingest_seq, candidate.position,
    count(DISTINCT earlier.ingest_seq) AS earlier_mails,
    min(email.received_at) AS known_since,
    bool_or(earlier.kind = candidate.kind AND earlier.value = candidate.value AND earlier.account = candidate.account) AS is_same,
    bool_or(earlier.country = candidate.country) AS same_country,
    bool_or(earlier.bank = candidate.bank AND earlier.kind = candidate.kind) AS same_bank,
    arg_max(earlier.value, email.received_at) AS last_value
  FROM candidates AS candidate
  JOIN emails AS email
    ON email.from_domain = candidate.from_domain
   AND (email.from_address = candidate.vendor OR email.from_domain = candidate.vendor)
   AND email.received_at < candidate.received_at
  JOIN payment_instruments AS earlier ON earlier.ingest_seq = email.ingest_seq AND earlier.kind <> 'bic'
  GROUP BY candidate.ingest_seq, candidate.position
),
-- One of us wrote that account to the vendor in so many words: it was checked.
confirmed AS (
  SELECT DISTINCT candidate.ingest_seq, candidate.position
  FROM candidates AS candidate
  JOIN payment_instruments AS own ON own.kind = candidate.kind AND own.value = candidate.value AND own.account = candidate.account AND own.origin = 'body'
  JOIN emails AS email ON email.ingest_seq = own.ingest_seq AND email.direction = 'outbound' AND email.received_at < candidate.received_at
  JOIN recipients AS recipient ON recipient.ingest_seq = own.ingest_seq AND recipient.domain = candidate.from_domain
),
-- The account is known as somebody's with whom we deal for longer: a factor or a parent company that others name too.
elsewhere AS (
  SELECT DISTINCT candidate.ingest_seq, candidate.position
  FROM candidates AS candidate
  JOIN payment_instruments AS earlier ON earlier.kind = candidate.kind AND earlier.value = candidate.value AND earlier.account = candidate.account
  JOIN emails AS email ON email.ingest_seq = earlier.ingest_seq AND email.received_at < candidate.received_at - INTERVAL 7 DAYS
)
SELECT
  any_value(candidate.mailbox_address) AS subject,
  any_value(candidate.from_address) AS entity,
  any_value(candidate.received_at) AS observed_at,
  0.7
    + CASE WHEN bool_and(NOT known.same_country) THEN 0.15 ELSE 0 END
    + CASE WHEN bool_and(NOT known.same_bank) THEN 0.05 ELSE 0 END
    + CASE WHEN max(known.earlier_mails) >= 3 THEN 0.05 ELSE 0 END
    + CASE WHEN bool_or(candidate.auth_failed) THEN 0.05 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'account', value: arg_min(candidate.value, candidate.position)},
      {name: 'known_account', value: arg_min(known.last_value, candidate.position)},
      {name: 'country', value: CASE WHEN bool_and(NOT known.same_country) THEN arg_min(candidate.country, candidate.position) || ' instead of ' || left(arg_min(known.last_value, candidate.position), 2) END},
      {name: 'named_in', value: min(candidate.origin)},
      {name: 'mails_with_known_accounts', value: max(known.earlier_mails)::VARCHAR},
      {name: 'authentication', value: CASE WHEN bool_or(candidate.auth_failed) THEN 'failed' WHEN NOT bool_or(candidate.authenticated) THEN 'not proved' ELSE 'passed: it is the vendor''s own account that was taken over, or the vendor' END}
    ],
    'rows', list_prepend(any_value(candidate.email_row), list(json_object('table', 'payment_instruments', 'key', json_object(
      'mailbox_id', candidate.mailbox_id, 'provider_message_id', candidate.provider_message_id, 'position', candidate.position)) ORDER BY candidate.position))
  ) AS evidence,
  string_agg(DISTINCT candidate.value, ' ' ORDER BY candidate.value) AS dedup_key,
  candidate.mailbox_id,
  candidate.provider_message_id
FROM candidates AS candidate
JOIN known ON known.ingest_seq = candidate.ingest_seq AND known.position = candidate.position
ANTI JOIN elsewhere ON elsewhere.ingest_seq = candidate.ingest_seq AND elsewhere.position = candidate.position
ANTI JOIN confirmed ON confirmed.ingest_seq = candidate.ingest_seq AND confirmed.position = candidate.position
WHERE NOT known.is_same
GROUP BY candidate.mailbox_id, candidate.provider_message_id

-- title: Sender's domain imitates our own
-- severity: high
-- attack: T1583.001
-- sources: emails, tenant_domains, recipients
-- history: 30d
-- description: The sender's domain differs from one of the company's domains by a character, a look-alike character, a
--   hyphen, a top-level domain or an added word, and nobody here had written to it first.
WITH
imitations AS (
  SELECT DISTINCT sender.from_domain, own.domain AS own_domain, lookalike_reason(sender.from_domain, own.domain) AS reason
  FROM (SELECT DISTINCT from_domain FROM new_inbound WHERE NOT is_from_own_domain) AS sender
  CROSS JOIN tenant_domains AS own
  WHERE lookalike_reason(sender.from_domain, own.domain) IS NOT NULL AND NOT is_freemail(sender.from_domain)
)
SELECT
  mail.mailbox_address AS subject,
  mail.from_domain AS entity,
  mail.received_at AS observed_at,
  0.75
    + CASE WHEN NOT mail.is_domain_known THEN 0.1 ELSE 0 END
    + CASE WHEN imitation.reason LIKE 'characters%' OR imitation.reason LIKE 'one character%' THEN 0.1 ELSE 0 END
    + CASE WHEN mail.is_list THEN -0.2 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'sender_domain', value: mail.from_domain},
      {name: 'own_domain', value: imitation.own_domain},
      {name: 'imitation', value: imitation.reason},
      {name: 'domain_is_new', value: CASE WHEN NOT mail.is_domain_known THEN 'first seen less than a day before' END},
      {name: 'shown_name', value: nullif(mail.from_name, '')}
    ],
    'rows', [mail.email_row, json_object('table', 'tenant_domains', 'key', json_object('domain', imitation.own_domain))]
  ) AS evidence,
  mail.from_domain AS dedup_key,
  mail.mailbox_id,
  mail.provider_message_id
FROM new_inbound AS mail
JOIN (
  SELECT from_domain, min(own_domain) AS own_domain, arg_min(reason, own_domain) AS reason FROM imitations GROUP BY from_domain
) AS imitation USING (from_domain)
-- A sister firm or a branch under another top-level domain: one of us wrote to it first, and it is who it says.
WHERE NOT (mail.is_solicited AND mail.is_believed)
  -- A list or a machine under our name at another top-level domain: as a rule nobody's imitation.
  AND NOT (imitation.reason LIKE 'top-level%' AND (mail.is_list OR mail.is_auto) AND NOT mail.auth_failed)

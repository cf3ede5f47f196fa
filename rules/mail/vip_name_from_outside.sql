-- title: A VIP's name on a stranger's address
-- severity: high
-- attack: T1656
-- sources: emails, users, recipients
-- history: 30d
-- description: The sender calls himself like one of the company's VIPs, or shows a VIP's address as his name, but writes
--   from an address outside that is new to the company, or from the company's own domain without being it.
WITH
-- The name as a set of words, or an address shown in place of a name.
claims AS (
  SELECT mail.ingest_seq, vip.user_id, vip.display_name, 'name' AS shown
  FROM new_inbound AS mail
  JOIN vip_names AS vip ON vip.name_words = list_sort([word FOR word IN string_split(fold_name(mail.from_name), ' ') IF length(word) > 1 AND word <> 'rn'])
  UNION
  SELECT mail.ingest_seq, vip.user_id, vip.display_name, 'address' AS shown
  FROM new_inbound AS mail
  JOIN vip_addresses AS vip ON vip.address = regexp_extract(lower(mail.from_name), '[^\s<>()"'',;]+@[^\s<>()"'',;]+')
  WHERE vip.address <> mail.from_address
),
one_claim AS (
  SELECT ingest_seq, arg_min(user_id, shown) AS user_id, arg_min(display_name, shown) AS vip_name, min(shown) AS shown
  FROM claims
  GROUP BY ingest_seq
),
replies AS (
  SELECT ingest_seq, string_agg(DISTINCT address, ', ' ORDER BY address) AS addresses
  FROM new_recipients
  WHERE kind = 'reply_to'
  GROUP BY ingest_seq
)
SELECT
  mail.mailbox_address AS subject,
  mail.from_address AS entity,
  mail.received_at AS observed_at,
  0.6
    + CASE WHEN is_freemail(mail.from_domain) OR is_disposable(mail.from_domain) THEN 0.15 ELSE 0 END
    + CASE WHEN mail.auth_failed THEN 0.15 ELSE 0 END
    + CASE WHEN claim.shown = 'address' THEN 0.1 ELSE 0 END
    + CASE WHEN reply.addresses <> mail.from_address THEN 0.05 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'vip', value: claim.vip_name},
      {name: 'shown_name', value: mail.from_name},
      {name: 'sender_address', value: mail.from_address},
      {name: 'sender_is_new', value: CASE WHEN NOT mail.is_known THEN 'first seen less than a day before' END},
      {name: 'free_mail', value: CASE WHEN is_freemail(mail.from_domain) THEN mail.from_domain END},
      {name: 'reply_to', value: CASE WHEN reply.addresses <> mail.from_address THEN reply.addresses END},
      {name: 'authentication', value: CASE WHEN mail.auth_failed THEN 'failed' WHEN NOT mail.authenticated THEN 'not proved' END}
    ],
    'rows', [mail.email_row, json_object('table', 'users', 'key', json_object('user_id', claim.user_id))]
  ) AS evidence,
  mail.from_address || ' as ' || claim.user_id AS dedup_key,
  mail.mailbox_id,
  mail.provider_message_id
FROM new_inbound AS mail
JOIN one_claim AS claim USING (ingest_seq)
LEFT JOIN replies AS reply USING (ingest_seq)
WHERE NOT mail.is_trusted
  -- The VIP's own private address, writing to himself.
  AND claim.user_id <> mail.mailbox_id
  -- "Jane Doe" of a service that writes on her behalf, from an address or a company that has written before.
  AND NOT ((mail.is_list OR mail.is_auto) AND mail.is_domain_known AND mail.is_believed)
  AND mail.ingest_seq NOT IN (FROM genuine_replies)

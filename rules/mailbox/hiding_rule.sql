-- title: A mailbox hides or sends away mail by itself
-- severity: critical
-- attack: T1564.008
-- sources: mailbox_settings, tenant_domains, users
-- history: 0d
-- description: A rule, filter, forwarding or delegate that sends mail out of the company, or deletes or hides mail about money and
--   security or mail of colleagues, as whoever took over a mailbox makes it.
WITH
judged AS (
  SELECT
    setting.*,
    [address FOR address IN setting.forward_to
     IF contains(address, '@')
       AND NOT list_contains(own.domains, domain_of_address(address)) AND NOT list_contains(own.domains, registrable_domain(domain_of_address(address)))] AS outside,
    setting.deletes OR setting.move_to IN (SELECT folder FROM hiding_folders) AS hides,
    [word FOR word IN setting.words IF len(list_filter(vocabulary.guarded, lambda guarded: contains(strip_accents(word), guarded))) > 0] AS guarded_words,
    [sender FOR sender IN setting.senders
     IF list_contains(own.domains, sender) OR list_contains(own.domains, domain_of_address(sender)) OR list_contains(own.domains, registrable_domain(domain_of_address(sender)))] AS colleagues,
    setting.kind = 'rule' AND setting.name <> '' AND NOT regexp_matches(setting.name, '[\p{L}\p{N}]') AS has_name_without_letters,
    box.primary_email
  FROM new_settings AS setting
  CROSS JOIN vocabulary
  CROSS JOIN own_domains AS own
  LEFT JOIN mailboxes AS box USING (mailbox_id)
),
reasons AS (
  SELECT *,
    CASE
      WHEN len(outside) > 0 AND kind = 'delegate' THEN 'lets somebody outside read'
      WHEN len(outside) > 0 THEN 'sends mail outside'
      WHEN hides AND len(guarded_words) > 0 THEN 'hides mail about money or security'
      WHEN hides AND len(colleagues) > 0 THEN 'hides mail of colleagues'
      WHEN hides AND has_name_without_letters THEN 'hides mail under a name without letters'
      WHEN hides AND kind = 'rule' AND len(words) = 0 AND len(senders) = 0 THEN 'hides all mail'
    END AS reason
  FROM judged
)
SELECT
  coalesce(primary_email, mailbox_id) AS subject,
  coalesce(outside[1], primary_email, mailbox_id) AS entity,
  valid_from AS observed_at,
  0.75
    + CASE WHEN hides AND len(outside) > 0 THEN 0.1 ELSE 0 END
    + CASE WHEN has_name_without_letters THEN 0.1 ELSE 0 END
    + CASE WHEN marks_read AND hides THEN 0.05 ELSE 0 END
    - CASE WHEN is_baseline THEN 0.2 ELSE 0 END AS confidence,
  json_object(
    'signals', [
      {name: 'setting', value: kind},
      {name: 'name', value: nullif(name, '')},
      {name: 'reason', value: reason},
      {name: 'outside', value: nullif(array_to_string(outside, ', '), '')},
      {name: 'moves_to', value: nullif(move_to, '')},
      {name: 'deletes', value: CASE WHEN deletes THEN 'yes' END},
      {name: 'marks_read', value: CASE WHEN marks_read THEN 'yes' END},
      {name: 'words', value: nullif(array_to_string(words, ', '), '')},
      {name: 'senders', value: nullif(array_to_string(senders, ', '), '')},
      {name: 'age', value: CASE WHEN is_baseline THEN 'was there when the mailbox was first read' END}
    ],
    'rows', [setting_row]
  ) AS evidence,
  kind || ' ' || setting_id AS dedup_key,
  mailbox_id,
  provider_message_id
FROM reasons
WHERE reason IS NOT NULL

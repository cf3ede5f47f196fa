-- Two years of mail of a made company, for measuring rules: getvariable('messages') e-mails of 500 mailboxes, straight into
-- the tables of migrations/tenant. Senders follow Zipf's law; bodies are put together from sentences of five languages.
-- All is drawn from hash(number, purpose), so that the same number of messages is the same mail.

CREATE TEMP MACRO draw(number, purpose) AS (hash(number, purpose) >> 11)::DOUBLE / 9007199254740992.0;
CREATE TEMP MACRO pick(list, number, purpose) AS list[1 + (hash(number, purpose) % len(list))::BIGINT];

INSERT INTO tenant_domains VALUES ('acme.example'), ('acme-group.example');

CREATE TEMP TABLE vocabulary AS SELECT
  ['Anna','Ben','Clara','David','Elena','Farid','Greta','Hugo','Ines','Jonas','Katja','Liam','Mara','Nils','Olga','Pavel','Quentin','Rosa','Stefan','Tara'] AS given,
  ['Abel','Berg','Costa','Dietz','Egger','Fuchs','Gruber','Hansen','Ivanov','Jansen','Keller','Lorenz','Meier','Novak','Olsen','Peters','Quist','Richter','Sommer','Thomas','Ullrich','Vogel','Weber','Young','Zimmer'] AS family,
  ['Quarterly figures','Your order','Meeting on Thursday','Invoice','Delivery note','Project plan','Question about the contract','Rechnung','Terminvorschlag','Offerte','Lieferung','Réunion de lundi','Facture','Votre commande','Pedido','Reunión','Presupuesto','Weekly digest','Security notice','New sign-in','Statement of account','Travel booking','Minutes','Draft for review','Holiday calendar'] AS subjects,
  ['Thank you for the quick answer.','Please find the document attached.','We will come back to you by the end of the week.','Could you confirm the quantities before Friday?','The delivery left our warehouse this morning.','I have added two comments on page three.','Let us talk about it on the phone tomorrow.','The invoice is due within thirty days.','Our bank details have not changed.','Please update your password before it expires.','The meeting room on the second floor is booked.','We are looking for a new supplier of packaging film.','Your parcel is on its way and can be tracked online.','The purchase order must be approved by the controller.','Unsubscribe at any time with the link below.','This message and its attachments are confidential.','The new price list is valid from the first of March.','I will be out of the office until Monday.','Can you send me the signed contract once more?','The customer asked for a refund of the deposit.','As discussed, the budget was moved to the next quarter.','Please review the shared document and leave your remarks.','The payment was received, thank you.','Kind regards from the whole team.',
   'Vielen Dank für die schnelle Antwort.','Im Anhang finden Sie die Rechnung für den Monat Mai.','Die Lieferung verzögert sich um zwei Tage.','Bitte bestätigen Sie den Termin bis Mittwoch.','Der Betrag wurde heute überwiesen.','Wir freuen uns auf die Zusammenarbeit.','Das Angebot gilt bis zum Ende des Quartals.','Ich melde mich nach der Besprechung bei Ihnen.',
   'Merci pour votre réponse rapide.','Vous trouverez la facture en pièce jointe.','La livraison est prévue pour jeudi matin.','Pourriez-vous confirmer la commande avant vendredi ?','Le virement a été effectué hier.','Nous restons à votre disposition.',
   'Gracias por su respuesta.','Adjunto encontrará la factura del pedido.','La entrega llegará el martes por la mañana.','Quedamos a la espera de su confirmación.','El pago se realizó ayer.',
   'Hartelijk dank voor uw bericht.','De levering komt volgende week.','Kunt u de offerte nog eens sturen?','Grazie per la risposta.','In allegato trova la fattura.'] AS sentences,
  ['gmail.com','outlook.com','yahoo.com','gmx.de','web.de','icloud.com','orange.fr'] AS freemail;

-- 500 people, 12 of them VIPs.
CREATE TEMP TABLE people AS
SELECT
  number, 'user-' || number AS user_id,
  pick(given, number, 'given') || ' ' || pick(family, number, 'family') AS name,
  lower(pick(given, number, 'given') || '.' || pick(family, number, 'family')) || number || '@acme.example' AS address
FROM range(500) AS people(number), vocabulary;

INSERT INTO users
SELECT user_id, address, [replace(address, '@acme.', '@acme-group.')], name, split_part(name, ' ', 1), split_part(name, ' ', 2),
  CASE WHEN number < 4 THEN 'Chief Financial Officer' WHEN number < 12 THEN 'Managing Director' ELSE 'Clerk' END, 'Department ' || number % 20,
  number = 3, number < 12, 'active', NULL, TIMESTAMPTZ '2020-01-01 00:00:00Z', NULL, NULL, TIMESTAMPTZ '2024-01-01 00:00:00Z', TIMESTAMPTZ '2024-01-01 00:00:00Z', 'bench'
FROM people;

-- 60,000 people outside at 15,000 companies, one in eight with a free-mail address.
CREATE TEMP TABLE outsiders AS
SELECT
  number,
  pick(given, number, 'given') || ' ' || pick(family, number, 'family') AS name,
  CASE WHEN draw(number, 'freemail') < 0.125 THEN pick(freemail, number, 'provider')
       ELSE lower(pick(family, number % 15000, 'company')) || '-' || lower(pick(given, number % 15000, 'trade')) || number % 15000 || pick(['.example', '.com', '.de', '.fr', '.co.uk'], number % 15000, 'ending') END AS domain,
  lower(pick(given, number, 'given') || '.' || pick(family, number, 'family')) || number || '@' || domain AS address
FROM range(60000) AS outsiders(number), vocabulary;

-- What each message is, before its text. Zipf: rank = n^u - 1 has density 1/rank.
CREATE TEMP TABLE plan AS
SELECT
  number,
  TIMESTAMPTZ '2024-10-01 00:00:00Z' + to_microseconds((number * 63072000000000.0 / getvariable('messages'))::BIGINT) AS sent_at,
  CASE WHEN draw(number, 'direction') < 0.70 THEN 'inbound' WHEN draw(number, 'direction') < 0.88 THEN 'internal' ELSE 'outbound' END AS direction,
  (500 * pow(draw(number, 'mailbox'), 1.6))::BIGINT % 500 AS mailbox,
  (500 * draw(number, 'colleague'))::BIGINT % 500 AS colleague,
  (pow(60000.0, draw(number, 'outsider')) - 1)::BIGINT AS outsider,
  draw(number, 'list') < 0.30 AND direction = 'inbound' AS is_list,
  draw(number, 'reply') < 0.35 AND NOT is_list AND number > 2000 AS is_reply,
  number - 1 - (2000 * pow(draw(number, 'original'), 3))::BIGINT AS original,
  draw(number, 'fraud') < 0.0005 AND direction = 'inbound' AS is_odd,
  (hash(number, 'oddity') % 5)::BIGINT AS oddity
FROM range(1, getvariable('messages') + 1) AS numbers(number);

CREATE TEMP TABLE mail AS
SELECT
  plan.number, sent_at, direction, is_list, is_reply, is_odd, oddity,
  'user-' || CASE WHEN direction = 'outbound' THEN colleague ELSE mailbox END AS mailbox_id,
  printf('%016x', hash(plan.number, 'id')) AS id,
  CASE WHEN is_reply THEN printf('m%d@mail.example', original) ELSE '' END AS cited,
  CASE
    WHEN is_odd AND oddity = 0 THEN 'ceo' || plan.number || '@gmail.com'
    WHEN is_odd AND oddity = 1 THEN 'accounts@acrne.example'
    WHEN is_odd AND oddity = 2 THEN boss.address
    WHEN direction = 'inbound' THEN outsider.address
    ELSE colleague.address END AS from_address,
  CASE WHEN is_odd AND oddity IN (0, 2) THEN boss.name WHEN direction = 'inbound' THEN outsider.name ELSE colleague.name END AS from_name,
  split_part(from_address, '@', 2) AS from_domain,
  CASE WHEN direction = 'outbound' THEN outsider.address ELSE owner.address END AS to_address,
  CASE WHEN direction = 'outbound' THEN outsider.name ELSE owner.name END AS to_name,
  direction = 'inbound' AS auth_trusted,
  CASE WHEN is_odd AND oddity = 2 THEN 'fail' WHEN draw(plan.number, 'auth') < 0.93 THEN 'pass' WHEN draw(plan.number, 'auth') < 0.98 THEN 'none' ELSE 'fail' END AS verdict,
  pick(subjects, plan.number, 'subject') || CASE WHEN draw(plan.number, 'numbered') < 0.5 THEN ' ' || hash(plan.number, 'order') % 100000 ELSE '' END AS subject_base,
  3 + (30 * pow(draw(plan.number, 'length'), 3))::BIGINT AS sentence_count
FROM plan
JOIN people AS owner ON owner.number = mailbox
JOIN people AS colleague ON colleague.number = plan.colleague
JOIN people AS boss ON boss.number = plan.colleague % 12
JOIN outsiders AS outsider ON outsider.number = plan.outsider
CROSS JOIN vocabulary;

INSERT INTO message_keys
SELECT CAST(left(sha256(mailbox_id || chr(10) || id), 32) AS UUID), number FROM mail;

INSERT INTO emails BY NAME
SELECT
  mailbox_id, id AS provider_message_id, number AS ingest_seq, sent_at AS ingested_at, 1 AS generation, NULL AS removed_at,
  'thread-' || CASE WHEN is_reply THEN cited ELSE id END AS thread_id, '' AS folder_id, ['INBOX'] AS labels,
  printf('m%d@mail.example', number) AS message_id, cited AS in_reply_to, CASE WHEN is_reply THEN [cited] ELSE [] END AS "references",
  direction, from_address, from_name, from_domain, '' AS sender_address,
  CASE WHEN direction = 'inbound' THEN from_address ELSE '' END AS return_path,
  CASE WHEN is_reply THEN 'Re: ' ELSE '' END || subject_base AS subject, subject_base, is_reply, false AS is_draft, is_list,
  is_list AND draw(number, 'auto') < 0.3 AS is_auto, sent_at AS date_header, sent_at AS received_at,
  'Dear ' || split_part(to_name, ' ', 1) || ',' || chr(10) || array_to_string([pick(sentences, number, k) || CASE WHEN k % 4 = 3 THEN chr(10) ELSE '' END FOR k IN range(sentence_count)], ' ')
    || chr(10) || 'No. ' || hash(number, 'reference') % 1000000 || chr(10) || from_name AS body_text,
  CASE WHEN is_reply THEN array_to_string(['> ' || pick(sentences, number, k) FOR k IN range(100, 100 + sentence_count)], chr(10)) ELSE '' END AS quoted_text,
  draw(number, 'html') < 0.8 AS has_html, pick(['', '', 'Microsoft Outlook 16.0', 'Apple Mail (2.3774)', 'MailChimp Mailer'], number, 'mailer') AS mailer,
  2000 + hash(number, 'size') % 60000 AS size_bytes, sha256(number::VARCHAR) AS raw_sha256,
  auth_trusted, CASE WHEN auth_trusted THEN 'mx.google.com' ELSE '' END AS authserv_id,
  CASE WHEN auth_trusted THEN verdict ELSE '' END AS spf, CASE WHEN auth_trusted THEN verdict ELSE '' END AS dkim,
  CASE WHEN auth_trusted THEN from_domain ELSE '' END AS dkim_domain, CASE WHEN auth_trusted THEN verdict ELSE '' END AS dmarc, '' AS compauth, [] AS parse_notes
FROM mail CROSS JOIN vocabulary
ORDER BY number;

INSERT INTO recipients
SELECT mailbox_id, id, number, position, kind, address, name, split_part(address, '@', 2) FROM (
  SELECT mailbox_id, id, number, 0 AS position, 'to' AS kind, to_address AS address, to_name AS name FROM mail
  UNION ALL BY NAME
  SELECT mail.mailbox_id, id, mail.number, position + 1 AS position, CASE WHEN position = 0 THEN 'to' ELSE 'cc' END AS kind, people.address, people.name
  FROM mail, range(3) AS more(position) JOIN people ON people.number = hash(mail.number, position) % 500
  WHERE draw(mail.number, 'crowd') * 4 < 2.2 - position AND NOT is_list
  UNION ALL BY NAME
  SELECT mailbox_id, id, number, 9 AS position, 'reply_to' AS kind,
    CASE WHEN is_odd AND oddity IN (0, 3) THEN 'pay' || number || '@gmail.com' ELSE from_address END AS address, from_name AS name
  FROM mail WHERE is_list OR (is_odd AND oddity IN (0, 3))
) ORDER BY number, position;

INSERT INTO links
SELECT mailbox_id, id, number, position, 'https://' || host || '/' || hash(number, position) % 100000 ||
    CASE WHEN is_odd AND oddity = 4 THEN '?e=' || to_address ELSE '' END, host, domain,
  CASE WHEN is_odd AND oddity = 4 THEN 'https://www.acme.example/login' WHEN position % 3 = 0 THEN 'https://' || host ELSE 'Read more' END,
  CASE WHEN is_odd AND oddity = 4 THEN 'acme.example' WHEN position % 3 = 0 THEN domain ELSE '' END, 'html'
FROM (
  SELECT mail.*, position,
    CASE WHEN draw(number, position) < 0.6 THEN from_domain
         ELSE 'site' || (pow(20000.0, draw(number, position + 50)) - 1)::BIGINT || '.com' END AS domain,
    pick(['www.', 'click.', 'app.', ''], number, position) || domain AS host
  FROM mail, range(12) AS places(position)
  WHERE position < CASE WHEN is_list THEN 4 + hash(number, 'links') % 9 WHEN is_odd AND oddity = 4 THEN 1 ELSE hash(number, 'links') % 3 END
) ORDER BY number, position;

INSERT INTO attachments
SELECT mailbox_id, id, number, 0, '2', pick(['invoice', 'scan', 'contract', 'image001', 'report'], number, 'file') || number || pick(['.pdf', '.docx', '.png', '.xlsx', '.zip', '.html'], number, 'type'),
  'application/octet-stream', pick(['application/pdf', 'application/zip', 'image/png', ''], number, 'type'), 20000 + hash(number, 'bytes') % 500000, sha256('file' || number % 200000), draw(number, 'inline') < 0.3
FROM mail WHERE draw(number, 'attachment') < 0.22 ORDER BY number;

-- Vendors name their account in one message of twelve; few of them ever change it.
INSERT INTO payment_instruments
SELECT mailbox_id, id, number, 0, 'iban',
  'DE' || lpad((10 + hash(from_domain, 'check') % 89)::VARCHAR, 2, '0') || lpad((hash(from_domain, CASE WHEN draw(number, 'moved') < 0.002 THEN number ELSE 0 END) % 1000000000000000000)::VARCHAR, 18, '0'),
  '', 'DE', lpad((hash(from_domain, 'bank') % 100000000)::VARCHAR, 8, '0'), pick(['body', 'attachment', 'quoted'], number, 'origin')
FROM mail WHERE direction = 'inbound' AND draw(number, 'account') < 0.085 ORDER BY number;

INSERT INTO mailbox_settings
SELECT user_id, pick(['rule', 'rule', 'auto_forward', 'delegate'], people.number, which), 'setting-' || which, (getvariable('messages') * draw(people.number, which + 10))::BIGINT, 'Sorting ' || which,
  true, CASE WHEN draw(people.number, which + 20) < 0.3 THEN ['box' || people.number || '@gmail.com'] ELSE [] END, pick(['', 'archive', 'rss feeds', 'newsletters'], people.number, which + 30),
  draw(people.number, which + 40) < 0.1, draw(people.number, which + 50) < 0.4, [], [], '{}', TIMESTAMPTZ '2024-10-01 00:00:00Z' + to_days((700 * draw(people.number, which + 10))::INTEGER), NULL, which = 0
FROM people, range(2) AS settings(which);

DROP TABLE mail;
DROP TABLE plan;
DROP TABLE outsiders;
DROP TABLE people;
DROP TABLE vocabulary;
DROP MACRO draw;
DROP MACRO pick;

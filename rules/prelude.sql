-- What the rules have in common: the runner puts these names in scope of every rule's SELECT (README.md). A name that a
-- rule does not use costs nothing. Parameters: $from_seq (exclusive) and $to_seq (inclusive) bound the new mail.
--
-- ingest_seq is an e-mail's number, and every table that hangs on e-mails has it: join by it.
--
-- Everything is as of the message's own time: a fact counts if it was true when the message came, so that a run over old
-- mail finds what a run on that day would have found. "First" times make that cheap: min() needs no window functions.

WITH

own_domains AS (
  SELECT coalesce(list(domain ORDER BY domain), []) AS domains FROM tenant_domains
),

-- ---------------------------------------------------------------- new mail

-- The e-mails of this run. authenticated and auth_failed come from the receiver's own verdict alone: a header that the
-- sender wrote has auth_trusted = false and proves nothing. Both are false where the receiver said nothing.
-- The LIMIT leaves nothing out, because a number belongs to one e-mail: it tells the planner how few these are. Without it, the planner
-- takes a fifth of all mail for new and plans joins with history the wrong way round.
new_mail AS (
  SELECT
    mailbox_id, provider_message_id, ingest_seq, received_at, message_id, in_reply_to, "references", subject,
    from_address, from_name, from_domain, return_path, is_reply, is_list, is_auto, direction,
    auth_trusted, spf, dkim, dkim_domain, dmarc, compauth,
    auth_trusted AND (
      dmarc IN ('pass', 'bestguesspass')
      OR (dkim = 'pass' AND registrable_domain(dkim_domain) = from_domain)
      OR (spf = 'pass' AND registrable_domain(domain_of_address(return_path)) = from_domain)
    ) AS authenticated,
    auth_trusted AND NOT authenticated AND (
      dmarc = 'fail' OR compauth = 'fail' OR (spf IN ('fail', 'softfail') AND dkim <> 'pass')
    ) AS auth_failed,
    domain_of_address(from_address) AS from_host,
    coalesce(list_bool_or([from_host = domain OR ends_with(from_host, '.' || domain) FOR domain IN own.domains]), false) AS is_from_own_domain,
    json_object('table', 'emails', 'key', json_object('mailbox_id', mailbox_id, 'provider_message_id', provider_message_id)) AS email_row
  FROM emails
  CROSS JOIN own_domains AS own
  WHERE ingest_seq > $from_seq AND ingest_seq <= $to_seq AND NOT is_draft
  LIMIT greatest($to_seq::BIGINT - $from_seq::BIGINT, 0)
),

-- Subject and current text in lower case without accents on one line, for word lists and text scores. MATERIALIZED: many rules together
-- read it, and each would make it anew. A run's window bounds it (RunnerOptions::rows_max).
new_text AS MATERIALIZED (
  SELECT
    ingest_seq,
    plain_text(subject || ' ' || left(body_text, 8000)) AS text
  FROM emails
  WHERE ingest_seq > $from_seq AND ingest_seq <= $to_seq AND NOT is_draft
),

-- Mailbox settings of this run that are in force. Their key has the shape of an e-mail's, so that sightings are unique.
new_settings AS (
  SELECT
    *, 'settings/' || kind || '/' || setting_id AS provider_message_id,
    json_object('table', 'mailbox_settings', 'key', json_object('mailbox_id', mailbox_id, 'kind', kind, 'setting_id', setting_id, 'valid_from', valid_from)) AS setting_row
  FROM mailbox_settings
  WHERE ingest_seq > $from_seq AND ingest_seq <= $to_seq AND is_enabled
),

-- What a finding may be about, by its key: the runner joins every finding to it.
new_items AS (
  SELECT mailbox_id, provider_message_id, ingest_seq, message_id, subject FROM new_mail
  UNION ALL
  SELECT mailbox_id, provider_message_id, ingest_seq, '', name FROM new_settings
),

-- ---------------------------------------------------------------- who we are

-- A mailbox with its owner's addresses and name.
mailboxes AS (
  SELECT
    user_id AS mailbox_id,
    primary_email,
    list_distinct(list_prepend(primary_email, aliases)) AS addresses,
    display_name AS owner_name,
    list_sort([word FOR word IN string_split(fold_name(coalesce(display_name, '')), ' ') IF length(word) > 1 AND word <> 'rn']) AS owner_name_words
  FROM users
),

-- People whose name opens purses, each name as its sorted words without initials ("Doe Jane" = "Jane M. Doe"; the skeleton
-- of an initial M is "rn"). One word is no name.
vip_names AS (
  SELECT DISTINCT user_id, primary_email, display_name, name_words
  FROM (
    SELECT
      user_id, primary_email, coalesce(display_name, given_name || ' ' || family_name) AS display_name,
      unnest([
        list_sort([word FOR word IN string_split(fold_name(coalesce(display_name, '')), ' ') IF length(word) > 1 AND word <> 'rn']),
        list_sort([word FOR word IN string_split(fold_name(coalesce(given_name || ' ' || family_name, '')), ' ') IF length(word) > 1 AND word <> 'rn'])
      ]) AS name_words
    FROM users
    WHERE is_vip AND deleted_at IS NULL
  )
  WHERE len(name_words) >= 2
),

vip_addresses AS (
  SELECT user_id, display_name, unnest(list_distinct(list_prepend(primary_email, aliases))) AS address
  FROM users
  WHERE is_vip AND deleted_at IS NULL
),

-- ---------------------------------------------------------------- who they are: history and the universal negations

-- The domains whose mail new_inbound judges. Our own is among them only where somebody forges it: our mail is most of all mail.
new_senders AS (
  SELECT DISTINCT from_domain FROM new_mail WHERE NOT is_from_own_domain OR auth_failed
),

-- When each address at the new senders' domains first wrote to us.
sender_history AS (
  SELECT from_domain, from_address, min(received_at) AS first_seen_at
  FROM emails
  WHERE from_domain IN (FROM new_senders) AND NOT is_draft
  GROUP BY from_domain, from_address
),

sender_domain_history AS (
  SELECT from_domain, min(first_seen_at) AS first_seen_at FROM sender_history GROUP BY from_domain
),

-- When one of us first wrote to each address at the new senders' domains. Sent copies carry no receiver's verdict; mail
-- that came from outside under our name does, and is no letter of ours unless it passed.
written_to AS (
  SELECT recipient.domain, recipient.address, min(email.received_at) AS first_written_at
  FROM recipients AS recipient
  JOIN emails AS email USING (ingest_seq)
  WHERE recipient.domain IN (FROM new_senders)
    AND recipient.kind IN ('to', 'cc', 'bcc')
    AND email.direction = 'outbound' AND NOT email.is_draft
    AND (NOT email.auth_trusted OR email.dmarc = 'pass')
  GROUP BY recipient.domain, recipient.address
),

-- Writing to one person makes a company known, but not all customers of a free-mail provider.
written_to_domain AS (
  SELECT domain, min(first_written_at) AS first_written_at FROM written_to WHERE NOT is_freemail(domain) GROUP BY domain
),

-- New mail that cites a Message-ID which one of us had sent to the sender's domain before.
genuine_replies AS (
  SELECT DISTINCT reply.ingest_seq
  FROM (
    SELECT ingest_seq, received_at, from_domain, unnest(list_distinct(list_append("references", in_reply_to))) AS cited
    FROM new_mail
    WHERE direction = 'inbound'
  ) AS reply
  JOIN emails AS original ON original.message_id = reply.cited AND original.direction = 'outbound' AND original.received_at < reply.received_at
  JOIN recipients AS recipient ON recipient.ingest_seq = original.ingest_seq AND recipient.domain = reply.from_domain
  WHERE reply.cited <> ''
),

-- Since when the receiver says how it judged authentication; NULL in an archive where it never did.
receiver AS (
  SELECT min(received_at) AS judges_since FROM emails WHERE auth_trusted
),

-- New mail from outside, or under our own name with a failed verdict, with what is known about the sender:
--   is_known       the address wrote to us more than a day earlier (a first burst still counts as new)
--   is_young       the address first wrote less than a week earlier
--   is_solicited   one of us wrote to the address, or to its company, before it wrote to us, or a week ago at least:
--                  answering a stranger does not make him a friend
--   is_trusted     known or solicited, AND proved to be who it says; where the receiver never judges, history must do
new_inbound AS (
  SELECT
    mail.*,
    coalesce(box.primary_email, mail.mailbox_id) AS mailbox_address,
    coalesce(box.addresses, [mail.mailbox_id]) AS mailbox_addresses,
    box.owner_name,
    box.owner_name_words,
    sender.first_seen_at,
    sender.first_seen_at < mail.received_at - INTERVAL 24 HOURS AS is_known,
    sender.first_seen_at >= mail.received_at - INTERVAL 7 DAYS AS is_young,
    domain.first_seen_at < mail.received_at - INTERVAL 24 HOURS AND NOT is_freemail(mail.from_domain) AS is_domain_known,
    coalesce(least(
      CASE WHEN person.first_written_at < sender.first_seen_at OR person.first_written_at < mail.received_at - INTERVAL 7 DAYS
           THEN person.first_written_at END,
      CASE WHEN company.first_written_at < domain.first_seen_at OR company.first_written_at < mail.received_at - INTERVAL 7 DAYS
           THEN company.first_written_at END
    ) < mail.received_at, false) AS is_solicited,
    (mail.authenticated OR coalesce(receiver.judges_since > mail.received_at, true)) AND NOT mail.auth_failed AS is_believed,
    is_believed AND (is_known OR is_solicited) AS is_trusted
  FROM new_mail AS mail
  CROSS JOIN receiver
  LEFT JOIN mailboxes AS box USING (mailbox_id)
  LEFT JOIN sender_history AS sender ON sender.from_domain = mail.from_domain AND sender.from_address = mail.from_address
  LEFT JOIN sender_domain_history AS domain ON domain.from_domain = mail.from_domain
  LEFT JOIN written_to AS person ON person.domain = mail.from_domain AND person.address = mail.from_address
  LEFT JOIN written_to_domain AS company ON company.domain = mail.from_domain
  WHERE NOT mail.is_from_own_domain OR mail.auth_failed
),

-- ---------------------------------------------------------------- links and recipients

new_links AS (
  SELECT ingest_seq, position, url, host, domain, display_text, display_domain
  FROM links
  WHERE ingest_seq > $from_seq AND ingest_seq <= $to_seq AND domain <> ''
),

new_recipients AS (
  SELECT ingest_seq, kind, address, domain
  FROM recipients
  WHERE ingest_seq > $from_seq AND ingest_seq <= $to_seq
),

-- The links whose site's history rules ask about: of mail that is not trusted. Of other links nothing is said here.
doubtful_links AS (
  SELECT link.ingest_seq, link.position, link.domain, mail.received_at
  FROM new_links AS link
  JOIN new_inbound AS mail USING (ingest_seq)
  WHERE NOT mail.is_trusted
),

-- When mail first carried a link to each domain that they lead to.
link_history AS (
  SELECT link.domain, min(email.received_at) AS first_seen_at
  FROM links AS link
  JOIN emails AS email USING (ingest_seq)
  WHERE link.domain IN (SELECT domain FROM doubtful_links)
  GROUP BY link.domain
),

-- Whether our mail had linked to a doubtful link's site for a week: a campaign lasts for days and must not make itself known.
-- A column and not a condition: as a condition, the planner joins on the times first.
familiar_links AS (
  SELECT link.ingest_seq, link.position, history.first_seen_at < link.received_at - INTERVAL 7 DAYS AS is_familiar
  FROM doubtful_links AS link
  LEFT JOIN link_history AS history USING (domain)
),

-- ---------------------------------------------------------------- whom we deal with, and who imitates them

-- Since when one of us has written to each domain that is somebody's own.
correspondents AS (
  SELECT recipient.domain, min(email.received_at) AS first_written_at
  FROM recipients AS recipient
  JOIN emails AS email USING (ingest_seq)
  WHERE recipient.kind IN ('to', 'cc', 'bcc') AND recipient.domain <> ''
    AND email.direction = 'outbound' AND NOT email.is_draft
    AND (NOT email.auth_trusted OR email.dmarc = 'pass')
  GROUP BY recipient.domain
  HAVING NOT is_freemail(any_value(recipient.domain))  -- an aggregate: else each recipient of all mail is asked, not each domain
),

-- New mail from domains that are new to us, unsolicited and nobody's free-mail.
newcomers AS MATERIALIZED (
  SELECT *
  FROM new_inbound
  WHERE NOT is_from_own_domain AND from_domain <> '' AND NOT is_freemail(from_domain)
    AND NOT coalesce(is_domain_known, false) AND NOT (is_solicited AND is_believed)
),

-- Which correspondent a newcomer's domain imitates. Comparing all with all would be slow: only pairs that share a key are
-- compared, where a label's keys are itself, itself without one character, its words, its beginnings and its ends.
imitated_correspondents AS (
  SELECT from_domain, min(genuine_domain) AS genuine_domain, arg_min(first_written_at, genuine_domain) AS first_written_at, arg_min(reason, genuine_domain) AS reason
  FROM (
    SELECT DISTINCT newcomer.from_domain, genuine.domain AS genuine_domain, genuine.first_written_at, lookalike_reason(newcomer.from_domain, genuine.domain) AS reason
    FROM (
      SELECT from_domain, unnest(list_distinct(flatten([
        [label], string_split(skeleton(split_part(from_domain, '.', 1)), '-'),
        [left(label, place - 1) || substr(label, place + 1) FOR place IN range(1, length(label) + 1)],
        [left(label, size) FOR size IN range(4, length(label))],
        [substr(label, place) FOR place IN range(2, length(label) - 2)]
      ]))) AS key
      FROM (SELECT DISTINCT from_domain, replace(skeleton(split_part(from_domain, '.', 1)), '-', '') AS label FROM newcomers)
    ) AS newcomer
    JOIN (
      SELECT domain, first_written_at, unnest(list_prepend(label, [left(label, place - 1) || substr(label, place + 1) FOR place IN range(1, length(label) + 1)])) AS key
      FROM (SELECT domain, first_written_at, replace(skeleton(split_part(domain, '.', 1)), '-', '') AS label FROM correspondents)
    ) AS genuine USING (key)
    WHERE newcomer.from_domain <> genuine.domain AND length(key) > 2
  )
  WHERE reason IS NOT NULL
  GROUP BY from_domain
),

-- When the correspondent that a newcomer imitates first wrote to us, and when it first named the newcomer's domain, as recipient or in its text.
genuine_history AS (
  SELECT
    imitated.from_domain,
    min(email.received_at) AS first_seen_at,
    min(email.received_at) FILTER (
      (email.dmarc = 'pass' OR NOT email.auth_trusted) AND (named.ingest_seq IS NOT NULL OR contains(lower(email.body_text), imitated.from_domain))
    ) AS first_named_at
  FROM imitated_correspondents AS imitated
  JOIN emails AS email ON email.from_domain = imitated.genuine_domain
  LEFT JOIN (
    SELECT DISTINCT ingest_seq, domain FROM recipients WHERE domain IN (SELECT from_domain FROM imitated_correspondents)
  ) AS named ON named.ingest_seq = email.ingest_seq AND named.domain = imitated.from_domain
  GROUP BY imitated.from_domain
),

-- New mail from an imitation of a correspondent. Left out: a new domain that the correspondent itself had named before, as
-- recipient or in its text, which is how a company that changes its name tells.
imitations AS MATERIALIZED (
  SELECT newcomer.*, imitated.genuine_domain, imitated.reason
  FROM newcomers AS newcomer
  JOIN imitated_correspondents AS imitated USING (from_domain)
  JOIN genuine_history AS genuine USING (from_domain)
  WHERE imitated.first_written_at < newcomer.received_at - INTERVAL 24 HOURS
    AND genuine.first_seen_at < newcomer.received_at
    AND coalesce(genuine.first_named_at >= newcomer.received_at, true)
),

-- New mail from outside that looks like part of a conversation: a subject with Re or Fwd, or quoted text.
thread_claims AS (
  SELECT ingest_seq, received_at, subject_base, from_domain
  FROM emails
  WHERE ingest_seq > $from_seq AND ingest_seq <= $to_seq AND NOT is_draft
    AND direction = 'inbound' AND (is_reply OR quoted_text <> '')
  LIMIT greatest($to_seq::BIGINT - $from_seq::BIGINT, 0)
),

-- is_real: a message that it cites, or one of the same company with the same subject, was in our mail before. A subject alone is no proof:
-- many mails are called "Invoice".
claimed_threads AS (
  SELECT
    claim.ingest_seq,
    claim.ingest_seq IN (
      SELECT reply.ingest_seq
      FROM (SELECT ingest_seq, received_at, unnest(list_distinct(list_append("references", in_reply_to))) AS cited FROM new_mail WHERE direction = 'inbound') AS reply
      JOIN emails AS original ON original.message_id = reply.cited AND original.received_at < reply.received_at
      WHERE reply.cited <> ''
    ) OR claim.ingest_seq IN (
      SELECT reply.ingest_seq
      FROM thread_claims AS reply
      JOIN (
        SELECT subject_base, from_domain, min(received_at) AS first_at
        FROM emails
        WHERE from_domain IN (SELECT from_domain FROM thread_claims) AND subject_base IN (SELECT subject_base FROM thread_claims WHERE subject_base <> '')
        GROUP BY subject_base, from_domain
      ) AS original USING (subject_base, from_domain)
      WHERE original.first_at < reply.received_at
    ) AS is_real
  FROM thread_claims AS claim
),

-- Everybody in the directory by name, as sorted words (vip_names).
people_names AS (
  SELECT user_id, primary_email, display_name, is_vip,
    list_sort([word FOR word IN string_split(fold_name(display_name), ' ') IF length(word) > 1 AND word <> 'rn']) AS name_words
  FROM users
  WHERE deleted_at IS NULL AND display_name IS NOT NULL AND len(name_words) >= 2
),

-- ---------------------------------------------------------------- lists of names and places

-- Companies and offices whose name phishing borrows, with the domains that they write from besides NAME.TLD.
brands AS (
  FROM (VALUES
    ('microsoft', ['microsoftonline.com', 'microsoftsupport.com', 'office.com', 'office365.com', 'sharepointonline.com', 'azure.com', 'live.com', 'outlook.com', 'xbox.com', 'msn.com']),
    ('office 365', ['microsoft.com', 'microsoftonline.com', 'office.com']), ('office365', ['microsoft.com', 'microsoftonline.com', 'office.com']), ('outlook', ['microsoft.com', 'live.com', 'office.com']),
    ('onedrive', ['microsoft.com', 'sharepointonline.com', 'live.com']), ('sharepoint', ['microsoft.com', 'sharepointonline.com']), ('google', ['youtube.com', 'gmail.com', 'goo.gl', 'googlemail.com', 'android.com']),
    ('gmail', ['google.com', 'googlemail.com']), ('icloud', ['apple.com']), ('apple', ['icloud.com', 'itunes.com', 'mac.com', 'me.com']), ('apple id', ['apple.com', 'icloud.com']), ('itunes', ['apple.com']),
    ('paypal', ['paypal-communication.com', 'xoom.com']), ('amazon', ['amazon.co.uk', 'amazon.de', 'amazonses.com', 'aws.com', 'amazon.fr', 'primevideo.com', 'audible.com']), ('amazon prime', ['amazon.com', 'amazon.co.uk', 'amazon.de']),
    ('netflix', []), ('spotify', []), ('disney', ['disneyplus.com']), ('hulu', []), ('facebook', ['facebookmail.com', 'meta.com', 'fb.com']), ('meta', ['facebook.com', 'facebookmail.com', 'fb.com']), ('instagram', ['facebookmail.com', 'mail.instagram.com']),
    ('whatsapp', ['facebookmail.com']), ('linkedin', []), ('twitter', ['x.com']), ('telegram', []), ('docusign', ['docusign.net', 'docusign.com']), ('adobe', ['adobesign.com', 'echosign.com']), ('dropbox', ['dropboxmail.com', 'hellosign.com']),
    ('wetransfer', []), ('zoom', ['zoom.us']), ('norton', ['nortonlifelock.com', 'gendigital.com']), ('mcafee', []), ('avast', []), ('geek squad', ['bestbuy.com']), ('costco', []), ('walmart', []), ('sams club', ['samsclub.com']), ('target', []),
    ('lowes', []), ('home depot', ['homedepot.com']), ('harbor freight', ['harborfreight.com']), ('ace hardware', ['acehardware.com']), ('kohls', []), ('cvs', []), ('walgreens', []), ('t mobile', ['t-mobile.com']), ('verizon', []), ('at t', ['att.com', 'att-mail.com']),
    ('xfinity', ['comcast.com', 'comcast.net']), ('temu', ['temuemail.com']), ('shein', ['sheinemail.com']), ('aliexpress', ['alibaba.com']), ('ebay', []), ('lidl', []), ('aldi', []), ('rewe', []), ('edeka', []), ('media markt', ['mediamarkt.de', 'mediamarktsaturn.com']), ('mediamarkt', []),
    ('ikea', []), ('decathlon', []), ('leroy merlin', ['leroymerlin.fr', 'leroymerlin.es']), ('makita', []), ('bosch', []), ('dewalt', []), ('yeti', []), ('tupperware', []), ('starbucks', []),
    ('bitget', []), ('bybit', []), ('okx', []), ('itaucard', []), ('pedagio', []), ('cloud storage', []), ('icloud storage', []), ('united healthcare', []),
    ('unitedhealthcare', []), ('aaa', []), ('samsung', []), ('sony', []), ('dyson', []), ('breville', []), ('adidas', []), ('nike', []), ('lego', []), ('oral b', []),
    ('milwaukee', []), ('craftsman', []), ('state farm', []), ('geico', []), ('medicare', []), ('xbox', []), ('playstation', []), ('roblox', []), ('tiktok', []), ('snapchat', []),
    ('okta', []), ('intuit', []), ('quickbooks', []), ('turbotax', []), ('stripe', []), ('shopify', []), ('aol', []), ('yahoo', []), ('usaa', []), ('td bank', []),
    ('scotiabank', []), ('interac', []), ('canada post', []), ('telstra', []), ('optus', []), ('commbank', []), ('westpac', []), ('medibank', []), ('mygov', []), ('dbs', []),
    ('icici', []), ('hdfc', []), ('picpay', []), ('sicredi', []), ('sicoob', []), ('c6 bank', []), ('magalu', []), ('magazine luiza', []), ('americanas', []), ('casas bahia', []),
    ('shopee', []), ('ifood', []), ('inpost', []), ('allegro', []), ('mbank', []), ('swisscom', []), ('postfinance', []), ('ubs', []), ('bouygues', []), ('sfr', []), ('edf', []),
    ('engie', []), ('carrefour', []), ('auchan', []), ('lufthansa', []), ('ryanair', []), ('booking com', []), ('airbnb', []), ('expedia', []), ('tesco', []), ('asda', []),
    ('sainsburys', []), ('argos', []), ('currys', []), ('boots', []), ('notino', []), ('douglas', []), ('zalando', []), ('otto', []), ('saturn', []), ('kaufland', []),
    ('dewalt tools', []), ('ryobi', []), ('stihl', []), ('hellofresh', []), ('paramount', []), ('peacock', []), ('hbo max', []), ('sirius xm', []), ('omaha steaks', []),
    ('publix', []), ('kroger', []), ('best buy', []), ('bass pro', []), ('cabelas', []), ('tractor supply', []), ('dollar general', []), ('petsmart', []), ('sephora', []),
    ('ulta', []), ('southwest airlines', []), ('delta airlines', []), ('united airlines', []), ('marriott', []), ('hilton', []),
    ('dhl', ['dhl.de', 'dhl-news.com', 'dpdhl.com']), ('ups', []), ('usps', []), ('fedex', []), ('dpd', []), ('gls', ['gls-group.eu', 'gls-group.com']), ('hermes', ['myhermes.de', 'hermesworld.com']), ('royal mail', ['royalmail.com']), ('evri', []),
    ('postnl', []), ('bpost', []), ('correos', []), ('correios', ['correios.com.br']), ('la poste', ['laposte.fr', 'laposte.net', 'laposte.info']), ('chronopost', []), ('colissimo', ['laposte.fr']), ('deutsche post', ['deutschepost.de', 'dhl.de']), ('poste italiane', ['posteitaliane.it', 'poste.it']), ('australia post', ['auspost.com.au']),
    ('sparkasse', []), ('volksbank', []), ('raiffeisen', []), ('commerzbank', []), ('deutsche bank', ['db.com', 'deutsche-bank.de']), ('postbank', []), ('dkb', []), ('comdirect', []), ('targobank', []), ('consorsbank', []), ('n26', []), ('klarna', []), ('advanzia', []), ('ing', ['ing.de', 'ing.nl', 'ing-diba.de']), ('rabobank', []), ('abn amro', ['abnamro.nl', 'abnamro.com']),
    ('bradesco', ['bradesco.com.br', 'infobradesco.com.br']), ('banco bradesco', ['bradesco.com.br', 'infobradesco.com.br']), ('itau', ['itau-unibanco.com.br']), ('santander', []), ('banco do brasil', ['bb.com.br']), ('caixa', ['caixa.gov.br']), ('nubank', ['nubank.com.br']), ('livelo', []), ('serasa', ['serasaexperian.com.br']), ('mercado livre', ['mercadolivre.com', 'mercadolivre.com.br', 'mercadolibre.com']), ('mercado pago', ['mercadopago.com']),
    ('detran', ['gov.br']), ('receita federal', ['gov.br', 'fazenda.gov.br']), ('gov br', ['gov.br']), ('bbva', []), ('caixabank', []), ('credit agricole', ['credit-agricole.fr', 'ca-paris.fr']), ('bnp paribas', ['bnpparibas.com', 'bnpparibas.net']), ('societe generale', ['socgen.com', 'societegenerale.fr']), ('intesa sanpaolo', ['intesasanpaolo.com']), ('unicredit', []),
    ('chase', []), ('wells fargo', ['wellsfargo.com']), ('bank of america', ['bankofamerica.com', 'bofa.com']), ('citibank', ['citi.com']), ('capital one', ['capitalone.com']), ('american express', ['americanexpress.com', 'aexp.com']), ('amex', ['americanexpress.com', 'aexp.com']), ('mastercard', []), ('visa', []), ('hsbc', []), ('barclays', []), ('lloyds', ['lloydsbank.co.uk', 'lloydsbank.com']), ('natwest', []), ('revolut', []), ('wise', []), ('venmo', []), ('zelle', ['zellepay.com']), ('cash app', ['cash.app', 'square.com']),
    ('coinbase', []), ('binance', []), ('metamask', ['metamask.io', 'consensys.net']), ('trust wallet', ['trustwallet.com']), ('trustwallet', []), ('ledger', []), ('trezor', []), ('kraken', []), ('crypto com', ['crypto.com']), ('blockchain', []), ('uniswap', []), ('opensea', []), ('exodus', ['exodus.io']), ('phantom', ['phantom.app']), ('robinhood', []), ('arbitrum', []), ('ethereum', []),
    ('irs', ['irs.gov']), ('hmrc', ['hmrc.gov.uk', 'service.gov.uk']), ('social security', ['ssa.gov']), ('finanzamt', []), ('elster', ['elster.de']), ('impots', ['dgfip.finances.gouv.fr']), ('ameli', ['assurance-maladie.fr']), ('agencia tributaria', ['agenciatributaria.gob.es']), ('belastingdienst', []), ('telekom', ['t-online.de', 'telekom.de']), ('vodafone', []), ('o2', ['o2online.de', 'o2mail.de']), ('orange', []), ('1 1', ['1und1.de', 'ionos.de', 'ionos.com']), ('ionos', ['1und1.de']), ('godaddy', []), ('namecheap', []), ('cpanel', ['cpanel.net']), ('adac', []), ('stiftung warentest', ['test.de'])
  ) AS list (brand, domains)
),

-- Top-level domains that cost next to nothing and are used for little else.
cheap_endings AS (
  SELECT unnest(['tk', 'ml', 'ga', 'cf', 'gq', 'top', 'xyz', 'icu', 'cfd', 'sbs', 'click', 'buzz', 'rest', 'cyou', 'bond', 'monster', 'quest', 'online', 'site', 'website', 'space', 'fun', 'store', 'shop', 'live',
    'life', 'world', 'today', 'club', 'loan', 'work', 'win', 'bid', 'download', 'racing', 'review', 'stream', 'country', 'gdn', 'link', 'lol', 'autos', 'boats', 'beauty', 'hair', 'skin', 'makeup', 'pics', 'homes', 'mom', 'zip', 'mov', 'host', 'press', 'ru', 'cn', 'su', 'best']) AS ending
),

-- Folders that nobody looks into, as Graph's well-known names, Gmail's system labels and their display names.
hiding_folders AS (
  SELECT unnest(['deleteditems', 'deleted items', 'trash', 'junkemail', 'junk email', 'junk', 'spam', 'archive', 'rssfeeds', 'rss feeds', 'rss subscriptions', 'conversationhistory', 'conversation history',
    'syncissues', 'sync issues', 'recoverableitemsdeletions', 'notes', 'outbox', 'calendar', 'geloschte elemente', 'gelöschte elemente', 'papierkorb', 'archiv', 'corbeille', 'elements supprimes', 'éléments supprimés', 'papelera', 'elementos eliminados', 'prullenbak', 'verwijderde items', 'cestino', 'posta eliminata', 'lixeira', 'itens excluidos', 'itens excluídos']) AS folder
),

-- Accounts under which a rented or broken-into server sends mail by itself.
server_accounts AS (
  SELECT unnest(['root', 'www-data', 'apache', 'nobody', 'httpd', 'nginx', 'www', 'daemon', 'ubuntu', 'debian', 'centos', 'ec2-user', 'azureuser', 'webuser', 'vhosts', 'anonymous']) AS account
),

-- ---------------------------------------------------------------- signs: weak facts on new mail that rules weigh together

-- How each new mail from outside was addressed, and where answers would go.
addressing AS (
  SELECT
    ingest_seq,
    count(*) FILTER (kind IN ('to', 'cc') AND contains(address, '@')) AS addressees,
    list(address) FILTER (kind IN ('to', 'cc')) AS addresses,
    list_sort(list(DISTINCT address) FILTER (kind = 'reply_to')) AS reply_addresses,
    bool_and(is_freemail(domain)) FILTER (kind = 'reply_to') AS reply_is_freemail
  FROM new_recipients
  GROUP BY ingest_seq
),

-- What the links of each new mail have in common.
link_signs AS (
  SELECT
    link.ingest_seq,
    count(*) AS links,
    bool_or(link.domain <> mail.from_domain AND link.domain NOT IN (SELECT domain FROM tenant_domains)) AS has_foreign,
    bool_or(is_free_host(link.host)) AS has_free_host,
    bool_or(is_shortener(link.domain)) AS has_shortener,
    bool_or(regexp_matches(link.host, '^[0-9.]+$')) AS has_bare_address,
    bool_or(string_split(link.domain, '.')[-1] IN (SELECT ending FROM cheap_endings)) AS has_cheap_ending,
    min(link.domain) AS domain
  FROM new_links AS link
  JOIN new_mail AS mail USING (ingest_seq)
  GROUP BY link.ingest_seq
),

-- New mail from outside with its signs. Each is a small number of points on the scale of log odds: 0 says
-- nothing, 1 makes fraud about three times as likely.
outsiders AS (
  SELECT
    mail.*,
    coalesce(addressing.addressees, 0) AS addressees,
    addressing.reply_addresses,
    links.domain AS link_domain,
    coalesce(links.links, 0) AS links,
    coalesce(links.has_foreign, false) AS has_foreign_link,
    -- The recipient's address, or its first part of six letters or more, in subject or shown name: "pat.doe, your parcel waits".
    NOT mail.is_list AND coalesce(list_bool_or([
      contains(replace(lower(mail.subject || ' ' || mail.from_name), '.', ''), replace(address, '.', ''))
        OR (length(split_part(address, '@', 1)) >= 6
            AND contains(replace(lower(mail.subject || ' ' || mail.from_name), '.', ''), replace(split_part(address, '@', 1), '.', '')))
      FOR address IN mail.mailbox_addresses IF contains(address, '@')
    ]), false) AS names_address,
    mail.is_reply AND len(mail."references") > 0 AS continues_thread,
    registrable_domain(domain_of_address(mail.return_path)) AS envelope_domain,
    -- points for how it was sent
    CASE WHEN mail.auth_failed THEN 1.0 WHEN mail.auth_trusted AND NOT mail.authenticated THEN 0.6 ELSE 0 END
      + CASE WHEN mail.from_domain = '' THEN 1.5 ELSE 0 END  -- a sender's domain that cannot exist
      + CASE WHEN split_part(mail.return_path, '@', 1) IN (SELECT account FROM server_accounts) THEN 1.2 ELSE 0 END
      + CASE WHEN envelope_domain <> mail.from_domain AND mail.return_path <> '' AND NOT mail.is_list AND NOT mail.authenticated THEN 0.4 ELSE 0 END
      + CASE WHEN string_split(mail.from_domain, '.')[-1] IN (SELECT ending FROM cheap_endings) THEN 0.7 ELSE 0 END
      + CASE WHEN is_free_host(mail.from_host) THEN 1.0 ELSE 0 END
      + CASE WHEN len(string_split(mail.from_host, '.')) > 4 THEN 0.7 ELSE 0 END
      + CASE WHEN regexp_matches(split_part(mail.from_address, '@', 1), '[0-9]{4}') THEN 0.3 ELSE 0 END
      + CASE WHEN is_freemail(mail.from_domain) AND mail.from_name <> '' THEN 0.3 ELSE 0 END
      + CASE WHEN regexp_matches(split_part(mail.from_domain, '.', 1), '[bcdfghjklmnpqrstvwxz]{5}') THEN 0.6 ELSE 0 END  -- drawn by lot
      -- A name that has no word in common with the sender's domain, and links that lead elsewhere still.
      + CASE WHEN mail.auth_trusted AND NOT mail.is_list AND NOT is_freemail(mail.from_domain) AND coalesce(links.has_foreign, false)
          AND regexp_matches(mail.from_name, '[A-Za-z]{4}')
          AND len([word FOR word IN string_split(lower(strip_accents(regexp_replace(mail.from_name, '[^\p{L}]+', ' ', 'g'))), ' ')
                   IF length(word) >= 4 AND contains(replace(mail.from_host, '-', ''), word)]) = 0
        THEN 0.5 ELSE 0 END
      AS sender_points,
    -- points for whom it was addressed to, and where answers go
    CASE WHEN coalesce(addressing.addressees, 0) = 0 THEN 0.7 ELSE 0 END
      + CASE WHEN names_address THEN 1.0 ELSE 0 END
      + CASE WHEN NOT list_contains(addressing.reply_addresses, mail.from_address) AND NOT mail.is_list THEN
          CASE WHEN addressing.reply_is_freemail THEN 0.8 ELSE 0.3 END
        ELSE 0 END
      AS addressing_points,
    -- points for where its links lead
    CASE WHEN coalesce(links.has_free_host, false) THEN 0.8 ELSE 0 END
      + CASE WHEN coalesce(links.has_shortener, false) THEN 0.6 ELSE 0 END
      + CASE WHEN coalesce(links.has_bare_address, false) THEN 1.0 ELSE 0 END
      + CASE WHEN coalesce(links.has_cheap_ending, false) THEN 0.6 ELSE 0 END
      AS link_points,
    -- points for a dressed-up subject or name: letters from mathematical or other alphabets, signs between letters
    CASE WHEN regexp_matches(mail.subject || mail.from_name, '[\x{1D400}-\x{1D7FF}\x{FF21}-\x{FF5A}\x{24B6}-\x{24E9}\x{200B}-\x{200F}\x{2060}\x{FE00}-\x{FE0E}\x{E0000}-\x{E01EF}]') THEN 1.2 ELSE 0 END
      + CASE WHEN regexp_matches(mail.subject || mail.from_name, '[a-zA-Z][\x{0370}-\x{058F}\x{13A0}-\x{13FF}\x{1950}-\x{197F}\x{2C80}-\x{2CFF}\x{A4D0}-\x{A4FF}]|[\x{0370}-\x{058F}\x{13A0}-\x{13FF}\x{1950}-\x{197F}\x{2C80}-\x{2CFF}\x{A4D0}-\x{A4FF}][a-zA-Z]') THEN 1.2 ELSE 0 END
      + CASE WHEN regexp_matches(mail.subject || mail.from_name, '[\x{1F300}-\x{1FAFF}\x{2600}-\x{27BF}\x{203C}]') THEN 0.6 ELSE 0 END
      + CASE WHEN regexp_matches(mail.subject, '[0-9]{6}') THEN 0.3 ELSE 0 END
      + CASE WHEN NOT mail.is_list AND regexp_matches(mail.subject || ' ' || mail.from_name, '\p{L}_\p{L}|\x{FFFD}') THEN 0.5 ELSE 0 END
      AS dress_points
  FROM new_inbound AS mail
  LEFT JOIN addressing USING (ingest_seq)
  LEFT JOIN link_signs AS links USING (ingest_seq)
),

-- The senders among them who are not trusted, or have written for less than a week without being asked: a campaign that comes in
-- two waves must not vouch for itself.
strangers AS MATERIALIZED (
  FROM outsiders WHERE NOT is_trusted OR (is_young AND NOT is_solicited)
),

-- Whether the shown name or the subject claims a brand that the sender's domain is not.
brand_claims AS (
  SELECT
    stranger.ingest_seq,
    arg_min(brand.brand, CASE WHEN contains(' ' || stranger.claimed_name || ' ', ' ' || brand.folded || ' ') THEN '0' ELSE '1' END || brand.brand) AS brand,
    bool_or(contains(' ' || stranger.claimed_name || ' ', ' ' || brand.folded || ' ')) AS is_in_name
  FROM (
    -- Compared are only brands whose first word is there.
    SELECT *, unnest(list_distinct(string_split(claimed_name || ' ' || claimed_subject, ' '))) AS word
    FROM (
      SELECT ingest_seq, from_domain, regexp_replace(skeleton(from_name), '[^a-z0-9]+', ' ', 'g') AS claimed_name,
        regexp_replace(skeleton(subject), '[^a-z0-9]+', ' ', 'g') AS claimed_subject
      FROM strangers
    )
  ) AS stranger
  JOIN (
    SELECT brand, folded, domains, split_part(folded, ' ', 1) AS word
    FROM (SELECT brand, trim(regexp_replace(skeleton(brand), '[^a-z0-9]+', ' ', 'g')) AS folded, domains FROM brands)
  ) AS brand
    ON brand.word = stranger.word
   AND (contains(' ' || stranger.claimed_name || ' ', ' ' || brand.folded || ' ')
        OR contains(' ' || stranger.claimed_subject || ' ', ' ' || brand.folded || ' '))
  WHERE NOT list_contains(brand.domains, stranger.from_domain)
    AND split_part(stranger.from_domain, '.', 1) <> replace(brand.brand, ' ', '')
  GROUP BY stranger.ingest_seq
),

-- Strangers who call themselves like a sender who had written to us on two days before, proved, and was the only one of that name that did: a
-- service that people know is imitated as brands are. Machines and lists only: people share names.
borrowed_names AS (
  SELECT stranger.ingest_seq, genuine.domains[1] AS genuine_domain
  FROM strangers AS stranger
  JOIN (
    SELECT from_name, list(from_domain ORDER BY established_on, from_domain) AS domains, list(established_on ORDER BY established_on, from_domain) AS days
    FROM (
      SELECT from_name, from_domain, list_sort(list(DISTINCT received_at::DATE))[2] AS established_on
      FROM emails
      WHERE direction = 'inbound' AND (is_auto OR is_list) AND (dmarc = 'pass' OR NOT auth_trusted)
        AND from_name IN (SELECT from_name FROM strangers)
      GROUP BY from_name, from_domain
    )
    WHERE established_on IS NOT NULL
    GROUP BY from_name
  ) AS genuine USING (from_name)
  WHERE length(stranger.from_name) >= 4 AND stranger.is_young AND stranger.from_domain <> '' AND NOT is_freemail(stranger.from_domain)
    AND genuine.domains[1] <> stranger.from_domain
    AND genuine.days[1] < stranger.received_at::DATE
    AND coalesce(genuine.days[2] >= stranger.received_at::DATE, true)
),

-- Senders of less than a week of whom mail came to five mailboxes or more within the hour before.
bursts AS (
  SELECT stranger.ingest_seq
  FROM strangers AS stranger
  JOIN emails AS earlier
    ON earlier.from_address = stranger.from_address AND earlier.received_at <= stranger.received_at
   AND earlier.received_at > stranger.received_at - INTERVAL 1 HOUR
  WHERE stranger.is_young AND NOT stranger.is_list
    -- Follows from the above, and spares reading all mail there ever was.
    AND earlier.received_at > (SELECT min(received_at) - INTERVAL 1 HOUR FROM strangers) AND earlier.received_at <= (SELECT max(received_at) FROM strangers)
  GROUP BY stranger.ingest_seq
  HAVING count(DISTINCT earlier.mailbox_id) >= 5
),

-- Senders' domains that are a brand's own.
brand_senders AS (
  SELECT DISTINCT sender.from_domain
  FROM (SELECT DISTINCT from_domain, split_part(from_domain, '.', 1) AS label FROM new_mail) AS sender
  JOIN (
    SELECT domain, NULL AS label FROM (SELECT unnest(domains) AS domain FROM brands)
    UNION ALL
    SELECT NULL, replace(brand, ' ', '') FROM brands
  ) AS own ON own.domain = sender.from_domain OR own.label = sender.label
),

-- ---------------------------------------------------------------- word lists: lower case, no accents

-- Where newsletters count their clicks. What lies behind cannot be seen, so a link text that differs says nothing.
click_trackers AS (
  SELECT unnest([
    'list-manage.com', 'mailchimp.com', 'mandrillapp.com', 'sendgrid.net', 'mailgun.org', 'mailgun.net', 'sparkpostmail.com',
    'amazonses.com', 'awstrack.me', 'exacttarget.com', 'sfmc-content.com', 'exct.net', 'salesforce.com', 'pardot.com', 'marketo.com',
    'mktoweb.com', 'hubspot.com', 'hubspotlinks.com', 'hubspotemail.net', 'hs-sites.com', 'rs6.net', 'constantcontact.com',
    'cmail19.com', 'cmail20.com', 'createsend.com', 'createsend1.com', 'sendinblue.com', 'brevo.com', 'mailjet.com', 'mjt.lu',
    'klaviyomail.com', 'klclick.com', 'klclick1.com', 'klclick2.com', 'klclick3.com', 'customer.io', 'customeriomail.com',
    'intercom-mail.com', 'intercom-clicks.com', 'substack.com', 'beehiiv.com', 'convertkit-mail.com', 'convertkit-mail2.com',
    'activehosted.com', 'acems1.com', 'getresponse.com', 'aweber.com', 'emltrk.com', 'mlsend.com', 'mailerlite.com', 'bmetrack.com',
    'responsys.net', 'eloqua.com', 'en25.com', 'emarsys.net', 'cheetahmail.com', 'dotmailer.com', 'dotdigital-email.com', 'dmtrk.net',
    'iterable.com', 'links.iterable.com', 'braze.com', 'postmarkapp.com', 'pstmrk.it', 'emlnk.com', 'inxmail.com', 'cleverreach.com',
    'rapidmail.de', 'newsletter2go.com', 'sailthru.com', 'bluehornet.com', 'bronto.com', 'listrak.com', 'ctctcdn.com',
    'doubleclick.net', 'feedburner.com', 'facebookmail.com', 'awin1.com', 'anrdoezrs.net', 'jdoqocy.com', 'kqzyfj.com', 'tkqlhce.com',
    'dpbolvw.net', 'linksynergy.com', 'shareasale.com', 'prf.hn'
  ]) AS domain
),

-- Endings of file names that are top-level domains too: "README.md" shows no place on the web.
file_endings AS (
  SELECT unnest(['md', 'zip', 'mov', 'sh', 'py', 'pl', 'rs', 'ps', 'so']) AS ending
),

words AS (
  FROM (VALUES
    -- payment: money is to move
    ('payment', 'en', ['payment', 'payments', 'invoice', 'invoices', 'wire', 'wire transfer', 'bank transfer', 'bank details', 'bank account', 'account details',
      'account number', 'routing number', 'swift', 'iban', 'ach', 'remittance', 'overdue', 'past due', 'outstanding balance', 'direct deposit', 'payroll',
      'beneficiary', 'funds', 'fund', 'gift card', 'gift cards', 'purchase order', 'refund', 'deposit', 'loan', 'inheritance', 'donation', 'donate',
      'compensation', 'investment', 'invest', 'million', 'usd', 'consignment', 'atm card', 'next of kin', 'lottery', 'western union', 'moneygram', 'bitcoin', 'crypto',
      'aging report', 'statement of account', 'quotation', 'commission']),
    ('payment', 'de', ['zahlung', 'uberweisung', 'rechnung', 'kontodaten', 'bankverbindung', 'kontonummer', 'gutschein', 'gutscheinkarte', 'mahnung', 'erbschaft',
      'spende', 'darlehen', 'kredit', 'gehaltskonto', 'lastschrift', 'millionen', 'betrag']),
    ('payment', 'fr', ['paiement', 'virement', 'facture', 'coordonnees bancaires', 'compte bancaire', 'rib', 'carte cadeau', 'heritage', 'donation', 'pret', 'credit',
      'impaye', 'versement', 'salaire']),
    ('payment', 'es', ['pago', 'transferencia', 'factura', 'cuenta bancaria', 'datos bancarios', 'tarjeta de regalo', 'herencia', 'donacion', 'prestamo', 'deuda',
      'nomina', 'millones']),
    ('payment', 'nl', ['betaling', 'overschrijving', 'factuur', 'bankgegevens', 'rekeningnummer', 'cadeaubon', 'erfenis', 'donatie', 'lening', 'aanmaning', 'salaris']),
    ('payment', 'it', ['pagamento', 'bonifico', 'fattura', 'coordinate bancarie', 'conto bancario', 'conto corrente', 'carta regalo', 'eredita', 'donazione', 'prestito',
      'scaduto', 'stipendio', 'milioni']),
    ('payment', 'pt', ['pagamento', 'transferencia', 'fatura', 'boleto', 'dados bancarios', 'conta bancaria', 'cartao presente', 'heranca', 'doacao', 'emprestimo',
      'salario', 'milhoes']),

    -- request: somebody is to act, at once or in secret
    ('request', 'en', ['urgent', 'urgently', 'asap', 'as soon as possible', 'immediately', 'right away', 'confidential', 'discreet', 'are you available', 'are you free',
      'are you at your desk', 'at the office', 'quick task', 'quick favor', 'quick favour', 'favor', 'favour', 'in a meeting', 'cell number', 'mobile number', 'whatsapp',
      'kindly', 'get back to me', 'business proposal', 'proposal', 'mutual benefit', 'need your help', 'assist me']),
    ('request', 'de', ['dringend', 'sofort', 'umgehend', 'vertraulich', 'sind sie verfugbar', 'bist du verfugbar', 'im buro', 'in einer besprechung', 'handynummer', 'gefallen']),
    ('request', 'fr', ['urgent', 'urgence', 'immediatement', 'confidentiel', 'etes vous disponible', 'es tu disponible', 'au bureau', 'en reunion', 'numero de portable', 'service a']),
    ('request', 'es', ['urgente', 'inmediatamente', 'confidencial', 'estas disponible', 'esta disponible', 'en la oficina', 'en una reunion', 'numero de movil', 'favor']),
    ('request', 'nl', ['dringend', 'onmiddellijk', 'vertrouwelijk', 'ben je beschikbaar', 'bent u beschikbaar', 'op kantoor', 'in een vergadering', 'mobiele nummer']),
    ('request', 'it', ['urgente', 'immediatamente', 'riservato', 'sei disponibile', 'e disponibile', 'in ufficio', 'in riunione', 'numero di cellulare', 'favore']),
    ('request', 'pt', ['urgente', 'imediatamente', 'confidencial', 'esta disponivel', 'no escritorio', 'em reuniao', 'numero de celular', 'favor']),

    -- credential: somebody is to sign in, confirm or open
    ('credential', 'en', ['password', 'passcode', 'verify', 'verification', 'confirm your', 'sign in', 'signin', 'log in', 'login', 'log on', 'account', 'mailbox',
      'mail box', 'webmail', 'quota', 'storage', 'suspended', 'suspension', 'deactivated', 'deactivation', 'expire', 'expires', 'expired', 'expiration', 'quarantine',
      'quarantined', 'undelivered', 'pending messages', 'held messages', 'incoming messages', 'unusual activity', 'security alert', 'authenticate', 'authentication',
      'update your', 'validate', 'revalidate', 'shared document', 'shared file', 'view document', 'review document', 'e sign', 'docusign', 'voicemail', 'voice message',
      'fax', 'keep same password', 'unlock', 'restricted', 'terminate', 'termination', 'email server', 'it support', 'helpdesk', 'payroll', 'remittance']),
    ('credential', 'de', ['passwort', 'kennwort', 'anmelden', 'anmeldung', 'einloggen', 'bestatigen', 'verifizieren', 'konto', 'postfach', 'speicherplatz', 'gesperrt',
      'lauft ab', 'abgelaufen', 'quarantane', 'freigegebenes dokument', 'sicherheitswarnung', 'aktualisieren']),
    ('credential', 'fr', ['mot de passe', 'connexion', 'connecter', 'confirmer', 'verifier', 'compte', 'boite', 'quota', 'suspendu', 'expire', 'quarantaine',
      'document partage', 'alerte de securite', 'mettre a jour']),
    ('credential', 'es', ['contrasena', 'clave', 'iniciar sesion', 'confirmar', 'verificar', 'cuenta', 'buzon', 'cuota', 'suspendida', 'caduca', 'cuarentena',
      'documento compartido', 'alerta de seguridad', 'actualizar']),
    ('credential', 'nl', ['wachtwoord', 'inloggen', 'aanmelden', 'bevestigen', 'verifieren', 'account', 'mailbox', 'opslag', 'geblokkeerd', 'verloopt', 'quarantaine',
      'gedeeld document', 'beveiligingswaarschuwing', 'bijwerken']),
    ('credential', 'it', ['password', 'accedi', 'accedere', 'conferma', 'verifica', 'account', 'casella', 'quota', 'sospeso', 'scade', 'scaduta', 'quarantena',
      'documento condiviso', 'avviso di sicurezza', 'aggiornare']),
    ('credential', 'pt', ['senha', 'palavra passe', 'iniciar sessao', 'entrar', 'confirmar', 'verificar', 'conta', 'caixa de correio', 'cota', 'suspensa', 'expira',
      'quarentena', 'documento compartilhado', 'alerta de seguranca', 'atualizar']),

    -- payroll: where somebody's wages go
    ('payroll', 'en', ['payroll', 'direct deposit', 'my salary', 'my paycheck', 'my pay', 'my wages', 'pay check', 'paycheck', 'my bank details', 'my banking details', 'my bank account', 'my account details', 'next pay', 'pay date', 'pay day', 'payday',
      'salary account', 'bank information on file', 'change my bank', 'update my bank', 'new bank account', 'next payment run']),
    ('payroll', 'de', ['gehaltskonto', 'mein gehalt', 'meines gehalts', 'gehaltszahlung', 'gehaltsabrechnung', 'meine bankverbindung', 'meine kontodaten', 'lohnabrechnung', 'lohn', 'gehalt', 'lohnkonto']),
    ('payroll', 'fr', ['mon salaire', 'ma paie', 'mon rib', 'virement de salaire', 'mes coordonnees bancaires', 'bulletin de paie', 'fiche de paie', 'mon compte bancaire', 'prochaine paie', 'salaire']),
    ('payroll', 'es', ['mi nomina', 'mi salario', 'mi sueldo', 'mi cuenta bancaria', 'mis datos bancarios', 'domiciliacion de la nomina', 'nomina']),
    ('payroll', 'nl', ['mijn salaris', 'mijn loon', 'salarisadministratie', 'mijn rekeningnummer', 'mijn bankrekening', 'salarisbetaling', 'loonstrook', 'salaris']),
    ('payroll', 'it', ['il mio stipendio', 'mio stipendio', 'busta paga', 'mie coordinate bancarie', 'mio conto', 'accredito dello stipendio', 'stipendio']),
    ('payroll', 'pt', ['meu salario', 'minha conta bancaria', 'meus dados bancarios', 'folha de pagamento', 'deposito do salario', 'salario']),

    -- guarded: what whoever took over a mailbox wants its owner not to see
    ('guarded', 'any', ['invoice', 'payment', 'wire', 'bank', 'iban', 'transfer', 'remit', 'payroll', 'deposit', 'purchase order', 'overdue', 'statement', 'password', 'security', 'phish', 'hack', 'suspicious', 'fraud', 'scam', 'spam', 'virus', 'malware',
      'unusual', 'sign in', 'signin', 'sign-in', 'login', 'verif', 'mfa', 'helpdesk', 'docusign', 'undeliver', 'mailer-daemon', 'postmaster', 'rechnung', 'zahlung', 'uberweisung', 'konto', 'passwort', 'kennwort', 'sicherheit', 'betrug', 'facture', 'paiement', 'virement', 'mot de passe',
      'securite', 'factura', 'pago', 'transferencia', 'contrasena', 'seguridad', 'factuur', 'betaling', 'wachtwoord', 'beveiliging', 'fattura', 'pagamento', 'bonifico', 'sicurezza', 'fatura', 'senha', 'seguranca']),

    -- unsubscribe: a link that bears the recipient's address for an honest reason
    ('unsubscribe', 'any', ['unsubscribe', 'unsub', 'optout', 'opt-out', 'opt_out', 'preferences', 'preference', 'subscription', 'manage', 'remove', 'abmelden', 'abbestellen',
      'desabonner', 'desinscription', 'desinscrire', 'darse de baja', 'cancelar suscripcion', 'afmelden', 'uitschrijven', 'annulla iscrizione', 'disiscriv', 'cancelar inscricao',
      'descadastrar'])
  ) AS list (kind, language, words)
),

-- The lists as one row. A rule first takes the words that the text contains, which is cheap, and then those of them that
-- stand alone: [word FOR word IN [word FOR word IN vocabulary.payment IF contains(text, word)] IF regexp_matches(…)].
vocabulary AS (
  SELECT
    list_distinct(flatten(list(words) FILTER (kind = 'payment'))) AS payment,
    list_distinct(flatten(list(words) FILTER (kind = 'request'))) AS request,
    list_distinct(flatten(list(words) FILTER (kind = 'credential'))) AS credential,
    list_distinct(flatten(list(words) FILTER (kind = 'payroll'))) AS payroll,
    list_distinct(flatten(list(words) FILTER (kind = 'guarded'))) AS guarded,
    list_distinct(flatten(list(words) FILTER (kind = 'unsubscribe'))) AS unsubscribe
  FROM words
)

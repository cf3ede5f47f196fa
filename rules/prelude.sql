-- What the rules have in common: the runner puts these names in scope of every rule's SELECT (README.md). A name that a
-- rule does not use costs nothing. Parameters: $from_seq (exclusive) and $to_seq (inclusive) bound the new mail.
--
-- ingest_seq is an e-mail's number, and every table that hangs on e-mails has it: join by it.
--
-- Everything is as of the message's own time: a fact counts if it was true when the message came, so that a run over old
-- mail finds what a run on that day would have found. "First" times make that cheap: min() needs no window functions.

WITH

-- ---------------------------------------------------------------- new mail

-- The e-mails of this run. authenticated and auth_failed come from the receiver's own verdict alone: a header that the
-- sender wrote has auth_trusted = false and proves nothing. Both are false where the receiver said nothing.
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
    EXISTS (
      FROM tenant_domains AS own
      WHERE domain_of_address(from_address) = own.domain OR ends_with(domain_of_address(from_address), '.' || own.domain)
    ) AS is_from_own_domain,
    json_object('table', 'emails', 'key', json_object('mailbox_id', mailbox_id, 'provider_message_id', provider_message_id)) AS email_row
  FROM emails
  WHERE ingest_seq > $from_seq AND ingest_seq <= $to_seq AND NOT is_draft
),

-- Subject and current text in lower case without accents, for word lists. Join it to the few messages that need it.
new_text AS (
  SELECT
    ingest_seq,
    replace(replace(lower(strip_accents(subject || ' ' || left(body_text, 8000))), chr(10), ' '), chr(9), ' ') AS text
  FROM emails
  WHERE ingest_seq > $from_seq AND ingest_seq <= $to_seq AND NOT is_draft
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

-- When mail first carried a link to each domain that the new mail links to.
link_history AS (
  SELECT link.domain, min(email.received_at) AS first_seen_at
  FROM links AS link
  JOIN emails AS email USING (ingest_seq)
  WHERE link.domain IN (SELECT domain FROM new_links)
  GROUP BY link.domain
),

-- Whether our mail had linked to a new link's site for a week: a campaign lasts for days and must not make itself known.
-- A column and not a condition: as a condition, the planner joins on the times first.
familiar_links AS (
  SELECT link.ingest_seq, link.position, history.first_seen_at < mail.received_at - INTERVAL 7 DAYS AS is_familiar
  FROM new_links AS link
  JOIN new_mail AS mail USING (ingest_seq)
  LEFT JOIN link_history AS history USING (domain)
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
    list_distinct(flatten(list(words) FILTER (kind = 'unsubscribe'))) AS unsubscribe
  FROM words
)

-- What each mailbox does with mail by itself, with history: forwarding, delegates, filters (Gmail) and inbox rules (Graph).
-- A row is what one setting looked like from valid_from until valid_to (NULL: it still does). A change ends the row and
-- adds another; a setting that is gone at the provider only ends its row. Times are of the run that saw it.
CREATE TABLE mailbox_settings (
  mailbox_id  VARCHAR NOT NULL,
  kind        VARCHAR NOT NULL,               -- rule, auto_forward, forwarding_address, delegate
  setting_id  VARCHAR NOT NULL,               -- the provider's id of a rule; the address of the other kinds
  ingest_seq  BIGINT NOT NULL,                -- of the same sequence as e-mails: analysis reads above its watermark
  name        VARCHAR NOT NULL,               -- an inbox rule's displayName; empty for Gmail
  is_enabled  BOOLEAN NOT NULL,
  forward_to  VARCHAR[] NOT NULL,             -- lower-cased addresses that mail goes to; of a delegate: the delegate's
  move_to     VARCHAR NOT NULL,               -- the folder's well-known or display name, lower-cased; Gmail: trash, archive, spam, a label; empty: stays
  deletes     BOOLEAN NOT NULL,
  marks_read  BOOLEAN NOT NULL,
  words       VARCHAR[] NOT NULL,             -- lower-cased texts that its conditions look for in subject, body or headers; sorted
  senders     VARCHAR[] NOT NULL,             -- lower-cased senders that its conditions name; sorted
  definition  VARCHAR NOT NULL,               -- the provider's JSON of the setting
  valid_from  TIMESTAMPTZ NOT NULL,
  valid_to    TIMESTAMPTZ,
  is_baseline BOOLEAN NOT NULL                -- seen by the mailbox's first reading: it may be years old
);

-- Where money would go: what a message names as account, with check digits verified, in its current or quoted text or in an attachment.
CREATE TABLE payment_instruments (
  mailbox_id          VARCHAR NOT NULL,
  provider_message_id VARCHAR NOT NULL,
  ingest_seq          BIGINT NOT NULL,
  position            INTEGER NOT NULL,       -- 0, 1, … within the message
  kind                VARCHAR NOT NULL,       -- iban, us_routing, bic, sort_code
  value               VARCHAR NOT NULL,       -- upper case without spaces and hyphens
  account             VARCHAR NOT NULL,       -- the account number beside a routing number or sort code, digits; or empty
  country             VARCHAR NOT NULL,       -- ISO 3166-1 alpha-2
  bank                VARCHAR NOT NULL,       -- the part of value that names the bank
  origin              VARCHAR NOT NULL        -- body, quoted, attachment
);

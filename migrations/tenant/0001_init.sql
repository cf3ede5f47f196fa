-- One tenant's mail. The file holds this tenant alone, so no table has a tenant column.
-- Column names are the field names of src/model/{user,email,append}.h; times are UTC.

-- People and shared mailboxes of the directory. mailbox_id elsewhere = user_id here.
CREATE TABLE users (
  user_id              VARCHAR PRIMARY KEY,
  primary_email        VARCHAR NOT NULL,
  aliases              VARCHAR[] NOT NULL,
  display_name         VARCHAR,
  given_name           VARCHAR,
  family_name          VARCHAR,
  job_title            VARCHAR,
  department           VARCHAR,
  is_admin             BOOLEAN NOT NULL,
  is_vip               BOOLEAN NOT NULL,
  mailbox_state        VARCHAR NOT NULL,
  mailbox_state_reason VARCHAR,
  created_at           TIMESTAMPTZ,
  last_login_at        TIMESTAMPTZ,
  deleted_at           TIMESTAMPTZ,
  first_seen_at        TIMESTAMPTZ NOT NULL,
  updated_at           TIMESTAMPTZ NOT NULL
);

-- Domains that the company owns (from its users' addresses), lower-cased, in Unicode form.
CREATE TABLE tenant_domains (domain VARCHAR PRIMARY KEY);

-- One row per message and mailbox, ever: the index that says whether a message is new. Rows are only added.
CREATE TABLE email_keys (
  mailbox_id          VARCHAR NOT NULL,
  provider_message_id VARCHAR NOT NULL,
  ingest_seq          BIGINT NOT NULL,
  PRIMARY KEY (mailbox_id, provider_message_id)
);

-- One row per message and mailbox (email_keys sees to it). ingest_seq rises with every new message: analysis reads above
-- its watermark, and every table that hangs on a message has it, so that new mail is found without a scan.
CREATE TABLE emails (
  mailbox_id            VARCHAR NOT NULL,
  provider_message_id   VARCHAR NOT NULL,
  ingest_seq            BIGINT NOT NULL,
  ingested_at           TIMESTAMPTZ NOT NULL,
  generation            BIGINT NOT NULL,
  removed_at            TIMESTAMPTZ,          -- gone at the provider; the row is kept, fraudsters delete
  thread_id             VARCHAR NOT NULL,
  folder_id             VARCHAR NOT NULL,
  labels                VARCHAR[] NOT NULL,
  message_id            VARCHAR NOT NULL,     -- Message-ID without angle brackets; may be missing, doubled or forged
  in_reply_to           VARCHAR NOT NULL,
  "references"          VARCHAR[] NOT NULL,
  direction             VARCHAR NOT NULL,     -- inbound, internal, outbound
  from_address          VARCHAR NOT NULL,
  from_name             VARCHAR NOT NULL,
  from_domain           VARCHAR NOT NULL,     -- registrable domain
  sender_address        VARCHAR NOT NULL,
  return_path           VARCHAR NOT NULL,
  subject               VARCHAR NOT NULL,
  subject_base          VARCHAR NOT NULL,
  is_reply              BOOLEAN NOT NULL,
  is_draft              BOOLEAN NOT NULL,
  is_list               BOOLEAN NOT NULL,
  is_auto               BOOLEAN NOT NULL,
  date_header           TIMESTAMPTZ,          -- the sender's word
  received_at           TIMESTAMPTZ NOT NULL, -- the receiver's time
  body_text             VARCHAR NOT NULL,
  quoted_text           VARCHAR NOT NULL,
  has_html              BOOLEAN NOT NULL,
  mailer                VARCHAR NOT NULL,
  size_bytes            BIGINT NOT NULL,
  raw_sha256            VARCHAR NOT NULL,
  auth_trusted          BOOLEAN NOT NULL,     -- an Authentication-Results of the receiver's own authserv-id was found
  authserv_id           VARCHAR NOT NULL,
  spf                   VARCHAR NOT NULL,     -- RFC 8601 result words, empty when not given
  dkim                  VARCHAR NOT NULL,
  dkim_domain           VARCHAR NOT NULL,
  dmarc                 VARCHAR NOT NULL,
  compauth              VARCHAR NOT NULL,
  parse_notes           VARCHAR[] NOT NULL
);

CREATE TABLE recipients (
  mailbox_id          VARCHAR NOT NULL,
  provider_message_id VARCHAR NOT NULL,
  ingest_seq          BIGINT NOT NULL,
  position            INTEGER NOT NULL,       -- 0, 1, … within the message
  kind                VARCHAR NOT NULL,       -- to, cc, bcc, reply_to
  address             VARCHAR NOT NULL,
  name                VARCHAR NOT NULL,
  domain              VARCHAR NOT NULL
);

CREATE TABLE links (
  mailbox_id          VARCHAR NOT NULL,
  provider_message_id VARCHAR NOT NULL,
  ingest_seq          BIGINT NOT NULL,
  position            INTEGER NOT NULL,
  url                 VARCHAR NOT NULL,
  host                VARCHAR NOT NULL,
  domain              VARCHAR NOT NULL,
  display_text        VARCHAR NOT NULL,
  display_domain      VARCHAR NOT NULL,
  origin              VARCHAR NOT NULL        -- html, text
);

CREATE TABLE attachments (
  mailbox_id          VARCHAR NOT NULL,
  provider_message_id VARCHAR NOT NULL,
  ingest_seq          BIGINT NOT NULL,
  position            INTEGER NOT NULL,
  part_id             VARCHAR NOT NULL,
  filename            VARCHAR NOT NULL,
  declared_type       VARCHAR NOT NULL,
  sniffed_type        VARCHAR NOT NULL,
  size_bytes          BIGINT NOT NULL,
  sha256              VARCHAR NOT NULL,
  is_inline           BOOLEAN NOT NULL
);

-- The bytes as the provider gave them: zstd frames of at most 1 MiB of input each. Rules never touch it.
CREATE TABLE email_raw (
  mailbox_id          VARCHAR NOT NULL,
  provider_message_id VARCHAR NOT NULL,
  ingest_seq          BIGINT NOT NULL,
  chunk               INTEGER NOT NULL,       -- 0, 1, …
  format              VARCHAR NOT NULL,       -- rfc5322, graph
  bytes               BLOB NOT NULL
);

-- Where reading goes on. version is compared and set by every append.
CREATE TABLE cursors (
  mailbox_id VARCHAR NOT NULL,
  source     VARCHAR NOT NULL,                -- gmail, graph, archive
  folder_id  VARCHAR NOT NULL,
  value      VARCHAR NOT NULL,
  version    BIGINT NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (mailbox_id, source, folder_id)
);

-- Messages that could not be stored, each with its reason.
CREATE TABLE set_aside (
  mailbox_id          VARCHAR NOT NULL,
  provider_message_id VARCHAR NOT NULL,
  reason              VARCHAR NOT NULL,
  size_bytes          BIGINT NOT NULL,
  set_aside_at        TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (mailbox_id, provider_message_id)
);

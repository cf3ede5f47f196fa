-- One row per message and mailbox, ever: the index that says whether a message is new, in place of email_keys. Its key is
-- one value of fixed size, because DuckDB looks up single-column keys alone without reading the whole table.
-- message_key = the first 128 bits of SHA-256 over mailbox_id, a line feed, provider_message_id.
CREATE TABLE message_keys (
  message_key UUID PRIMARY KEY,
  ingest_seq  BIGINT NOT NULL
);
INSERT INTO message_keys
SELECT CAST(left(sha256(mailbox_id || chr(10) || provider_message_id), 32) AS UUID), ingest_seq FROM email_keys;
DROP TABLE email_keys;

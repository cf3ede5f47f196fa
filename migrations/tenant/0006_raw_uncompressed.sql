-- email_raw holds zstd frames. DuckDB tried to compress them once more at each checkpoint, which costs and saves nothing
-- (./dev bench ingest prints what appending costs).
CREATE TABLE email_raw_frames (
  mailbox_id          VARCHAR NOT NULL,
  provider_message_id VARCHAR NOT NULL,
  ingest_seq          BIGINT NOT NULL,
  chunk               INTEGER NOT NULL,
  format              VARCHAR NOT NULL,
  bytes               BLOB NOT NULL USING COMPRESSION uncompressed
);
INSERT INTO email_raw_frames SELECT * FROM email_raw;
DROP TABLE email_raw;
ALTER TABLE email_raw_frames RENAME TO email_raw;

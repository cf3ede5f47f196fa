-- Coverage ledger: what each step of each cursor brought.
CREATE TABLE coverage (
  mailbox_id     VARCHAR NOT NULL,
  source         VARCHAR NOT NULL,
  folder_id      VARCHAR NOT NULL,
  cursor_version BIGINT NOT NULL,
  read_at        TIMESTAMPTZ NOT NULL,
  inserted       BIGINT NOT NULL,
  updated        BIGINT NOT NULL,
  removed        BIGINT NOT NULL,
  set_aside      BIGINT NOT NULL
);

-- Whose directory a user was listed in: a tenant with two connections keeps the users of the one when the other is listed.
-- Empty in rows from before; the next complete listing of any connection takes those over or marks them deleted.
ALTER TABLE users ADD COLUMN connection_id VARCHAR DEFAULT '';

-- When each mailbox's settings were read last. Without a row here a reading is the mailbox's first: its settings are a baseline.
CREATE TABLE mailbox_settings_readings (
  mailbox_id VARCHAR PRIMARY KEY,
  read_at    TIMESTAMPTZ NOT NULL
);

-- A job that died is told to the broker's dead-letter queue by the scheduler, like queued jobs are published: row first,
-- letter second, and what was never confirmed is sent again. NULL: not told yet.
ALTER TABLE jobs ADD COLUMN dead_letter_at timestamptz;
CREATE INDEX jobs_dead_untold ON jobs (finished_at) WHERE state = 'dead' AND dead_letter_at IS NULL;

import { Paper, Text, Title } from "@mantine/core";

import { type Connection, type Job, useJobs } from "../api/connections";
import { StateBadge, type Tone } from "../components/Severity";
import { Failed } from "../components/States";
import { Time } from "../components/Time";

const tones: Record<Job["state"], Tone> = { queued: "quiet", running: "working", done: "good", dead: "bad" };
const shown = 10;

/** The newest jobs. A dead one was given up after several attempts and says why. */
export function Jobs({ connections }: { connections: Connection[] }) {
  const jobs = useJobs(shown);
  if (jobs.isPending) return null;
  if (jobs.isError) return <Failed error={jobs.error} retry={() => void jobs.refetch()} />;
  const name = (job: Job) => connections.find((connection) => connection.connection_id === job.connection_id)?.name;
  return (
    <Paper withBorder component="section" aria-label="Jobs" className="panel">
      <Title order={2} size="h5" px="md" pt="md">
        Jobs
      </Title>
      {jobs.data.jobs.length === 0 ? (
        <Text size="sm" c="dimmed" p="md">
          None yet. The scheduler starts the first one within moments.
        </Text>
      ) : (
        <ul className="cards jobs">
          {jobs.data.jobs.map((job) => (
            <li key={job.job_id}>
              <StateBadge tone={tones[job.state]}>{job.state}</StateBadge>
              <div className="jobs-what">
                <Text size="sm">
                  {job.kind}
                  {name(job) && ` of ${name(job)}`}
                  {job.attempt > 1 && (
                    <Text span c="dimmed" inherit>
                      , attempt {job.attempt}
                    </Text>
                  )}
                </Text>
                {job.reason && (
                  <Text size="xs" c="dimmed" className="breakable">
                    {job.reason}
                  </Text>
                )}
              </div>
              <Time at={job.finished_at ?? job.created_at} size="xs" c="dimmed" />
            </li>
          ))}
        </ul>
      )}
    </Paper>
  );
}

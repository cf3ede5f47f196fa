import { Button } from "@mantine/core";

import { type Connection, type Job, useJobs, useReplayJob } from "../api/connections";
import { offers } from "../api/offered";
import { useMay } from "../api/session";
import { type Column, DataTable } from "../components/DataTable";
import { Panel } from "../components/Panel";
import { StateBadge, type Tone } from "../components/Severity";
import { Failed } from "../components/States";
import { Time } from "../components/Time";
import { durationText } from "../text/duration";

export const jobTones: Record<Job["state"], Tone> = { queued: "quiet", running: "working", done: "good", dead: "bad" };
const shown = 10;

/** The newest jobs. A dead one was given up after several attempts and says why. */
export function Jobs({ connections, connectionId }: { connections: Connection[]; connectionId?: string }) {
  const jobs = useJobs({ limit: shown, ...(connectionId ? { connection_id: connectionId } : {}) });
  const replay = useReplayJob();
  const may = useMay();
  if (jobs.isPending) return null;
  if (jobs.isError) return <Failed error={jobs.error} retry={() => void jobs.refetch()} />;
  // A server that does not know the filter yet answers with all jobs.
  const rows = connectionId ? jobs.data.jobs.filter((job) => job.connection_id === connectionId) : jobs.data.jobs;
  const name = (job: Job) => connections.find((connection) => connection.connection_id === job.connection_id)?.name;
  return (
    <Panel
      title="Jobs"
      about={rows.length > 0 ? "The newest; those that are done are deleted after some time" : undefined}
      flush={rows.length > 0}
    >
      {replay.isError && <Failed error={replay.error} />}
      {rows.length === 0 ? (
        <span className="panel-about">None yet. The scheduler starts the first one within moments.</span>
      ) : (
        <DataTable
          label="Jobs"
          rows={rows}
          rowKey={(job) => job.job_id}
          flow
          columns={[
            {
              name: "State",
              narrow: true,
              unlabelled: true,
              cell: (job) => <StateBadge tone={jobTones[job.state]}>{job.state}</StateBadge>,
            },
            {
              name: "Job",
              unlabelled: true,
              cell: (job) => (
                <>
                  {job.kind}
                  {!connectionId && name(job) && ` of ${name(job)}`}
                  {job.attempt > 1 && <span className="table-under">, attempt {job.attempt}</span>}
                  {job.reason && <div className="table-under">{job.reason}</div>}
                </>
              ),
            },
            ...(rows.some((job) => job.started_at) ? measures : []),
            { name: "When", align: "end", narrow: true, cell: (job) => <Time at={job.finished_at ?? job.created_at} inherit /> },
            ...(offers("replay_job") && may.manage && rows.some((job) => job.state === "dead")
              ? [
                  {
                    name: "Actions",
                    align: "end" as const,
                    narrow: true,
                    unlabelled: true,
                    cell: (job: Job) =>
                      job.state === "dead" ? (
                        <Button size="compact-xs" variant="default" loading={replay.isPending} onClick={() => replay.mutate(job.job_id)}>
                          Replay
                        </Button>
                      ) : (
                        ""
                      ),
                  },
                ]
              : []),
          ]}
        />
      )}
    </Panel>
  );
}

const measures: Column<Job>[] = [
  { name: "Brought", cell: (job) => (job.progress ? progressText(job.progress) : "") },
  {
    name: "Took",
    align: "end",
    narrow: true,
    cell: (job) =>
      job.started_at && job.finished_at ? durationText((Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000) : "",
  },
];

function progressText({ messages_stored, messages_removed, messages_set_aside }: NonNullable<Job["progress"]>): string {
  const parts = [
    [messages_stored, "stored"],
    [messages_removed, "removed"],
    [messages_set_aside, "set aside"],
  ] as const;
  return (
    parts
      .filter(([count]) => count > 0)
      .map(([count, what]) => `${count.toLocaleString("en")} ${what}`)
      .join(", ") || "nothing new"
  );
}

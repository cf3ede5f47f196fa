import { Button, CloseButton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconListCheck } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";

import { offers } from "../api/offered";
import { type InstallationJob, type JobState, useInstallationJobs, useReplayInstallationJob, useTenants } from "../api/tenants";
import { DataTable } from "../components/DataTable";
import { FilterChoice } from "../components/FilterMenu";
import { More } from "../components/More";
import { Page } from "../components/Page";
import { StateBadge } from "../components/Severity";
import { Empty, Failed, LoadingRows } from "../components/States";
import { Time } from "../components/Time";
import { jobTones } from "../connections/Jobs";

const states: JobState[] = ["queued", "running", "done", "dead"];

/** Jobs of all tenants; the dead ones can be queued again. */
export default function InstallationJobs() {
  const [address, setAddress] = useSearchParams();
  const state = states.find((one) => one === address.get("state"));
  const tenantId = address.get("tenant_id") ?? "";
  const jobs = useInstallationJobs({ ...(state ? { state } : {}), ...(tenantId ? { tenant_id: tenantId } : {}) });
  const tenant = useTenants().data?.tenants.find(({ tenant_id }) => tenant_id === tenantId);
  const replay = useReplayInstallationJob();
  const rows = jobs.data?.pages.flatMap((page) => page.jobs) ?? [];
  const set = (name: string, value: string) =>
    setAddress(
      (old) => {
        const next = new URLSearchParams(old);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  return (
    <Page
      title="Jobs"
      about="Of all tenants, the newest first. A dead one was given up after several attempts; replay it once its reason is gone. Those that are done are deleted after a time that the installation sets, 14 days by default."
    >
      <div className="filters">
        <FilterChoice
          label="State"
          any="any state"
          choices={states.map((value) => ({ value, label: value }))}
          chosen={state ?? ""}
          onChange={(value) => set("state", value)}
        />
        {tenantId && (
          <span className="filter-pill">
            of {tenant?.name ?? tenantId}
            <CloseButton size="xs" aria-label="Of all tenants" onClick={() => set("tenant_id", "")} />
          </span>
        )}
      </div>
      {jobs.isPending && <LoadingRows what="jobs" />}
      {jobs.isError && <Failed error={jobs.error} retry={() => void jobs.refetch()} />}
      {replay.isError && <Failed error={replay.error} />}
      {jobs.data && (
        <div className="panel">
          {rows.length === 0 ? (
            <Empty
              icon={<IconListCheck size={34} stroke={1.3} aria-hidden />}
              title={state === "dead" ? "No job is dead" : "No job matches"}
            >
              {state === "dead" ? "Every job that was tried came to its end." : ""}
            </Empty>
          ) : (
            <DataTable
              label="Jobs"
              rows={rows}
              rowKey={(job) => job.job_id}
              columns={[
                {
                  name: "State",
                  narrow: true,
                  unlabelled: true,
                  cell: (job) => <StateBadge tone={jobTones[job.state]}>{job.state}</StateBadge>,
                },
                {
                  name: "Job",
                  cell: (job) => (
                    <>
                      {job.kind} of{" "}
                      {offers("get_tenant") ? (
                        <Link to={`/tenants/${job.tenant_id}`} className="table-main plain-link">
                          {job.tenant_name}
                        </Link>
                      ) : (
                        <span className="table-main">{job.tenant_name}</span>
                      )}
                      {job.reason && <div className="table-under">{job.reason}</div>}
                    </>
                  ),
                },
                { name: "Attempt", align: "end", narrow: true, cell: (job) => job.attempt },
                { name: "When", align: "end", narrow: true, cell: (job) => <Time at={job.finished_at ?? job.created_at} inherit /> },
                {
                  name: "Actions",
                  align: "end",
                  narrow: true,
                  unlabelled: true,
                  cell: (job: InstallationJob) =>
                    job.state === "dead" && offers("replay_installation_job") ? (
                      <Button
                        size="compact-xs"
                        variant="default"
                        loading={replay.isPending && replay.variables === job.job_id}
                        onClick={() =>
                          replay.mutate(job.job_id, { onSuccess: () => notifications.show({ message: "The job is queued again." }) })
                        }
                      >
                        Replay
                      </Button>
                    ) : (
                      ""
                    ),
                },
              ]}
            />
          )}
        </div>
      )}
      <More list={jobs} what="jobs" />
    </Page>
  );
}

import { Anchor, Button, SegmentedControl } from "@mantine/core";
import { IconBellOff } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";

import { useMay } from "../api/session";
import { type Suppression, useEndSuppression, useSuppressions } from "../api/suppressions";
import { Confirm } from "../components/Confirm";
import { DataTable } from "../components/DataTable";
import { More } from "../components/More";
import { Page } from "../components/Page";
import { StateBadge } from "../components/Severity";
import { Empty, Failed, LoadingRows } from "../components/States";
import { Time } from "../components/Time";
import { revealInvisible } from "../text/defang";
import { fullTime } from "../text/time";

const parts = { rule_id: "rule", entity: "about", subject: "concerns", dedup_key: "campaign" } as const;

export default function Suppressions() {
  const [search, setSearch] = useSearchParams();
  const over = search.get("active") === "false";
  const suppressions = useSuppressions(!over);
  const rows = suppressions.data?.pages.flatMap((page) => page.suppressions) ?? [];
  const [ending, setEnding] = useState<Suppression | null>(null);
  const end = useEndSuppression();
  const may = useMay();
  return (
    <Page
      title="Suppressions"
      about="Findings with one of these keys make no alert for some time. They are made from an alert."
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Which suppressions"
          value={over ? "false" : "true"}
          onChange={(value) => setSearch(value === "true" ? {} : { active: value }, { replace: true })}
          data={[
            { value: "true", label: "Active" },
            { value: "false", label: "Over" },
          ]}
        />
      }
    >
      {suppressions.isPending && <LoadingRows what="suppressions" />}
      {suppressions.isError && <Failed error={suppressions.error} retry={() => void suppressions.refetch()} />}
      {suppressions.data && (
        <div className="panel">
          {rows.length === 0 ? (
            <Empty
              icon={<IconBellOff size={34} stroke={1.3} aria-hidden />}
              title={over ? "No suppression is over yet" : "Nothing is suppressed"}
              next={
                <Anchor component={Link} to="/alerts" size="sm">
                  Go to Alerts
                </Anchor>
              }
            >
              Where an alert is right but not worth your time, “Suppress alerts like this” on its page keeps the next ones away.
            </Empty>
          ) : (
            <DataTable
              label="Suppressions"
              rows={rows}
              rowKey={(row) => row.suppression_id}
              columns={[
                {
                  name: "Key",
                  unlabelled: true,
                  cell: (row) => (
                    <>
                      {(Object.keys(parts) as (keyof typeof parts)[])
                        .filter((part) => row.key[part])
                        .map((part) => (
                          <div key={part}>
                            <span className="table-under">{parts[part]}</span> {revealInvisible(row.key[part] ?? "")}
                          </div>
                        ))}
                    </>
                  ),
                },
                {
                  name: "Reason",
                  cell: (row) => (
                    <>
                      {row.reason}
                      <div className="table-under">
                        {row.created_by}, <Time at={row.created_at} span inherit />
                      </div>
                    </>
                  ),
                },
                {
                  name: "Kept away",
                  align: "end",
                  narrow: true,
                  cell: (row) => (
                    <>
                      {row.findings.toLocaleString("en")}
                      {row.last_finding_at && (
                        <div className="table-under">
                          last <Time at={row.last_finding_at} span inherit />
                        </div>
                      )}
                    </>
                  ),
                },
                {
                  name: "Until",
                  narrow: true,
                  cell: (row) =>
                    row.active ? (
                      fullTime(row.until)
                    ) : (
                      <StateBadge tone="quiet">{row.ended_by ? `ended by ${row.ended_by}` : "over"}</StateBadge>
                    ),
                },
                {
                  name: "Actions",
                  align: "end",
                  narrow: true,
                  unlabelled: true,
                  cell: (row) =>
                    row.active && may.act ? (
                      <Button size="compact-xs" variant="default" onClick={() => setEnding(row)}>
                        End now
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
      <More list={suppressions} what="suppressions" />
      {ending && (
        <Confirm
          title="End this suppression"
          action="End now"
          pending={end.isPending}
          error={end.error}
          close={() => {
            end.reset();
            setEnding(null);
          }}
          run={() => end.mutate(ending.suppression_id, { onSuccess: () => setEnding(null) })}
        >
          The next finding with this key makes an alert again. The suppression stays in the list, as over.
        </Confirm>
      )}
    </Page>
  );
}

import { Button, NumberInput, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type FormEvent, useState } from "react";

import { useRetention, useSetRetention } from "../api/connections";
import { offers } from "../api/offered";
import { useSession } from "../api/session";
import { Confirm } from "../components/Confirm";
import { Panel } from "../components/Panel";
import { Failed, Loading } from "../components/States";
import { historyText, keptText } from "../text/retention";

const daysMax = 36_500;

/** How long the company's mail is kept. An owner sets it. */
export function Retention() {
  const retention = useRetention();
  const isOwner = useSession().data?.role === "owner";
  if (!offers("get_retention")) return null;
  const known = retention.data;
  return (
    <Panel
      title="How long mail is kept"
      about="Older mail is deleted from Letterlock for good, its raw bytes first. Nothing is deleted at the provider. Alerts stay, without their message."
    >
      {retention.isPending && <Loading what="how long mail is kept" />}
      {retention.isError && <Failed error={retention.error} retry={() => void retention.refetch()} />}
      {known && (
        <>
          <Text size="sm">{keptText(known)}</Text>
          {known.problem && (
            <Text size="sm" c="red">
              Old mail could not be deleted: {known.problem}. It is tried again every 10 minutes.
            </Text>
          )}
          {isOwner && <Change key={known.retention_days ?? 0} days={known.retention_days ?? null} />}
        </>
      )}
    </Panel>
  );
}

function Change({ days }: { days: number | null }) {
  const [wanted, setWanted] = useState<number | string>(days ?? "");
  const [asking, { open, close }] = useDisclosure();
  const change = useSetRetention();
  const next = typeof wanted === "number" ? wanted : null;
  const deletesMore = next !== null && (days === null || next < days);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (deletesMore) open();
    else change.mutate(next);
  };
  return (
    <form onSubmit={submit}>
      <div className="form">
        <NumberInput
          label="Days"
          description="Empty: mail is kept"
          min={1}
          max={daysMax}
          allowDecimal={false}
          value={wanted}
          onChange={setWanted}
          w={220}
        />
        {historyText(next) && (
          <Text size="sm" c="dimmed" maw={640}>
            {historyText(next)}
          </Text>
        )}
        {change.isError && !asking && <Failed error={change.error} />}
        <Button type="submit" size="xs" disabled={next === days} loading={change.isPending} style={{ justifySelf: "start" }}>
          Save
        </Button>
      </div>
      {asking && (
        <Confirm
          title="Delete older mail"
          action="Delete older mail"
          typed={`${next} days`}
          pending={change.isPending}
          error={change.error}
          close={close}
          run={() => change.mutate(next, { onSuccess: close })}
        >
          Mail that was received more than {next} days ago is deleted from Letterlock within minutes to hours, and cannot be brought back.
          Its alerts stay and say that the message is gone.
        </Confirm>
      )}
    </form>
  );
}

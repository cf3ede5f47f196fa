import { Button, Select, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBellOff } from "@tabler/icons-react";
import { type RefObject, useState } from "react";

import { type AlertChange, type AlertDetail, type AlertStatus, type Feedback, useChangeAlert } from "../api/alerts";
import { offers } from "../api/offered";
import { usePeople } from "../api/people";
import { useMay, useSession } from "../api/session";
import { MarkdownText } from "../components/MarkdownText";
import { Panel } from "../components/Panel";
import { Failed } from "../components/States";
import { useShortcuts } from "../shell/keys";
import { partRunbook } from "../text/runbook";
import { Suppress } from "./Suppress";
import { Suppressed } from "./Suppressed";

const actions: Record<AlertStatus, { name: string; key: string }> = {
  in_progress: { name: "Start work", key: "w" },
  resolved: { name: "Resolve", key: "r" },
  dismissed: { name: "Dismiss", key: "d" },
  open: { name: "Open again", key: "o" },
};
const offered: Record<AlertStatus, AlertStatus[]> = {
  open: ["in_progress", "resolved", "dismissed"],
  in_progress: ["resolved", "dismissed", "open"],
  resolved: ["open"],
  dismissed: ["open"],
};
const feedbacks: { feedback: Feedback; name: string }[] = [
  { feedback: "fraud", name: "Fraud" },
  { feedback: "not_fraud", name: "Not fraud" },
];

/** What the rule's author says to do, and where it is said what was done. */
export function Decide({ alert, noteField }: { alert: AlertDetail; noteField: RefObject<HTMLTextAreaElement | null> }) {
  const may = useMay();
  return (
    <Panel title="What to do" className="order-2">
      {alert.runbook && <MarkdownText text={partRunbook(alert.runbook).todo} />}
      {may.act ? (
        <Actions alert={alert} noteField={noteField} />
      ) : (
        <p className="decide-no">Your role, viewer, may read alerts. An analyst, admin or owner can change their status.</p>
      )}
    </Panel>
  );
}

function Actions({ alert, noteField }: { alert: AlertDetail; noteField: RefObject<HTMLTextAreaElement | null> }) {
  const [note, setNote] = useState("");
  const [suppressing, { open: suppress, close: closeSuppress }] = useDisclosure();
  const change = useChangeAlert(alert.alert_id);
  const text = note.trim();
  const apply = (asked: AlertChange) => change.mutate({ ...asked, ...(text ? { note: text } : {}) }, { onSuccess: () => setNote("") });
  // The server takes assignee and feedback together with bulk changes.
  const more = offers("change_alerts");
  useShortcuts("Alert", [
    ...offered[alert.status].map((status) => ({ keys: actions[status].key, does: actions[status].name, run: () => apply({ status }) })),
    { keys: "n", does: "Write a note", run: () => noteField.current?.focus() },
  ]);
  return (
    <div className="decide">
      <div className="decide-buttons">
        {offered[alert.status].map((status, index) => (
          <Button
            key={status}
            size="xs"
            variant={index === 0 ? "filled" : "default"}
            disabled={change.isPending}
            onClick={() => apply({ status })}
            title={`${actions[status].name} (${actions[status].key})`}
          >
            {actions[status].name}
          </Button>
        ))}
      </div>
      <Textarea
        ref={noteField}
        label="Note"
        size="xs"
        placeholder="What you found, for the next person"
        autosize
        minRows={2}
        maxRows={10}
        maxLength={4000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        description={text ? "It is stored with the next button that you press." : undefined}
        inputWrapperOrder={["label", "input", "description", "error"]}
      />
      {text && (
        <Button size="xs" variant="light" disabled={change.isPending} onClick={() => apply({})}>
          Add note only
        </Button>
      )}
      {more && (
        <>
          <Assignee alert={alert} apply={apply} />
          <div>
            <div className="decide-label" id="feedback-label">
              Was it fraud? <span>It teaches what a rule is worth.</span>
            </div>
            <div className="decide-buttons" role="group" aria-labelledby="feedback-label">
              {feedbacks.map(({ feedback, name }) => (
                <Button
                  key={feedback}
                  size="xs"
                  variant={alert.feedback === feedback ? "light" : "default"}
                  aria-pressed={alert.feedback === feedback}
                  disabled={change.isPending}
                  onClick={() => apply({ feedback: alert.feedback === feedback ? null : feedback })}
                >
                  {name}
                </Button>
              ))}
            </div>
          </div>
        </>
      )}
      {offers("create_suppression") && (
        <>
          <Suppressed ids={alert.suppression_ids ?? []} />
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            leftSection={<IconBellOff size={14} aria-hidden />}
            onClick={suppress}
            className="decide-suppress"
          >
            Suppress alerts like this…
          </Button>
        </>
      )}
      {suppressing && <Suppress alert={alert} close={closeSuppress} />}
      {change.isError && <Failed error={change.error} />}
    </div>
  );
}

function Assignee({ alert, apply }: { alert: AlertDetail; apply: (change: AlertChange) => void }) {
  const people = usePeople(offers("list_people")).data?.people ?? [];
  const me = useSession().data?.email;
  if (people.length === 0) return null;
  return (
    <Select
      label="Assignee"
      size="xs"
      placeholder="nobody"
      clearable
      clearButtonProps={{ "aria-label": "Assign to nobody", "aria-hidden": false, tabIndex: 0 }}
      searchable={people.length > 8}
      value={alert.assignee?.person_id ?? null}
      onChange={(value) => apply({ assignee_id: value })}
      data={people.map(({ person_id, email }) => ({ value: person_id, label: email === me ? `${email} (me)` : email }))}
    />
  );
}

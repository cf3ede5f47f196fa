import { Button, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconChevronUp } from "@tabler/icons-react";

import { type AlertChange, useChangeAlerts } from "../api/alerts";
import { ApiError } from "../api/client";
import { usePeople } from "../api/people";
import { offers } from "../api/offered";
import { useSession } from "../api/session";

const alertsText = (count: number) => (count === 1 ? "1 alert" : `${count.toLocaleString("en")} alerts`);

/** What can be done to all chosen alerts at once. */
export function BulkBar({ ids, clear }: { ids: string[]; clear: () => void }) {
  const change = useChangeAlerts();
  const people = usePeople(offers("list_people")).data?.people ?? [];
  const me = useSession().data?.email;
  // By promise: the bar is gone with the chosen alerts, maybe before the answer is here.
  const apply = (asked: AlertChange, done: string) =>
    change.mutateAsync({ alert_ids: ids, change: asked }).then(
      (changed) => {
        notifications.show({ message: `${alertsText(changed)} ${done}${changed < ids.length ? "; the rest was so before" : ""}` });
        clear();
      },
      (error: Error) =>
        notifications.show({
          color: "red",
          title: "Nothing was changed",
          message:
            error instanceof ApiError && error.status === 404
              ? "One of the alerts does not exist any more. Load the list again."
              : error.message,
        }),
    );
  const mine = people.find(({ email }) => email === me);
  return (
    <div className="bulk" role="region" aria-label="Chosen alerts">
      <strong className="bulk-count">{ids.length.toLocaleString("en")} chosen</strong>
      <Button size="xs" variant="default" loading={change.isPending} onClick={() => apply({ status: "in_progress" }, "in progress")}>
        Start work
      </Button>
      <Button size="xs" variant="default" loading={change.isPending} onClick={() => apply({ status: "resolved" }, "resolved")}>
        Resolve
      </Button>
      <Button size="xs" variant="default" loading={change.isPending} onClick={() => apply({ status: "dismissed" }, "dismissed")}>
        Dismiss
      </Button>
      <Menu position="top" shadow="md" returnFocus>
        <Menu.Target>
          <Button size="xs" variant="default" rightSection={<IconChevronUp size={13} aria-hidden />} disabled={change.isPending}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={360} style={{ overflowY: "auto" }}>
          <Menu.Item onClick={() => apply({ status: "open" }, "open again")}>Open again</Menu.Item>
          <Menu.Divider />
          <Menu.Label>Feedback</Menu.Label>
          <Menu.Item onClick={() => apply({ feedback: "fraud" }, "marked as fraud")}>Fraud</Menu.Item>
          <Menu.Item onClick={() => apply({ feedback: "not_fraud" }, "marked as not fraud")}>Not fraud</Menu.Item>
          {people.length > 0 && (
            <>
              <Menu.Divider />
              <Menu.Label>Assignee</Menu.Label>
              {mine && <Menu.Item onClick={() => apply({ assignee_id: mine.person_id }, "assigned to you")}>me</Menu.Item>}
              <Menu.Item onClick={() => apply({ assignee_id: null }, "assigned to nobody")}>nobody</Menu.Item>
              {people
                .filter(({ email }) => email !== me)
                .map(({ person_id, email }) => (
                  <Menu.Item key={person_id} onClick={() => apply({ assignee_id: person_id }, `assigned to ${email}`)}>
                    {email}
                  </Menu.Item>
                ))}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <Button size="xs" variant="subtle" color="gray" onClick={clear} rightSection={<kbd>Esc</kbd>}>
        Clear
      </Button>
    </div>
  );
}

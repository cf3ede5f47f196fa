import { Anchor, Button } from "@mantine/core";
import { IconInbox, IconShieldCheck } from "@tabler/icons-react";
import { Link } from "react-router";

import { useConnections } from "../api/connections";
import { Empty } from "../components/States";

/** Why the list is empty, and the next step. */
export function NoAlerts({ filtered, showAll }: { filtered: boolean; showAll: () => void }) {
  const connections = useConnections().data?.connections;
  const reading = connections?.some((connection) => connection.state === "syncing");
  const stored = connections?.reduce((sum, connection) => sum + connection.messages_stored, 0) ?? 0;
  if (filtered)
    return (
      <Empty
        icon={<IconInbox size={34} stroke={1.3} aria-hidden />}
        title="No alert matches this filter"
        next={
          <Button variant="light" size="xs" onClick={showAll}>
            Show all alerts
          </Button>
        }
      />
    );
  const toConnections = (text: string) => (
    <Anchor component={Link} to="/connections" size="sm">
      {text}
    </Anchor>
  );
  if (connections?.length === 0)
    return (
      <Empty
        icon={<IconInbox size={34} stroke={1.3} aria-hidden />}
        title="No mail is being read yet"
        next={toConnections("Go to Connections")}
      >
        Letterlock needs a connection to your mail first.
      </Empty>
    );
  return (
    <Empty
      icon={<IconShieldCheck size={34} stroke={1.3} aria-hidden />}
      title="No open alerts"
      next={toConnections("See how far reading is")}
    >
      {reading ? "Mail is still being read; alerts appear here as they are found. " : "New ones appear here by themselves. "}
      {stored.toLocaleString("en")} messages read so far.
    </Empty>
  );
}

import "../connections/connections.css";

import { Button } from "@mantine/core";
import { IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { Link } from "react-router";

import { useConnections } from "../api/connections";
import { useMay } from "../api/session";
import { Page } from "../components/Page";
import { Empty, Failed, LoadingRows } from "../components/States";
import { ConnectionCard } from "../connections/ConnectionCard";
import { Jobs } from "../connections/Jobs";
import { Retention } from "../connections/Retention";

export default function Connections() {
  const connections = useConnections();
  const may = useMay();
  const add = may.manage ? (
    <Button component={Link} to="/connections/new" size="xs" leftSection={<IconPlus size={14} aria-hidden />}>
      Connect mail
    </Button>
  ) : null;
  const known = connections.data?.connections;
  return (
    <Page title="Connections" about="Where Letterlock reads your mail, and how far it is." actions={known?.length ? add : null}>
      {connections.isPending && <LoadingRows what="connections" rows={3} />}
      {connections.isError && <Failed error={connections.error} retry={() => void connections.refetch()} />}
      {known?.length === 0 && (
        <div className="panel">
          <Empty icon={<IconPlugConnected size={34} stroke={1.3} aria-hidden />} title="No connection yet" next={add}>
            Letterlock reads mail through a connection to Google Workspace or Microsoft 365.
            {!add && " Ask an owner or admin of your company to add one."}
          </Empty>
        </div>
      )}
      {known?.map((connection) => (
        <ConnectionCard key={connection.connection_id} connection={connection} />
      ))}
      {known && known.length > 0 && <Jobs connections={known} />}
      {known && known.length > 0 && <Retention />}
    </Page>
  );
}

import { Box, Button, Paper } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { lazy, Suspense } from "react";

import { useConnections } from "../api/connections";
import { useMay } from "../api/session";
import { Page } from "../components/Page";
import { Empty, Failed, Loading } from "../components/States";
import { ConnectionCard } from "../connections/ConnectionCard";
import { Jobs } from "../connections/Jobs";

const Connect = lazy(() => import("../connections/Connect"));

export default function Connections() {
  const connections = useConnections();
  const may = useMay();
  const [connecting, { open, close }] = useDisclosure();
  const add = may.manage ? (
    <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={open}>
      Connect mail
    </Button>
  ) : null;
  const known = connections.data?.connections;
  return (
    <Page title="Connections" about="Where Letterlock reads your mail, and how far it is." actions={known?.length ? add : null}>
      {connections.isPending && <Loading what="connections" />}
      {connections.isError && <Failed error={connections.error} retry={() => void connections.refetch()} />}
      {known?.length === 0 && (
        <Paper withBorder className="panel">
          <Empty icon={<IconPlugConnected size={40} stroke={1.2} aria-hidden />} title="No connection yet">
            Letterlock reads mail through a connection to Google Workspace or Microsoft 365.{" "}
            {add ? <Box mt="md">{add}</Box> : "Ask an owner or admin of your company to add one."}
          </Empty>
        </Paper>
      )}
      {known?.map((connection) => (
        <ConnectionCard key={connection.connection_id} connection={connection} />
      ))}
      {known && known.length > 0 && <Jobs connections={known} />}
      {connecting && (
        <Suspense>
          <Connect close={close} />
        </Suspense>
      )}
    </Page>
  );
}

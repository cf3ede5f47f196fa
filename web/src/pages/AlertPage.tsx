import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle, useHotkeys } from "@mantine/hooks";
import { IconArrowLeft } from "@tabler/icons-react";
import { Link, useLocation, useNavigate, useParams } from "react-router";

import { Decide } from "../alert/Decide";
import { Evidence } from "../alert/Evidence";
import { History } from "../alert/History";
import { Message } from "../alert/Message";
import { Why } from "../alert/Why";
import { type AlertDetail, useAlert } from "../api/alerts";
import { SeverityBadge, StatusBadge } from "../components/Severity";
import { Failed, Loading } from "../components/States";
import { Time } from "../components/Time";

export default function AlertPage() {
  const { alertId = "" } = useParams();
  const alert = useAlert(alertId);
  const navigate = useNavigate();
  // Back to the list as it was filtered.
  const search = (useLocation().state as { search?: string } | null)?.search;
  const list = search ? `/alerts?${search}` : "/alerts";
  const back = { from: alertId };
  useHotkeys([["u", () => void navigate(list, { state: back })]]);
  useDocumentTitle(alert.data ? `${alert.data.title} · Letterlock` : "Alert · Letterlock");
  return (
    <Stack gap="md" maw={1180} mx="auto">
      <Anchor component={Link} to={list} state={back} size="sm" underline="hover" w="fit-content" title="Back to the list (u)">
        <Group gap={4}>
          <IconArrowLeft size={16} aria-hidden /> Alerts
        </Group>
      </Anchor>
      {alert.isPending && <Loading what="the alert" />}
      {alert.isError && <Failed error={alert.error} retry={() => void alert.refetch()} />}
      {alert.data && <Detail alert={alert.data} />}
    </Stack>
  );
}

function Detail({ alert }: { alert: AlertDetail }) {
  return (
    <>
      <div>
        <Group gap="xs" mb={6}>
          <SeverityBadge severity={alert.severity} />
          <StatusBadge status={alert.status} />
          <Text size="sm" c="dimmed">
            last seen <Time at={alert.last_seen_at} span inherit />, first seen <Time at={alert.first_seen_at} span inherit />
          </Text>
        </Group>
        <Title order={1} size="h2">
          {alert.title}
        </Title>
      </div>
      <div className="alert-grid">
        <div className="alert-column">
          <Why alert={alert} />
          <Message alertId={alert.alert_id} />
          <Evidence alert={alert} />
        </div>
        <div className="alert-column">
          <Decide alert={alert} />
          <History alert={alert} />
        </div>
      </div>
    </>
  );
}

import { Anchor, Box, Button, Group, Paper, Pill, SegmentedControl, Select, Table, Text } from "@mantine/core";
import { useHotkeys, useMediaQuery } from "@mantine/hooks";
import { IconInbox, IconShieldCheck } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { Link, useLocation, useSearchParams } from "react-router";

import { type Alert, type Severity, severities, statuses, useAlerts, useOpenCounts } from "../api/alerts";
import { useConnections } from "../api/connections";
import { Page } from "../components/Page";
import { SeverityBadge, StatusBadge, statusText } from "../components/Severity";
import { Empty, Failed, Loading } from "../components/States";
import { Time } from "../components/Time";
import { revealInvisible } from "../text/defang";

export default function Alerts() {
  // The filter lives in the address, so that it can be shared and survives a reload. Without one, open alerts are shown.
  const [search, setSearch] = useSearchParams();
  const asked = search.get("status");
  const status = asked === "all" ? undefined : (statuses.find((known) => known === asked) ?? "open");
  const severity = severities.find((known) => known === search.get("severity"));
  const rule = search.get("rule_id");
  const alerts = useAlerts({ ...(status ? { status } : {}), ...(severity ? { severity } : {}), ...(rule ? { rule_id: rule } : {}) });
  const wide = useMediaQuery("(min-width: 48em)", true, { getInitialValueInEffect: false });

  const set = (name: string, value: string | null) =>
    setSearch(
      (old) => {
        const next = new URLSearchParams(old);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const rows = alerts.data?.pages.flatMap((page) => page.alerts) ?? [];
  const list = useRef<HTMLDivElement>(null);
  const move = (step: number) => {
    const links = [...(list.current?.querySelectorAll<HTMLAnchorElement>("a.row-link") ?? [])];
    const now = links.indexOf(document.activeElement as HTMLAnchorElement);
    const next = links[Math.min(Math.max(now + step, 0), links.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  useHotkeys(
    [
      ["j", () => typing() || move(1)],
      ["k", () => typing() || move(-1)],
    ],
    [],
  );
  // Whoever comes back from an alert goes on from there.
  const from = (useLocation().state as { from?: string } | null)?.from;
  const loaded = alerts.data !== undefined;
  useEffect(() => {
    if (from && loaded) list.current?.querySelector<HTMLAnchorElement>(`a.row-link[href$="/${CSS.escape(from)}"]`)?.focus();
  }, [from, loaded]);

  return (
    <Page title="Alerts">
      <Summary severity={status === "open" ? severity : undefined} />
      <Group gap="sm" justify="space-between">
        <Group gap="sm">
          <SegmentedControl
            aria-label="Status"
            size="xs"
            value={status ?? "all"}
            onChange={(value) => set("status", value === "open" ? null : value)}
            data={[...statuses.map((value) => ({ value, label: statusText(value) })), { value: "all", label: "all" }]}
          />
          <Select
            aria-label="Severity"
            placeholder="any severity"
            size="xs"
            w={140}
            clearable
            clearButtonProps={{ "aria-label": "Any severity" }}
            value={severity ?? null}
            onChange={(value) => set("severity", value)}
            data={severities}
          />
          {rule && (
            <Pill
              withRemoveButton
              onRemove={() => set("rule_id", null)}
              removeButtonProps={{ "aria-label": "Any rule", "aria-hidden": false, tabIndex: 0 }}
            >
              rule {rule}
            </Pill>
          )}
        </Group>
        <Text size="xs" c="dimmed" visibleFrom="md">
          <kbd>j</kbd> <kbd>k</kbd> to move, <kbd>Enter</kbd> to open
        </Text>
      </Group>

      {alerts.isPending && <Loading what="alerts" />}
      {alerts.isError && <Failed error={alerts.error} retry={() => void alerts.refetch()} />}
      {alerts.data && rows.length === 0 && (
        <Paper withBorder className="panel">
          <None filtered={status !== "open" || severity !== undefined || rule !== null} showAll={() => setSearch({ status: "all" })} />
        </Paper>
      )}
      {rows.length > 0 && (
        <Paper withBorder className="panel" ref={list} aria-busy={alerts.isPlaceholderData}>
          {wide ? <AlertTable alerts={rows} search={search} /> : <AlertCards alerts={rows} search={search} />}
        </Paper>
      )}
      {alerts.hasNextPage && (
        <Button variant="default" loading={alerts.isFetchingNextPage} onClick={() => void alerts.fetchNextPage()} mx="auto">
          Show older alerts
        </Button>
      )}
    </Page>
  );
}

/** Whether a key belongs to a field; the status buttons are radio inputs, which take no letters. */
function typing(): boolean {
  const focused = document.activeElement;
  return focused instanceof HTMLInputElement && focused.type !== "radio";
}

/** Open alerts by severity; each number leads to its alerts. */
function Summary({ severity }: { severity: Severity | undefined }) {
  const counts = useOpenCounts();
  return (
    <nav aria-label="Open alerts by severity" className="summary">
      {severities.map((one) => (
        <Link
          key={one}
          to={severity === one ? "/alerts" : `/alerts?severity=${one}`}
          className={`summary-tile summary-${one}`}
          aria-current={severity === one ? "true" : undefined}
        >
          <Text fw={700} fz={{ base: 20, sm: 26 }} lh={1.2}>
            {counts.data ? `${counts.data.of[one]}${counts.data.more ? "+" : ""}` : "–"}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {one}
            <Text span inherit visibleFrom="sm">
              , open
            </Text>
          </Text>
        </Link>
      ))}
    </nav>
  );
}

/** Why the list is empty, and the next step. */
function None({ filtered, showAll }: { filtered: boolean; showAll: () => void }) {
  const connections = useConnections().data?.connections;
  const reading = connections?.filter((connection) => connection.state === "syncing");
  const stored = connections?.reduce((sum, connection) => sum + connection.messages_stored, 0) ?? 0;
  if (filtered)
    return (
      <Empty icon={<IconInbox size={40} stroke={1.2} aria-hidden />} title="No alert matches this filter">
        <Button variant="light" size="xs" onClick={showAll}>
          Show all alerts
        </Button>
      </Empty>
    );
  if (connections?.length === 0)
    return (
      <Empty icon={<IconInbox size={40} stroke={1.2} aria-hidden />} title="No mail is being read yet">
        <div>Letterlock needs a connection to your mail first.</div>
        <Anchor component={Link} to="/connections" inherit>
          Go to Connections
        </Anchor>
      </Empty>
    );
  return (
    <Empty icon={<IconShieldCheck size={40} stroke={1.2} aria-hidden />} title="No open alerts">
      {reading?.length ? "Mail is still being read; alerts appear here as they are found. " : "New ones appear here by themselves. "}
      <div>{stored.toLocaleString("en")} messages read so far.</div>
      <Anchor component={Link} to="/connections" inherit>
        See how far reading is
      </Anchor>
    </Empty>
  );
}

interface ListProps {
  alerts: Alert[];
  search: URLSearchParams;
}

function AlertLink({ alert, search }: { alert: Alert; search: URLSearchParams }) {
  return (
    <Link to={`/alerts/${alert.alert_id}`} state={{ search: search.toString() }} className="row-link">
      {alert.title}
    </Link>
  );
}

function Whom({ alert }: { alert: Alert }) {
  return (
    <Text size="sm" c="dimmed" className="breakable">
      {revealInvisible(alert.entity)} → {alert.subject}
      {alert.sightings > 1 && ` · ${alert.sightings} messages`}
    </Text>
  );
}

function AlertTable({ alerts, search }: ListProps) {
  return (
    <Table verticalSpacing="sm" horizontalSpacing="md" layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={112}>Severity</Table.Th>
          <Table.Th>Alert</Table.Th>
          <Table.Th visibleFrom="lg" w="26%">
            Message
          </Table.Th>
          <Table.Th w={120}>Status</Table.Th>
          <Table.Th w={150} ta="right">
            Last seen
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {alerts.map((alert) => (
          <Table.Tr key={alert.alert_id} className="row">
            <Table.Td>
              <SeverityBadge severity={alert.severity} />
            </Table.Td>
            <Table.Td>
              <Text size="sm" component="div">
                <AlertLink alert={alert} search={search} />
              </Text>
              <Whom alert={alert} />
            </Table.Td>
            <Table.Td visibleFrom="lg">
              <Text size="sm" lineClamp={2} className="breakable">
                {revealInvisible(alert.message_subject) || "no subject"}
              </Text>
            </Table.Td>
            <Table.Td>
              <StatusBadge status={alert.status} />
            </Table.Td>
            <Table.Td ta="right">
              <Time at={alert.last_seen_at} size="sm" c="dimmed" className="above-link" />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function AlertCards({ alerts, search }: ListProps) {
  return (
    <ul className="cards">
      {alerts.map((alert) => (
        <li key={alert.alert_id} className="row">
          <Group gap={6} mb={6} justify="space-between" wrap="nowrap">
            <Group gap={6} wrap="nowrap">
              <SeverityBadge severity={alert.severity} />
              <StatusBadge status={alert.status} />
            </Group>
            <Time at={alert.last_seen_at} size="xs" c="dimmed" />
          </Group>
          <AlertLink alert={alert} search={search} />
          <Whom alert={alert} />
          <Box fz="sm" className="breakable">
            {revealInvisible(alert.message_subject)}
          </Box>
        </li>
      ))}
    </ul>
  );
}

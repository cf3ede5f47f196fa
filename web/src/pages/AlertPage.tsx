import { Anchor, Button, Code, Divider, Grid, Group, List, Paper, SimpleGrid, Stack, Table, Text, Textarea, Timeline, Title } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link, useParams } from "react-router";

import { type AlertDetail, type AlertMessage, type AlertStatus, useAlert, useAlertMessage, useChangeAlert } from "../api/alerts";
import { SeverityBadge, StatusBadge, statusText } from "../components/Severity";
import { Failed, Loading } from "../components/States";
import { Time } from "../components/Time";
import { defang, revealInvisible } from "../text/defang";
import { fullTime } from "../text/time";

export function AlertPage() {
  const { alertId = "" } = useParams();
  const alert = useAlert(alertId);
  if (alert.isPending) return <Loading what="the alert" />;
  if (alert.isError) return <Failed error={alert.error} retry={() => void alert.refetch()} />;
  return <Detail alert={alert.data} />;
}

function Detail({ alert }: { alert: AlertDetail }) {
  return (
    <Stack gap="md" maw={1280}>
      <Anchor component={Link} to="/alerts" size="sm">
        <Group gap={4}>
          <IconArrowLeft size={16} /> Alerts
        </Group>
      </Anchor>
      <Group gap="sm" align="center">
        <SeverityBadge severity={alert.severity} />
        <StatusBadge status={alert.status} />
        <Text size="sm" c="dimmed">
          last seen <Time at={alert.last_seen_at} span /> · first seen <Time at={alert.first_seen_at} span />
        </Text>
      </Group>
      <Title order={1} size="h2">
        {alert.title}
      </Title>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Stack gap="md">
            <Why alert={alert} />
            <Message alertId={alert.alert_id} />
            <Evidence alert={alert} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="md">
            <Decide alert={alert} />
            <History alert={alert} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Title order={2} size="h5" mb="sm">
        {title}
      </Title>
      {children}
    </Paper>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="sm" component="div" className="breakable">
        {children}
      </Text>
    </div>
  );
}

function Why({ alert }: { alert: AlertDetail }) {
  return (
    <Section title="Why this alert">
      <Text size="sm" mb="md">
        {alert.description}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }} mb="md">
        <Fact label="About">{revealInvisible(alert.entity)}</Fact>
        <Fact label="Concerns">{alert.subject}</Fact>
        <Fact label="Confidence">{Math.round(alert.confidence * 100)} %</Fact>
        <Fact label="ATT&CK technique">{alert.attack_technique || "none named"}</Fact>
      </SimpleGrid>
      <Text size="xs" c="dimmed" mb={4}>
        Signals
      </Text>
      <Table withRowBorders verticalSpacing={6} layout="fixed">
        <Table.Tbody>
          {alert.evidence.signals.map((signal, index) => (
            <Table.Tr key={index}>
              <Table.Td w="38%">
                <Text size="sm">{signal.name.replaceAll("_", " ")}</Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm" ff="monospace" className="breakable">
                  {revealInvisible(typeof signal.value === "string" ? signal.value : JSON.stringify(signal.value))}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

function Message({ alertId }: { alertId: string }) {
  const message = useAlertMessage(alertId);
  return (
    <Section title="The message">
      {message.isPending && <Loading what="the message" />}
      {message.isError && <Failed error={message.error} retry={() => void message.refetch()} />}
      {message.data && <MessageView message={message.data} />}
    </Section>
  );
}

/** The message as text: no HTML of the sender's is rendered, nothing remote is loaded, links are defanged. */
function MessageView({ message }: { message: AlertMessage }) {
  const of = (kind: string) => message.recipients.filter((recipient) => recipient.kind === kind);
  const people = (kind: string) =>
    of(kind)
      .map((recipient) => (recipient.name ? `${recipient.name} <${recipient.address}>` : recipient.address))
      .join(", ");
  const headers: [string, string][] = [
    ["From", message.from_name ? `${message.from_name} <${message.from_address}>` : message.from_address],
    ["Reply-To", people("reply_to")],
    ["To", people("to")],
    ["Cc", people("cc")],
    ["Subject", message.subject],
    ["Received", fullTime(message.received_at)],
    ["Authentication", message.auth_trusted ? `SPF ${message.spf || "none"}, DKIM ${message.dkim || "none"}, DMARC ${message.dmarc || "none"}` : "the receiver gave no verdict"],
  ];
  return (
    <Stack gap="sm">
      <Table withRowBorders={false} verticalSpacing={2} layout="fixed">
        <Table.Tbody>
          {headers
            .filter(([, value]) => value)
            .map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th w={120} fw={400} c="dimmed" style={{ verticalAlign: "top" }}>
                  {name}
                </Table.Th>
                <Table.Td className="breakable">{revealInvisible(value)}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
      <Divider />
      <div className="message-text">{revealInvisible(message.body_text) || <Text c="dimmed">No text.</Text>}</div>
      {message.quoted_text && (
        <details>
          <summary>
            <Text span size="sm" c="dimmed">
              Quoted text
            </Text>
          </summary>
          <div className="message-text">{revealInvisible(message.quoted_text)}</div>
        </details>
      )}
      {message.links.length > 0 && (
        <>
          <Text size="xs" c="dimmed">
            Links ({message.links.length}), made unclickable
          </Text>
          <List size="sm" spacing={4}>
            {message.links.map((link, index) => (
              <List.Item key={index} className="breakable">
                {link.display_text && <Text span>{revealInvisible(defang(link.display_text))} → </Text>}
                <Code>{defang(link.url)}</Code>
              </List.Item>
            ))}
          </List>
        </>
      )}
      {message.attachments.length > 0 && (
        <>
          <Text size="xs" c="dimmed">
            Attachments ({message.attachments.length})
          </Text>
          <List size="sm" spacing={4}>
            {message.attachments.map((attachment, index) => (
              <List.Item key={index} className="breakable">
                {revealInvisible(attachment.filename) || "unnamed"} · {attachment.sniffed_type || attachment.declared_type} · {Math.ceil(attachment.size_bytes / 1024)} KB
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Stack>
  );
}

function Evidence({ alert }: { alert: AlertDetail }) {
  return (
    <Section title="Evidence that can be run again">
      <Text size="sm" mb="xs">
        Rule <Code>{alert.rule_id}</Code>, version <Code>{alert.rule_version.slice(0, 12)}</Code>. {alert.sightings === 1 ? "One message" : `${alert.sightings} messages`} so far:
      </Text>
      <List size="sm" spacing={2} mb="sm">
        {alert.sighting_list.map((sighting) => (
          <List.Item key={`${sighting.mailbox_id}/${sighting.provider_message_id}`} className="breakable">
            {sighting.subject}: “{sighting.message_subject}” <Time at={sighting.observed_at} span c="dimmed" />
          </List.Item>
        ))}
      </List>
      <details>
        <summary>
          <Text span size="sm">
            The statement and its parameters
          </Text>
        </summary>
        <Code block mt="xs" mah={420} style={{ overflow: "auto" }} tabIndex={0}>
          {alert.query_sql}
        </Code>
        <Code block mt="xs">
          {JSON.stringify(alert.query_parameters, null, 2)}
        </Code>
      </details>
    </Section>
  );
}

const actions: { status: AlertStatus; label: string; color: string }[] = [
  { status: "in_progress", label: "I am looking at it", color: "violet" },
  { status: "resolved", label: "Resolve", color: "teal" },
  { status: "dismissed", label: "Dismiss", color: "gray" },
  { status: "open", label: "Open again", color: "blue" },
];

function Decide({ alert }: { alert: AlertDetail }) {
  const [note, setNote] = useState("");
  const change = useChangeAlert(alert.alert_id);
  const apply = (status?: AlertStatus) =>
    change.mutate({ ...(status ? { status } : {}), ...(note.trim() ? { note: note.trim() } : {}) }, { onSuccess: () => setNote("") });
  return (
    <Section title="What to do">
      {alert.runbook && (
        <Text size="sm" mb="md" className="message-text">
          {alert.runbook}
        </Text>
      )}
      <Textarea label="Note" placeholder="What you found, for the next person" autosize minRows={2} maxLength={4000} value={note} onChange={(event) => setNote(event.currentTarget.value)} mb="sm" />
      <Group gap="xs">
        {actions
          .filter(({ status }) => status !== alert.status && !(status === "open" && alert.status === "in_progress"))
          .map(({ status, label, color }) => (
            <Button key={status} size="xs" variant="light" color={color} loading={change.isPending} onClick={() => apply(status)}>
              {label}
            </Button>
          ))}
        <Button size="xs" variant="default" disabled={!note.trim()} loading={change.isPending} onClick={() => apply()}>
          Add note
        </Button>
      </Group>
      {change.isError && <Failed error={change.error} />}
    </Section>
  );
}

function History({ alert }: { alert: AlertDetail }) {
  return (
    <Section title="History">
      <Timeline bulletSize={12} lineWidth={2}>
        {alert.history.map((event, index) => (
          <Timeline.Item key={index} title={<Text size="sm">{event.status ? statusText(event.status) : event.kind}</Text>}>
            {event.note && (
              <Text size="sm" className="breakable">
                {event.note}
              </Text>
            )}
            <Text size="xs" c="dimmed">
              {event.actor} · <Time at={event.at} span />
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  );
}

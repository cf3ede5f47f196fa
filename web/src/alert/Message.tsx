import { Alert, Code, Group, List, Stack, Text } from "@mantine/core";

import { type AlertMessage, useAlertMessage } from "../api/alerts";
import { StateBadge } from "../components/Severity";
import { Failed, Loading } from "../components/States";
import { defang, defangText, revealInvisible } from "../text/defang";
import { sizeText } from "../text/size";
import { fullTime } from "../text/time";
import { Section } from "./Section";
import { SettingHistory } from "./Setting";

export function Message({ alertId }: { alertId: string }) {
  const message = useAlertMessage(alertId);
  return (
    <Section title={message.data?.setting ? "The mailbox setting" : "The message"} order={3}>
      {message.isPending && <Loading what="the message" />}
      {message.isError && (
        <Failed
          error={message.error}
          retry={() => void message.refetch()}
          missing="The message is not in the mail store any more. The signals and the history stay."
        />
      )}
      {message.data?.setting && <SettingHistory history={message.data.setting} />}
      {message.data && !message.data.setting && <MessageView message={message.data} />}
    </Section>
  );
}

const person = (name: string, address: string) => revealInvisible(name ? `${name} <${address}>` : address);

/** The message as text: no HTML of the sender's is rendered, nothing remote is loaded, links are defanged. */
function MessageView({ message }: { message: AlertMessage }) {
  const people = (kind: string) =>
    message.recipients
      .filter((recipient) => recipient.kind === kind)
      .map((recipient) => person(recipient.name, recipient.address))
      .join(", ");
  const headers: [string, string][] = [
    ["From", person(message.from_name, message.from_address)],
    ["Reply-To", people("reply_to")],
    ["To", people("to")],
    ["Cc", people("cc")],
    ["Bcc", people("bcc")],
    ["Subject", revealInvisible(message.subject) || "no subject"],
    ["Received", fullTime(message.received_at)],
  ];
  return (
    <Stack gap="md">
      {message.removed_at && (
        <Alert color="gray" p="xs">
          Removed from the mailbox on {fullTime(message.removed_at)}; this is Letterlock’s copy.
        </Alert>
      )}
      <dl className="facts">
        {headers.filter(([, value]) => value).map(([name, value]) => [<dt key={`${name}-name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
        <dt>Sender proof</dt>
        <dd>
          {message.auth_trusted ? (
            <Group gap={6}>
              <Verdict name="SPF" verdict={message.spf} />
              <Verdict name="DKIM" verdict={message.dkim} />
              <Verdict name="DMARC" verdict={message.dmarc} />
            </Group>
          ) : (
            "The receiving server gave no verdict"
          )}
        </dd>
      </dl>
      {message.body_text ? (
        <div className="message-text" data-testid="message-text">
          {revealInvisible(defangText(message.body_text))}
        </div>
      ) : (
        <Text size="sm" c="dimmed">
          The message has no text of its own.
        </Text>
      )}
      {message.quoted_text && (
        <details>
          <summary>Quoted text</summary>
          <div className="message-text quoted" style={{ marginTop: 8 }}>
            {revealInvisible(defangText(message.quoted_text))}
          </div>
        </details>
      )}
      {message.links.length > 0 && (
        <div>
          <Text size="sm" fw={600} mb={4}>
            {message.links.length === 1 ? "1 link" : `${message.links.length} links`}, made unclickable
          </Text>
          <List size="sm" spacing={6}>
            {message.links.map((link, index) => (
              <List.Item key={index} className="breakable">
                {link.display_text && link.display_text !== link.url && <>{revealInvisible(defang(link.display_text))} → </>}
                <Code className="code">{revealInvisible(defang(link.url))}</Code>
              </List.Item>
            ))}
          </List>
        </div>
      )}
      {message.attachments.length > 0 && (
        <div>
          <Text size="sm" fw={600} mb={4}>
            {message.attachments.length === 1 ? "1 attachment" : `${message.attachments.length} attachments`}
          </Text>
          <List size="sm" spacing={6}>
            {message.attachments.map((attachment, index) => (
              <List.Item key={index} className="breakable" title={`SHA-256 ${attachment.sha256}`}>
                {revealInvisible(attachment.filename) || "unnamed"}{" "}
                <Text span size="sm" c="dimmed">
                  {attachment.sniffed_type || attachment.declared_type}, {sizeText(attachment.size_bytes)}
                </Text>
              </List.Item>
            ))}
          </List>
        </div>
      )}
    </Stack>
  );
}

function Verdict({ name, verdict }: { name: string; verdict: string }) {
  const tone = verdict === "pass" ? "good" : verdict.includes("fail") ? "bad" : "quiet";
  return <StateBadge tone={tone}>{`${name} ${verdict || "none"}`}</StateBadge>;
}

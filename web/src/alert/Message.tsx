import { Alert, Select, Text } from "@mantine/core";
import { useState } from "react";

import { type AlertDetail, type AlertMessage, useAlertMessage } from "../api/alerts";
import { useMay } from "../api/session";
import { ApiError } from "../api/client";
import { offers } from "../api/offered";
import { Panel } from "../components/Panel";
import { StateBadge } from "../components/Severity";
import { Failed, Loading } from "../components/States";
import { defang, defangText, revealInvisible } from "../text/defang";
import { sizeText } from "../text/size";
import { fullTime } from "../text/time";
import { SettingHistory } from "./Setting";

/** The message of one sighting, the newest at first. */
export function Message({ alert }: { alert: AlertDetail }) {
  const [index, setIndex] = useState("");
  const may = useMay();
  if (!may.act)
    return (
      <Panel title="The message" className="order-3">
        <Text size="sm" c="dimmed">
          Your role, viewer, does not open messages. An analyst, admin or owner can; each reading is in the audit log.
        </Text>
      </Panel>
    );
  // Which of several sightings is read came with the other parts of alerts.
  const several = alert.sighting_list.length > 1 && offers("list_similar_messages") ? alert.sighting_list : [];
  return (
    <Shown
      alertId={alert.alert_id}
      sighting={several[Number(index)] && index !== "" ? several[Number(index)] : undefined}
      choose={
        several.length > 0 && (
          <Select
            size="xs"
            w={260}
            aria-label="Which sighting"
            allowDeselect={false}
            value={index}
            onChange={(value) => setIndex(value ?? "")}
            data={[
              { value: "", label: `newest of ${several.length}` },
              ...several.map((one, at) => ({ value: String(at), label: `${one.subject}, ${fullTime(one.observed_at)}` })),
            ]}
          />
        )
      }
    />
  );
}

function Shown({
  alertId,
  sighting,
  choose,
}: {
  alertId: string;
  sighting?: AlertDetail["sighting_list"][number];
  choose: React.ReactNode;
}) {
  const message = useAlertMessage(alertId, sighting);
  return (
    <Panel title={message.data?.setting ? "The mailbox setting" : "The message"} actions={choose} className="order-3">
      {message.isPending && <Loading what="the message" />}
      {message.isError && (
        <Failed
          error={message.error}
          retry={() => void message.refetch()}
          missing={
            message.error instanceof ApiError && message.error.detail
              ? message.error.detail
              : "The message is not in the mail store any more. The signals and the history stay."
          }
        />
      )}
      {message.error instanceof ApiError && message.error.status === 403 && (
        <Text size="sm" c="dimmed">
          Ask an owner or admin of your company for the role analyst.
        </Text>
      )}
      {message.data?.setting && <SettingHistory history={message.data.setting} />}
      {message.data && !message.data.setting && <MessageView message={message.data} />}
    </Panel>
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
    <div className="message">
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
            <span className="verdicts">
              <Verdict name="SPF" verdict={message.spf} />
              <Verdict name="DKIM" verdict={message.dkim} />
              <Verdict name="DMARC" verdict={message.dmarc} />
            </span>
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
          <div className="message-text quoted">{revealInvisible(defangText(message.quoted_text))}</div>
        </details>
      )}
      {message.links.length > 0 && (
        <div>
          <h3 className="message-part">
            {message.links.length === 1 ? "1 link" : `${message.links.length} links`} <span>made unclickable</span>
          </h3>
          <ul className="message-list">
            {message.links.map((link, index) => (
              <li key={index}>
                {link.display_text && link.display_text !== link.url && <>{revealInvisible(defang(link.display_text))} → </>}
                <code>{revealInvisible(defang(link.url))}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
      {message.attachments.length > 0 && (
        <div>
          <h3 className="message-part">
            {message.attachments.length === 1 ? "1 attachment" : `${message.attachments.length} attachments`}{" "}
            <span>not opened, not downloadable</span>
          </h3>
          <ul className="message-list">
            {message.attachments.map((attachment, index) => (
              <li key={index} title={`SHA-256 ${attachment.sha256}`}>
                {revealInvisible(attachment.filename) || "unnamed"}{" "}
                <span className="message-about">
                  {attachment.sniffed_type || attachment.declared_type}, {sizeText(attachment.size_bytes)}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function Verdict({ name, verdict }: { name: string; verdict: string }) {
  const tone = verdict === "pass" ? "good" : verdict.includes("fail") ? "bad" : "quiet";
  return <StateBadge tone={tone}>{`${name} ${verdict || "none"}`}</StateBadge>;
}

import { Text, Timeline } from "@mantine/core";

import type { AlertDetail } from "../api/alerts";
import { statusText } from "../components/Severity";
import { Time } from "../components/Time";
import { Section } from "./Section";

type Event = AlertDetail["history"][number];

/** A change of status is named by the new one; anything else ("created", "note") by its kind. */
const what = (event: Event) => statusText(event.kind === "status" && event.status ? event.status : event.kind);

/** Who did what when; the newest first. */
export function History({ alert }: { alert: AlertDetail }) {
  return (
    <Section title="History" order={5}>
      <Timeline bulletSize={12} lineWidth={2}>
        {alert.history.map((event, index) => (
          <Timeline.Item
            key={index}
            title={
              <Text size="sm" fw={500}>
                {what(event)}
              </Text>
            }
          >
            {event.note && (
              <Text size="sm" className="breakable" style={{ whiteSpace: "pre-wrap" }}>
                {event.note}
              </Text>
            )}
            <Text size="xs" c="dimmed" className="breakable">
              {event.actor}, <Time at={event.at} span inherit />
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  );
}

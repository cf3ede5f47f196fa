import { subjectText } from "./subject";

interface Sighting {
  subject: string;
  message_subject: string;
  observed_at: string;
}
interface Event {
  kind: string;
  status?: string;
  assignee?: string;
  feedback?: string;
  note?: string;
  actor: string;
  at: string;
}
export interface Moment {
  at: string;
  title: string;
  /** Who did it, or whose mailbox it was. */
  who: string;
  note?: string;
  kind: string;
}

function titleOf(event: Event): string {
  const said = (text: string) => text.replaceAll("_", " ");
  switch (event.kind) {
    case "created":
      return "Alert made";
    case "status":
      return event.status ? `Status: ${said(event.status)}` : "Status";
    case "assignee":
      return event.assignee ? `Assigned to ${event.assignee}` : "Assigned to nobody";
    case "feedback":
      return event.feedback ? `Feedback: ${said(event.feedback)}` : "Feedback taken back";
    case "note":
      return "Note";
    default:
      return said(event.kind);
  }
}

/** What arrived and what people did, the newest first. */
export function timeline({ rule_id, sighting_list, history }: { rule_id: string; sighting_list: Sighting[]; history: Event[] }): Moment[] {
  const seen = sighting_list.map((sighting) => ({
    at: sighting.observed_at,
    title: `Seen: ${subjectText(sighting.message_subject, rule_id)}`,
    who: sighting.subject,
    kind: "sighting",
  }));
  const done = history.map((event) => ({
    at: event.at,
    title: titleOf(event),
    who: event.actor,
    note: event.note || undefined,
    kind: event.kind,
  }));
  return [...seen, ...done].sort((left, right) => Date.parse(right.at) - Date.parse(left.at));
}

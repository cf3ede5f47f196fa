import type { components } from "../api/schema";
import { fullTime } from "./time";

type Retention = components["schemas"]["Retention"];

/** Rules compare with what a company's correspondents did before; with less history they find more that is new. */
export const fewDays = 180;

const days = (count: number) => (count === 1 ? "1 day" : `${count.toLocaleString("en")} days`);
const messages = (count: number) => (count === 1 ? "1 message was" : `${count.toLocaleString("en")} messages were`);

/** How long mail is kept, and what was deleted for its age. */
export function keptText({ retention_days, messages_erased, erased_at, checked_at, problem }: Retention): string {
  const sentences = [
    retention_days
      ? `Mail is kept for ${days(retention_days)} after it was received.`
      : "Mail is kept until your company leaves Letterlock.",
  ];
  if (messages_erased > 0)
    sentences.push(`${messages(messages_erased)} deleted so far${erased_at ? `, the last on ${fullTime(erased_at)}` : ""}.`);
  if (retention_days && !checked_at && !problem) sentences.push("Deleting what is older is under way.");
  return sentences.join(" ");
}

/** What few days do to the rules; empty where they do nothing. */
export const historyText = (wanted: number | null): string =>
  wanted === null || wanted >= fewDays
    ? ""
    : `Rules see the mail that is left and no more. With ${days(wanted)} of history, somebody who last wrote before that looks like a stranger, ` +
      "and a bank account that was named before that looks new: expect more alerts of that kind, and weaker reasons.";

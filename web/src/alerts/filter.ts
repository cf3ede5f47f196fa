import { type AlertFilter, severities, statuses } from "../api/alerts";

const feedbacks = ["fraud", "not_fraud", "none"] as const;

/** How far back "seen last" can be narrowed, in days. */
export const seenDays = [1, 7, 30] as const;

/** What the list is narrowed by, as it stands in the address: the API's words, and `seen_days` before now. */
export type ListFilter = Omit<AlertFilter, "seen_from" | "seen_to" | "cursor" | "limit"> & { seen_days?: (typeof seenDays)[number] };

/** Without a status in the address open alerts are shown; "all" shows every status. What the address says wrongly is left out. */
export function filterOf(search: URLSearchParams): ListFilter {
  const asked = search.getAll("status");
  const known = statuses.filter((status) => asked.includes(status));
  const severity = severities.filter((one) => search.getAll("severity").includes(one));
  const feedback = feedbacks.find((one) => one === search.get("feedback"));
  const days = seenDays.find((one) => String(one) === search.get("seen_days"));
  const text = (name: string, max: number) => (search.get(name) ?? "").slice(0, max).trim();
  const rule_id = text("rule_id", 200);
  const assignee = text("assignee", 36);
  const entity = text("entity", 320);
  const subject = text("subject", 320);
  const words = text("search", 200);
  return {
    ...(asked.includes("all") ? {} : { status: known.length > 0 ? known : ["open"] }),
    ...(severity.length > 0 ? { severity } : {}),
    ...(rule_id ? { rule_id } : {}),
    ...(assignee ? { assignee } : {}),
    ...(entity ? { entity } : {}),
    ...(subject ? { subject } : {}),
    ...(feedback ? { feedback } : {}),
    ...(search.get("names_payment_instrument") === "true" ? { names_payment_instrument: true } : {}),
    ...(days ? { seen_days: days } : {}),
    ...(words ? { search: words } : {}),
  };
}

/** The address of a filter; the shortest one, so that equal filters have equal addresses. */
export function searchOf(filter: ListFilter): URLSearchParams {
  const search = new URLSearchParams();
  const isDefault = filter.status?.length === 1 && filter.status[0] === "open";
  if (!filter.status || filter.status.length === 0) search.set("status", "all");
  else if (!isDefault) for (const one of statuses.filter((status) => filter.status?.includes(status))) search.append("status", one);
  for (const one of severities.filter((severity) => filter.severity?.includes(severity))) search.append("severity", one);
  const rest = {
    rule_id: filter.rule_id,
    assignee: filter.assignee,
    entity: filter.entity,
    subject: filter.subject,
    feedback: filter.feedback,
    names_payment_instrument: filter.names_payment_instrument ? "true" : undefined,
    seen_days: filter.seen_days ? String(filter.seen_days) : undefined,
    search: filter.search,
  };
  for (const [name, value] of Object.entries(rest)) if (value) search.set(name, value);
  return search;
}

/** What is asked of the API. Days are counted back from the begin of this hour, so that polls ask the same question. */
export function queryOf({ seen_days, ...filter }: ListFilter, nowMs: number): AlertFilter {
  if (!seen_days) return filter;
  const hourMs = 3_600_000;
  return { ...filter, seen_from: new Date(Math.floor(nowMs / hourMs) * hourMs - seen_days * 24 * hourMs).toISOString() };
}

export interface View {
  name: string;
  filter: ListFilter;
}

/** The filters that everybody has. */
export const views: View[] = [
  { name: "Open", filter: { status: ["open"] } },
  { name: "In progress", filter: { status: ["in_progress"] } },
  { name: "Mine", filter: { status: ["open", "in_progress"], assignee: "me" } },
  { name: "Names a bank account", filter: { status: ["open", "in_progress"], names_payment_instrument: true } },
  { name: "Decided", filter: { status: ["resolved", "dismissed"] } },
  { name: "All", filter: {} },
];

import {
  IconActivityHeartbeat,
  IconBell,
  IconBellOff,
  IconBuilding,
  IconClipboardList,
  IconHome2,
  IconInbox,
  IconKey,
  IconListCheck,
  IconPlugConnected,
  IconRuler2,
  IconUsers,
  IconWebhook,
} from "@tabler/icons-react";

import { offers } from "../api/offered";
import type { Session } from "../api/session";

export interface Place {
  to: string;
  label: string;
  icon: typeof IconBell;
  /** What leads there from the keyboard, after "g". */
  key: string;
}
export interface PlaceGroup {
  name: string;
  places: Place[];
}

const rank = { viewer: 0, analyst: 1, admin: 2, owner: 3 };

/** Whether the signed-in person's role is at least this one. The server decides; this spares people what it would refuse. */
export const atLeast = (session: Session, role: keyof typeof rank) => rank[session.role] >= rank[role];

/** The pages that a person can go to, by group. What the server does not answer, or would refuse to the role, is left out. */
export function placesOf(session: Session): PlaceGroup[] {
  const company = session.tenant_id !== undefined;
  const admin = company && atLeast(session, "admin");
  const groups: { name: string; places: (Place | false | undefined)[] }[] = [
    {
      name: "Work",
      places: [
        company && offers("get_alert_statistics") && { to: "/overview", label: "Overview", icon: IconHome2, key: "o" },
        company && { to: "/alerts", label: "Alerts", icon: IconBell, key: "a" },
      ],
    },
    {
      name: "Mail",
      places: [
        company && { to: "/connections", label: "Connections", icon: IconPlugConnected, key: "c" },
        company && offers("list_mailboxes") && { to: "/mailboxes", label: "Mailboxes", icon: IconInbox, key: "m" },
      ],
    },
    {
      name: "Detection",
      places: [
        company && { to: "/rules", label: "Rules", icon: IconRuler2, key: "r" },
        company && offers("list_suppressions") && { to: "/suppressions", label: "Suppressions", icon: IconBellOff, key: "s" },
      ],
    },
    {
      name: "Company",
      places: [
        company && offers("list_people") && { to: "/people", label: "People", icon: IconUsers, key: "p" },
        admin && offers("list_api_keys") && { to: "/api-keys", label: "API keys", icon: IconKey, key: "k" },
        admin && offers("list_webhooks") && { to: "/webhooks", label: "Webhooks", icon: IconWebhook, key: "w" },
        admin && offers("list_audit_log") && { to: "/audit-log", label: "Audit log", icon: IconClipboardList, key: "l" },
      ],
    },
    {
      name: "Installation",
      places: [
        session.operator && { to: "/tenants", label: "Tenants", icon: IconBuilding, key: "t" },
        session.operator && offers("get_installation") && { to: "/health", label: "Health", icon: IconActivityHeartbeat, key: "h" },
        session.operator && offers("list_installation_jobs") && { to: "/jobs", label: "Jobs", icon: IconListCheck, key: "j" },
      ],
    },
  ];
  return groups
    .map(({ name, places }) => ({ name, places: places.filter((place) => typeof place === "object") }))
    .filter(({ places }) => places.length > 0);
}

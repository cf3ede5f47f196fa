/** What a mailbox setting does, in words. */
export type Setting = {
  kind: "rule" | "auto_forward" | "forwarding_address" | "delegate" | "automatic_reply";
  setting_id: string;
  name: string;
  is_enabled: boolean;
  forward_to: string[];
  move_to: string;
  deletes: boolean;
  marks_read: boolean;
  words: string[];
  senders: string[];
};

const kinds: Record<Setting["kind"], string> = {
  rule: "Inbox rule or filter",
  auto_forward: "Automatic forwarding of all mail",
  forwarding_address: "Address that mail may be forwarded to",
  delegate: "Another person with access to the mailbox",
  automatic_reply: "Automatic reply",
};

export const settingKind = (setting: Setting) => kinds[setting.kind];

const quoted = (texts: string[]) => texts.map((text) => `“${text}”`).join(", ");

/** One sentence part per effect: "forwards mail to …", "moves it to …". */
export function settingEffects(setting: Setting): string[] {
  const effects: string[] = [];
  const targets = setting.forward_to.join(", ");
  if (setting.kind === "delegate") return [`lets ${targets} read and send mail`];
  if (setting.kind === "forwarding_address") return [`allows forwarding to ${targets}`];
  if (setting.kind === "automatic_reply") return ["answers mail by itself"];
  if (targets) effects.push(`forwards mail to ${targets}`);
  if (setting.move_to) effects.push(`moves it to “${setting.move_to}”`);
  if (setting.deletes) effects.push("deletes it");
  if (setting.marks_read) effects.push("marks it as read");
  return effects;
}

/** Which mail it applies to. */
export function settingConditions(setting: Setting): string {
  const conditions: string[] = [];
  if (setting.words.length > 0) conditions.push(`mail that contains ${quoted(setting.words)}`);
  if (setting.senders.length > 0) conditions.push(`mail from ${quoted(setting.senders)}`);
  if (conditions.length > 0) return conditions.join(", or "); // the provider's own text says how they combine
  return setting.kind === "rule" ? "all mail, or what its definition says" : "all mail";
}

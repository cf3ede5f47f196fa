import { expect, test } from "vitest";

import { plainReasons, signalName, signalValue } from "./signals";

test("signals become sentences in the rule's order, and points stay out", () =>
  expect(
    plainReasons([
      { name: "reply_to", value: "x@evil.example" },
      { name: "sender_points", value: "1.5" },
      { name: "authentication", value: "failed" },
      { name: "text_score", value: "0.87" },
    ]),
  ).toEqual([
    "An answer would go to x@evil.example, not to the sender.",
    "The receiving server found that it does not come from where it says.",
    "Its text argues like this kind of fraud: 87 %.",
  ]));

test("a signal that is no text is shown as JSON", () => {
  expect(signalValue(["a", 1])).toBe('["a",1]');
  expect(signalName("free_mail")).toBe("Free mail");
});

// What says the same as another signal, or as the alert's own fields, needs no sentence.
const silent = [
  "addressing_points",
  "compauth",
  "dkim",
  "dmarc",
  "dress_points",
  "envelope_sender",
  "form",
  "from",
  "link_points",
  "links",
  "name",
  "reason",
  "sender_address",
  "sender_domain",
  "sender_points",
  "senders",
  "setting",
  "shown_name",
  "spf",
];
test("every signal of the rule pack has a sentence, or a reason to have none", () => {
  const rules = import.meta.glob<string>("../../../rules/*/*.sql", { query: "?raw", import: "default", eager: true });
  const names = Object.values(rules).flatMap((sql) => [...sql.matchAll(/\{name: '(\w+)'/g)].map((match) => match[1]!));
  expect(names.length).toBeGreaterThan(20);
  expect([...new Set(names)].filter((name) => !silent.includes(name) && plainReasons([{ name, value: "1" }]).length === 0)).toEqual([]);
});

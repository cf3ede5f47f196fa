import { expect, test } from "vitest";

import { type Setting, settingConditions, settingEffects, settingKind } from "./setting";

const rule: Setting = {
  kind: "rule",
  setting_id: "1",
  name: "tidy",
  is_enabled: true,
  forward_to: ["x@evil.example", "y@evil.example"],
  move_to: "rss feeds",
  deletes: true,
  marks_read: true,
  words: ["invoice", "bank"],
  senders: ["boss@acme.example"],
};

test("a rule says what it does and to which mail", () => {
  expect(settingEffects(rule)).toEqual([
    "forwards mail to x@evil.example, y@evil.example",
    "moves it to “rss feeds”",
    "deletes it",
    "marks it as read",
  ]);
  expect(settingConditions(rule)).toBe("mail that contains “invoice”, “bank”, or mail from “boss@acme.example”");
});

test("forwarding and delegates have words of their own", () => {
  const bare = { ...rule, forward_to: ["x@evil.example"], move_to: "", deletes: false, marks_read: false, words: [], senders: [] };
  expect(settingEffects({ ...bare, kind: "delegate" })).toEqual(["lets x@evil.example read and send mail"]);
  expect(settingEffects({ ...bare, kind: "forwarding_address" })).toEqual(["allows forwarding to x@evil.example"]);
  expect(settingEffects({ ...bare, kind: "auto_forward" })).toEqual(["forwards mail to x@evil.example"]);
  expect(settingConditions({ ...bare, kind: "auto_forward" })).toBe("all mail");
  expect(settingKind({ ...bare, kind: "delegate" })).toBe("Another person with access to the mailbox");
});

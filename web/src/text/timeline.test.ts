import { expect, test } from "vitest";

import { timeline } from "./timeline";

test("what arrived and what people did stand in one order, the newest first", () => {
  const moments = timeline({
    rule_id: "mail/fake_thread",
    sighting_list: [{ subject: "bob@acme.example", message_subject: "", observed_at: "2026-11-01T10:00:00Z" }],
    history: [
      { kind: "created", actor: "analysis", at: "2026-11-01T10:01:00Z" },
      { kind: "status", status: "in_progress", note: "Asked", actor: "jane@acme.example", at: "2026-11-01T11:00:00Z" },
      { kind: "assignee", assignee: "", actor: "jane@acme.example", at: "2026-11-01T11:30:00+02:00" },
      { kind: "feedback", feedback: "not_fraud", actor: "jane@acme.example", at: "2026-11-01T11:30:00Z" },
    ],
  });
  expect(moments.map(({ title, note }) => [title, note])).toEqual([
    ["Feedback: not fraud", undefined],
    ["Status: in progress", "Asked"],
    ["Alert made", undefined],
    ["Seen: no subject", undefined],
    ["Assigned to nobody", undefined],
  ]);
});

test("a mailbox's setting has no subject", () => {
  const seen = [{ subject: "bob@acme.example", message_subject: "", observed_at: "2026-11-01T10:00:00Z" }];
  const [moment] = timeline({ rule_id: "mailbox/hiding_rule", sighting_list: seen, history: [] });
  expect(moment?.title).toBe("Seen: a setting of the mailbox");
});

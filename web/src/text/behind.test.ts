import { expect, test } from "vitest";

import { behindText, isLate } from "./behind";

const now = Date.parse("2026-12-01T12:00:00Z");

test("nothing waits", () => {
  expect(behindText(0, "2026-12-01T00:00:00Z", now)).toBe("");
});

test("how much waits, and for how long", () => {
  expect(behindText(1, "2026-12-01T11:59:00Z", now)).toBe("1 message or setting, 1 minute");
  expect(behindText(1234, "2026-12-01T10:30:00Z", now)).toBe("1,234 messages and settings, 90 minutes");
  expect(behindText(7, "2026-12-01T06:59:00Z", now)).toBe("7 messages and settings, 5 hours");
  expect(behindText(7, undefined, now)).toBe("7 messages and settings");
  expect(behindText(7, "2026-12-01T12:00:05Z", now)).toBe("7 messages and settings, 0 minutes");
});

test("late after half an hour", () => {
  expect(isLate("2026-12-01T11:45:00Z", now)).toBe(false);
  expect(isLate("2026-12-01T11:29:00Z", now)).toBe(true);
  expect(isLate(undefined, now)).toBe(false);
});

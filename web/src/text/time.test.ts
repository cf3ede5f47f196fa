import { expect, it } from "vitest";

import { ago } from "./time";

const now = new Date("2026-11-23T12:00:00Z");
it.each([
  ["2026-11-23T11:59:30Z", "just now"],
  ["2026-11-23T11:30:00Z", "30 minutes ago"],
  ["2026-11-23T09:00:00Z", "3 hours ago"],
  ["2026-11-22T11:00:00Z", "yesterday"],
  ["2026-10-01T12:00:00Z", "last month"],
])("%s is %s", (time, text) => expect(ago(time, now)).toBe(text));

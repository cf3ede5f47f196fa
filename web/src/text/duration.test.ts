import { expect, it } from "vitest";

import { durationText } from "./duration";

it.each([
  [0.2, "under 1 s"],
  [45, "45 s"],
  [300, "5 min"],
  [12_000, "3 h 20 min"],
  [7_200, "2 h"],
  [86_400, "1 day"],
  [400_000, "5 days"],
])("%f seconds are %s", (seconds, text) => expect(durationText(seconds)).toBe(text));

import { expect, it } from "vitest";

import { initials } from "./initials";

it.each([
  ["Jane Doe", "JD"],
  ["jane.van-doe@acme.example", "JD"],
  ["admin@acme.example", "A"],
  ["Ødegård", "Ø"],
  ["", "?"],
])("%s is %s", (name, letters) => expect(initials(name)).toBe(letters));

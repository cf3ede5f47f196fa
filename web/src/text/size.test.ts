import { expect, it } from "vitest";

import { sizeText } from "./size";

it.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1_400, "1.4 kB"],
  [25_000_000, "25 MB"],
])("%i is %s", (bytes, text) => expect(sizeText(bytes)).toBe(text));

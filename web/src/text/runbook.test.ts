import { describe, expect, it } from "vitest";

import { partRunbook } from "./runbook";

describe("partRunbook", () => {
  it("takes what to do out of the rest, and drops the title", () =>
    expect(partRunbook("# Title\n\n**What it means.** Fraud.\n\n**What to do.** Call\nback.\n\n**Known gaps.** Many.\n")).toEqual({
      todo: "Call\nback.",
      rest: "**What it means.** Fraud.\n\n**Known gaps.** Many.",
    }));
  it("keeps a text of another shape whole", () => expect(partRunbook("Call back.")).toEqual({ todo: "Call back.", rest: "" }));
});

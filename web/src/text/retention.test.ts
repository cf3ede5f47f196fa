import { describe, expect, it } from "vitest";

import { historyText, keptText } from "./retention";

describe("keptText", () => {
  it("says that mail is kept where nothing is set", () => {
    expect(keptText({ messages_erased: 0, problem: "" })).toBe("Mail is kept until your company leaves Letterlock.");
  });
  it("says that deleting is under way until nothing old is left", () => {
    expect(keptText({ retention_days: 1, messages_erased: 0, problem: "" })).toBe(
      "Mail is kept for 1 day after it was received. Deleting what is older is under way.",
    );
    expect(keptText({ retention_days: 400, messages_erased: 0, problem: "", checked_at: "2026-01-01T00:00:00Z" })).toBe(
      "Mail is kept for 400 days after it was received.",
    );
  });
  it("does not say so while it fails, and counts what is gone for good", () => {
    const text = keptText({ retention_days: 30, messages_erased: 1200, erased_at: "2026-01-01T00:00:00Z", problem: "the disk is full" });
    expect(text).not.toContain("under way");
    expect(text).toContain("1,200 messages were deleted so far, the last on");
    expect(keptText({ messages_erased: 1, problem: "" })).toContain("1 message was deleted so far.");
  });
});

describe("historyText", () => {
  it("warns where rules lose the history that they need", () => {
    expect(historyText(null)).toBe("");
    expect(historyText(365)).toBe("");
    expect(historyText(30)).toContain("With 30 days of history");
  });
});

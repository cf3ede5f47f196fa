import { describe, expect, it } from "vitest";

import { filterOf, type ListFilter, queryOf, searchOf, views } from "./filter";

describe("filterOf", () => {
  it("shows open alerts without a filter, and every status for all", () => {
    expect(filterOf(new URLSearchParams())).toEqual({ status: ["open"] });
    expect(filterOf(new URLSearchParams("status=all"))).toEqual({});
  });
  it("takes what the API knows and leaves out the rest", () =>
    expect(
      filterOf(new URLSearchParams("status=open&status=closed&severity=high&severity=loud&feedback=maybe&seen_days=3&other=1")),
    ).toEqual({ status: ["open"], severity: ["high"] }));
  it("cuts what the API would refuse for its length", () =>
    expect(filterOf(new URLSearchParams({ search: "x".repeat(500) })).search).toHaveLength(200));
});

describe("searchOf", () => {
  const full: ListFilter = {
    status: ["open", "resolved"],
    severity: ["critical"],
    rule_id: "mail/vip_near_name",
    assignee: "none",
    entity: "evil.example",
    subject: "bob@acme.example",
    feedback: "none",
    names_payment_instrument: true,
    seen_days: 7,
    search: "bank account",
  };
  it("comes back as it was", () => expect(filterOf(searchOf(full))).toEqual(full));
  it.each(views.map((view) => [view.name, view.filter] as const))("keeps the view %s", (_name, filter) =>
    expect(filterOf(searchOf(filter))).toEqual(filter),
  );
  it("is empty for what is shown anyway", () => expect(searchOf({ status: ["open"] }).toString()).toBe(""));
});

describe("queryOf", () => {
  it("asks the same within an hour", () => {
    const first = queryOf({ seen_days: 1 }, Date.UTC(2026, 10, 24, 10, 5));
    expect(first).toEqual({ seen_from: "2026-11-23T10:00:00.000Z" });
    expect(queryOf({ seen_days: 1 }, Date.UTC(2026, 10, 24, 10, 55))).toEqual(first);
  });
});

import { expect, test } from "vitest";

import { entitiesOf } from "./entities";

const alert = { entity: "Boss@Evil.example", subject: "bob@acme.example" };

test("the entity, its domain, the sender and where answers go, once each", () =>
  expect(
    entitiesOf(alert, {
      from_address: "boss@evil.example",
      recipients: [
        { kind: "to", address: "bob@acme.example" },
        { kind: "reply_to", address: "x@other.example" },
      ],
    }),
  ).toEqual(["boss@evil.example", "evil.example", "x@other.example", "other.example"]));

test("the company's own domain is no stranger, and what is no address is left out", () => {
  expect(entitiesOf({ entity: "jane@acme.example", subject: "bob@acme.example" })).toEqual(["jane@acme.example"]);
  expect(entitiesOf({ entity: "inbox rule", subject: "bob@acme.example" })).toEqual([]);
});

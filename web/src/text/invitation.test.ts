import { expect, test } from "vitest";

import { invitationLink, invitationToken } from "./invitation";

test("a link's token comes back, and stands behind the hash", () => {
  const link = new URL(invitationLink("a+b/c=", "https://lock.example"));
  expect(link.pathname).toBe("/invitation");
  expect(invitationToken(link.hash)).toBe("a+b/c=");
  expect(link.href.split("#")[0]).toBe("https://lock.example/invitation");
});
test("a hash that is no token is none", () => {
  expect(invitationToken("")).toBe("");
  expect(invitationToken("#%E0%A4%A")).toBe("");
});

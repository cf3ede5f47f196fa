import { expect, test } from "vitest";

import { invitationLink, linkToken, passwordResetLink } from "./links";

test("a link's token comes back, and stands behind the hash", () => {
  for (const [make, path] of [
    [invitationLink, "/invitation"],
    [passwordResetLink, "/password_reset"],
  ] as const) {
    const link = new URL(make("a+b/c=", "https://lock.example"));
    expect(link.pathname).toBe(path);
    expect(linkToken(link.hash)).toBe("a+b/c=");
    expect(link.href.split("#")[0]).toBe(`https://lock.example${path}`);
  }
});
test("a hash that is no token is none", () => {
  expect(linkToken("")).toBe("");
  expect(linkToken("#%E0%A4%A")).toBe("");
});

import { describe, expect, it } from "vitest";

import { clientIdOf, keyBytesMax, noFields, secretOf, settingsOf } from "./credentials";

const key = JSON.stringify({ type: "service_account", private_key: "-----BEGIN PRIVATE KEY-----", client_id: "1234567890" });

describe("a service-account key", () => {
  it("is taken as it is", () => expect(secretOf("google", { ...noFields, key_file: key }).secret).toEqual(JSON.parse(key)));
  it.each([
    ["", /Choose/],
    ["{", /not a service-account key/],
    ['{"type": "authorized_user"}', /not a service-account key/],
    [" ".repeat(keyBytesMax + 1), /too large/],
  ])("is refused as %j", (file, error) => expect(secretOf("google", { ...noFields, key_file: file }).error).toMatch(error));
  it("names the number that delegation is granted to", () => {
    expect(clientIdOf(key)).toBe("1234567890");
    expect(clientIdOf("no JSON")).toBeUndefined();
  });
});

describe("Microsoft’s secret", () => {
  it("is a client secret, or a certificate with its key", () => {
    expect(secretOf("microsoft", { ...noFields, client_secret: "s" }).secret).toEqual({ client_secret: "s" });
    const pair = { certificate_pem: "-----BEGIN CERTIFICATE-----", private_key_pem: "-----BEGIN PRIVATE KEY-----" };
    expect(secretOf("microsoft", { ...noFields, secret_kind: "certificate", ...pair }).secret).toEqual(pair);
  });
  it("names what is wrong with it", () => {
    expect(secretOf("microsoft", noFields).error).toMatch(/client secret/);
    expect(secretOf("microsoft", { ...noFields, secret_kind: "certificate" }).error).toMatch(/certificate/);
    const encrypted = { certificate_pem: "-----BEGIN CERTIFICATE-----", private_key_pem: "-----BEGIN ENCRYPTED PRIVATE KEY-----" };
    expect(secretOf("microsoft", { ...noFields, secret_kind: "certificate", ...encrypted }).error).toMatch(/not encrypted/);
  });
});

it("settings hold no secret and no blanks", () => {
  expect(settingsOf("google", { ...noFields, admin_email: " a@b.example " })).toEqual({
    customer: "my_customer",
    admin_email: "a@b.example",
  });
  expect(settingsOf("microsoft", { ...noFields, tenant: " t ", client_id: "c", client_secret: "s" })).toEqual({
    tenant: "t",
    client_id: "c",
  });
});

// Read the simulators with the official JavaScript clients: googleapis, MSAL, Azure identity and the Graph client.
// Usage: NODE_EXTRA_CA_CERTS=CERTIFICATE node read.mjs READY_FILE (simulator started with --certificate).
// Prints one JSON object a client; exits non-zero when a client and the simulator's truth disagree.
import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

import { ClientSecretCredential } from "@azure/identity";
import { ConfidentialClientApplication } from "@azure/msal-node";
import { Client, PageIterator } from "@microsoft/microsoft-graph-client";
import { google } from "googleapis";

const ready = JSON.parse(readFileSync(process.argv[2], "utf8"));
const control = async (path, body) => {
  const answer = await fetch(ready.control_url + path, body ? { method: "POST", body: JSON.stringify(body) } : {});
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
};
const truth = async (provider) => (await control(`/control/truth?provider=${provider}`)).mailboxes;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

function googleAuth(subject, scope) {
  const key = ready.google.service_account_key;
  const auth = new google.auth.JWT({ email: key.client_email, key: key.private_key, scopes: ["https://www.googleapis.com/auth/" + scope], subject });
  // The library's token URL is a constant: send what is meant for it to the simulator.
  auth.transporter.interceptors.request.add({
    resolved: async (options) => {
      if (String(options.url).startsWith("https://oauth2.googleapis.com/")) options.url = new URL(ready.google.url + "/token");
      return options;
    },
  });
  return auth;
}

async function readGoogle() {
  const rootUrl = ready.google.url + "/";
  const admin = google.admin({ version: "directory_v1", auth: googleAuth(ready.google.admin_email, "admin.directory.user.readonly"), rootUrl });
  const users = [];
  for (let pageToken; ; ) {
    const { data } = await admin.users.list({ customer: "my_customer", maxResults: 3, pageToken });
    users.push(...(data.users ?? []));
    if (!(pageToken = data.nextPageToken)) break;
  }
  const wanted = await truth("google");
  assert.deepEqual(users.map((user) => user.primaryEmail).sort(), wanted.map((box) => box.address).sort());
  let messages = 0;
  for (const box of wanted) {
    const gmail = google.gmail({ version: "v1", auth: googleAuth(box.address, "gmail.readonly"), rootUrl });
    const profile = (await gmail.users.getProfile({ userId: "me" })).data;
    const found = new Map();
    for (let pageToken; ; ) {
      const { data } = await gmail.users.messages.list({ userId: "me", includeSpamTrash: true, maxResults: 25, q: "-in:chats -in:drafts", pageToken });
      for (const { id } of data.messages ?? []) {
        const message = (await gmail.users.messages.get({ userId: "me", id, format: "raw" })).data;
        found.set(id, sha256(Buffer.from(message.raw, "base64url")));
      }
      if (!(pageToken = data.nextPageToken)) break;
    }
    const ids = (pairs) => [...pairs].sort(([a], [b]) => (a < b ? -1 : 1));
    assert.deepEqual(ids(found), ids(box.messages.map((message) => [message.id, message.sha256])));
    const history = (await gmail.users.history.list({ userId: "me", startHistoryId: profile.historyId })).data;
    assert.equal(history.history, undefined);
    for (const list of ["filters", "forwardingAddresses", "delegates"]) await gmail.users.settings[list].list({ userId: "me" });
    await gmail.users.settings.getAutoForwarding({ userId: "me" });
    messages += found.size;
  }
  // The client itself retries what Google's guide tells it to.
  const gmail = google.gmail({ version: "v1", auth: googleAuth(wanted[0].address, "gmail.readonly"), rootUrl });
  await control("/control/faults", { provider: "google", kind: "unavailable", match: "/profile" });
  assert.equal((await gmail.users.getProfile({ userId: "me" })).status, 200);
  await assert.rejects(gmail.users.messages.get({ userId: "me", id: "1900000000000000" }), (error) => error.code === 404 || error.status === 404);
  console.log(JSON.stringify({ client: "googleapis (Node)", users: users.length, messages, retried: "503" }));
}

async function readTokens() {
  const { tenant, client_id: clientId, client_secret: clientSecret, certificate_pem: certificate, private_key_pem: privateKey } = ready.microsoft;
  const root = ready.microsoft_tls_url;
  const auth = { clientId, authority: `${root}/${tenant}`, knownAuthorities: [new URL(root).host] };
  const scopes = ["https://graph.microsoft.com/.default"];
  const bySecret = await new ConfidentialClientApplication({ auth: { ...auth, clientSecret } }).acquireTokenByClientCredential({ scopes });
  const thumbprintSha256 = new X509Certificate(certificate).fingerprint256.replaceAll(":", "");
  const byCertificate = await new ConfidentialClientApplication({ auth: { ...auth, clientCertificate: { thumbprintSha256, privateKey } } }).acquireTokenByClientCredential({ scopes });
  assert.ok(bySecret.accessToken && byCertificate.accessToken);
  await assert.rejects(new ConfidentialClientApplication({ auth: { ...auth, clientSecret: "wrong" } }).acquireTokenByClientCredential({ scopes }), (error) => {
    assert.equal(error.errorCode, "invalid_client");
    assert.match(error.errorMessage, /7000215/);
    return true;
  });
  console.log(JSON.stringify({ client: "@azure/msal-node", tokens: ["secret", "certificate"], refused: 7000215 }));
  const credential = new ClientSecretCredential(tenant, clientId, clientSecret, { authorityHost: root, disableInstanceDiscovery: true });
  const token = (await credential.getToken(scopes)).token;
  console.log(JSON.stringify({ client: "@azure/identity", tokens: ["secret"] }));
  return token;
}

async function readGraph(token) {
  const root = ready.microsoft_tls_url;
  const client = Client.initWithMiddleware({ baseUrl: root + "/", defaultVersion: "v1.0", customHosts: new Set(["localhost"]), authProvider: { getAccessToken: async () => token } });
  const collect = async (page, keep) => {
    const iterator = new PageIterator(client, page, (item) => (keep(item), true), { headers: { Prefer: 'odata.maxpagesize=25, IdType="ImmutableId"' } });
    await iterator.iterate();
    return iterator.getDeltaLink();
  };
  const users = [];
  await collect(await client.api("/users").select("id,mail").top(3).get(), (user) => users.push(user));
  const wanted = new Map((await truth("microsoft")).map((box) => [box.user_id, box]));
  assert.deepEqual(users.map((user) => user.id).sort(), [...wanted.keys()].sort());
  let messages = 0;
  let folders = 0;
  let rules = 0;
  for (const user of users) {
    const found = new Set();
    const walk = async (path) => {
      const children = [];
      await collect(await client.api(path).query({ includeHiddenFolders: "true" }).top(4).get(), (folder) => children.push(folder));
      for (const folder of children) {
        folders++;
        if (folder.childFolderCount) await walk(`/users/${user.id}/mailFolders/${encodeURIComponent(folder.id)}/childFolders`);
        if (folder["@odata.type"]?.includes("mailSearchFolder")) continue;
        const first = await client.api(`/users/${user.id}/mailFolders/${encodeURIComponent(folder.id)}/messages/delta`).select("id,isDraft,subject").header("Prefer", 'odata.maxpagesize=25, IdType="ImmutableId"').get();
        const link = await collect(first, (message) => message.isDraft || found.add(message.id));
        assert.ok(link ?? first["@odata.deltaLink"], "a round ends with a delta link");
      }
    };
    await walk(`/users/${user.id}/mailFolders`);
    assert.deepEqual([...found].sort(), wanted.get(user.id).messages.map((message) => message.id).sort());
    messages += found.size;
    rules += (await client.api(`/users/${user.id}/mailFolders/inbox/messageRules`).get()).value.length;
    await client.api(`/users/${user.id}/mailboxSettings`).get();
  }
  // Its retry handler honours Retry-After on 429, 503 and 504.
  for (const kind of ["throttled", "unavailable", "gateway-timeout"]) {
    await control("/control/faults", { provider: "microsoft", kind, match: "/mailboxSettings" });
    await client.api(`/users/${users[0].id}/mailboxSettings`).get();
  }
  const batch = await client.api("/$batch").post({ requests: [{ id: "1", method: "GET", url: "/users?$top=1" }, { id: "2", method: "GET", url: "/users/nobody/messages" }] });
  assert.deepEqual(Object.fromEntries(batch.responses.map((item) => [item.id, item.status])), { 1: 200, 2: 404 });
  await assert.rejects(client.api("/users/nobody@x.example").get(), (error) => error.statusCode === 404 && error.code === "Request_ResourceNotFound");
  console.log(JSON.stringify({ client: "@microsoft/microsoft-graph-client", users: users.length, folders, messages, rules, retried: "429 503 504", batch: batch.responses.length }));
}

await readGoogle();
await readGraph(await readTokens());

// What people come to the console for, as they do it, one journey after the other on one company. Needs CONSOLE_URL, LOGIN, PASSWORD (an
// owner), OPERATOR_LOGIN, OPERATOR_PASSWORD. ONLY="suppress": journeys whose name holds the word. A journey waits for the server while
// the contract marks one of its operations as planned.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { audit, launch, needed, open, signIn } from "./console.mjs";

const { parse } = createRequire(new URL("../../web/package.json", import.meta.url))("yaml");
const contract = parse(readFileSync(new URL("../../api/openapi.yaml", import.meta.url), "utf8"));
const planned = Object.values(contract.paths)
  .flatMap((path) => Object.values(path))
  .filter((operation) => operation["x-letterlock-status"] === "planned")
  .map(({ operationId }) => operationId);

const url = needed("CONSOLE_URL");
const login = needed("LOGIN");
const password = needed("PASSWORD");
const findings = [];

const at = async (page, path, heading) => {
  await page.goto(url + path);
  await page.getByRole("heading", { level: 1, name: heading }).waitFor();
};
const inMain = (page) => page.getByRole("main");
const alertList = (page) => page.getByRole("list", { name: "Alerts" });
const firstMailAlert = (page) => alertList(page).getByRole("listitem").filter({ hasNotText: "a setting of the mailbox" }).first();
const untilCounted = (page, count) =>
  page.waitForFunction((wanted) => Number.parseInt(document.querySelector("main [role=status]")?.textContent ?? "-1") === wanted, count);
const counted = async (page) => Number.parseInt(await inMain(page).getByRole("status").first().innerText());

const journeys = {
  "goes anywhere by keyboard": {
    needs: [],
    async run(page) {
      await at(page, "/alerts", "Alerts");
      await alertList(page).getByRole("listitem").first().waitFor();
      await page.keyboard.press("g");
      await page.keyboard.press("c");
      await page.getByRole("heading", { level: 1, name: "Connections" }).waitFor();
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("Go to a page, search alerts…").fill("rul");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Rules" }).waitFor();
      await page.getByPlaceholder("Go to a page, search alerts…").waitFor({ state: "detached" });
      await page.keyboard.press("?");
      const help = page.getByRole("dialog", { name: "Keyboard" });
      await help.getByText("Go to Alerts").waitFor();
      findings.push(...(await audit(page, "keyboard help")));
      await page.keyboard.press("Escape");
      await help.waitFor({ state: "detached" });
    },
  },
  "keeps a filter in the address and under a name": {
    needs: ["change_alerts"],
    async run(page) {
      await at(page, "/alerts?status=all", "Alerts");
      const row = firstMailAlert(page);
      await row.waitFor();
      const all = await counted(page);
      const title = await row.locator("a.row-link").innerText();
      const word = title.split(" ").sort((left, right) => right.length - left.length)[0];
      await page.keyboard.press("/");
      await page.getByRole("searchbox", { name: "Search alerts" }).fill(word);
      await page.waitForURL(/[?&]search=/);
      await page.waitForFunction(
        (before) => Number.parseInt(document.querySelector("main [role=status]")?.textContent ?? before) < before,
        all,
      );
      await alertList(page).getByRole("link", { name: title }).first().waitFor();
      const found = await counted(page);
      await page.getByRole("button", { name: "Save filter" }).click();
      await page.getByLabel("Name of the filter").fill("My words");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByRole("link", { name: "My words" }).waitFor();
      await page.getByRole("link", { name: "All", exact: true }).click();
      await page.reload();
      await page.getByRole("link", { name: "My words" }).click();
      await alertList(page).getByRole("link", { name: title }).first().waitFor();
      await untilCounted(page, found);
      await page.getByRole("button", { name: "Forget the filter My words" }).click();
      await page.getByRole("link", { name: "My words" }).waitFor({ state: "detached" });
    },
  },
  "resolves several alerts at once, and opens them again": {
    needs: ["change_alerts"],
    async run(page) {
      await at(page, "/alerts", "Alerts");
      await alertList(page).getByRole("listitem").nth(1).waitFor();
      const before = await counted(page);
      for (let row = 0; row < 2; ++row) {
        await page.keyboard.press("j");
        await page.keyboard.press("x");
      }
      const bar = page.getByRole("region", { name: "Chosen alerts" });
      await bar.getByText("2 chosen").waitFor();
      findings.push(...(await audit(page, "alerts chosen")));
      await bar.getByRole("button", { name: "Resolve" }).click();
      await page.getByText("2 alerts resolved").waitFor();
      await untilCounted(page, before - 2);
      await page.getByRole("link", { name: "Decided" }).click();
      await untilCounted(page, 2);
      await inMain(page).getByRole("checkbox", { name: "Choose all alerts that are read" }).check();
      await bar.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: "Open again" }).click();
      await page.getByRole("heading", { name: "No alert matches this filter" }).waitFor();
    },
  },
  "takes an alert, judges it, and finds it under Mine": {
    needs: ["change_alerts", "list_people"],
    async run(page) {
      await at(page, "/alerts", "Alerts");
      const title = await firstMailAlert(page).locator("a.row-link").innerText();
      await firstMailAlert(page).locator("a.row-link").click();
      const todo = page.getByRole("region", { name: "What to do" });
      await todo.getByRole("combobox", { name: "Assignee" }).click();
      await page.getByRole("option", { name: `${login} (me)` }).click();
      await page.getByRole("region", { name: "History" }).getByText(`Assigned to ${login}`).waitFor();
      await todo.getByRole("button", { name: "Fraud", exact: true }).click();
      await page.getByRole("region", { name: "History" }).getByText("Feedback: fraud").waitFor();
      assert.equal(await todo.getByRole("button", { name: "Fraud", exact: true }).getAttribute("aria-pressed"), "true");
      await page.keyboard.press("u");
      await page.getByRole("link", { name: "Mine" }).click();
      await alertList(page).getByRole("link", { name: title }).first().click();
      await todo.getByRole("button", { name: "Fraud", exact: true }).click();
      await page.getByRole("region", { name: "History" }).getByText("Feedback taken back").waitFor();
      await todo.getByRole("button", { name: "Assign to nobody" }).click();
      await page.getByRole("region", { name: "History" }).getByText("Assigned to nobody").waitFor();
    },
  },
  "suppresses what is not worth the time, and ends it": {
    needs: ["create_suppression", "list_suppressions", "end_suppression"],
    async run(page) {
      await at(page, "/alerts", "Alerts");
      await firstMailAlert(page).locator("a.row-link").click();
      await page.getByRole("button", { name: /^Suppress alerts like this/ }).click();
      const dialog = page.getByRole("dialog", { name: "Suppress alerts like this" });
      assert.ok(await dialog.getByRole("button", { name: "Suppress", exact: true }).isDisabled(), "a reason is asked for");
      const reason = `Training until ${Date.now()}`;
      await dialog.getByLabel("Reason").fill(reason);
      findings.push(...(await audit(page, "suppress")));
      await dialog.getByRole("button", { name: "Suppress", exact: true }).click();
      await dialog.waitFor({ state: "detached" });
      await page.getByText("Suppressed: findings with this key").waitFor();
      await page.getByRole("link", { name: "See suppressions" }).click();
      const row = page.getByRole("row").filter({ hasText: reason });
      await row.getByRole("button", { name: "End now" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "End now" }).click();
      await row.waitFor({ state: "detached" });
      await inMain(page).getByText("Over", { exact: true }).click();
      await row.getByText(`ended by ${login}`).waitFor();
    },
  },
  "looks up what is known of a sender": {
    needs: ["get_entity"],
    async run(page) {
      await at(page, "/alerts?status=all", "Alerts");
      await firstMailAlert(page).locator("a.row-link").click();
      const involved = page.getByRole("region", { name: "People and domains" });
      await involved.waitFor(); // until then the first heading is the list's
      const title = await page.getByRole("heading", { level: 1 }).innerText();
      const entity = await involved.getByRole("link").first().innerText();
      await involved.getByRole("link").first().click();
      await page.getByRole("heading", { level: 1, name: entity }).waitFor();
      await inMain(page).getByText("Messages from it", { exact: true }).waitFor();
      findings.push(...(await audit(page, "entity")));
      await page.goBack();
      await page.getByRole("heading", { level: 1, name: title }).waitFor();
    },
  },
  "finds similar messages in other mailboxes": {
    needs: ["list_similar_messages"],
    async run(page) {
      await at(page, "/alerts?status=all", "Alerts");
      await firstMailAlert(page).locator("a.row-link").click();
      const similar = page.getByRole("region", { name: "Similar messages" });
      await similar.getByRole("button", { name: "Look for similar messages" }).click();
      await similar.getByRole("table").or(similar.getByText("None: no other mailbox got anything like it.")).waitFor();
    },
  },
  "sees on the overview what needs them": {
    needs: ["get_alert_statistics", "get_mail_statistics", "get_coverage"],
    async run(page) {
      await at(page, "/overview", "Overview");
      await page.getByRole("region", { name: "Coverage" }).getByText("All mail is being read").waitFor();
      const mail = page.getByRole("figure", { name: "Messages by day and direction" });
      await mail.locator("canvas").waitFor();
      assert.ok((await mail.getByRole("row").count()) > 7, "the numbers are there as a table too");
      findings.push(...(await audit(page, "overview")));
      await page.getByText("7 days").click();
      await page.waitForURL(/days=7/);
      await page.getByRole("region", { name: "What needs me now" }).getByRole("listitem").first().getByRole("link").click();
      await page.getByRole("region", { name: "Why this alert" }).waitFor();
    },
  },
  "tests a connection": {
    needs: ["test_connection", "change_connection"],
    async run(page) {
      await at(page, "/connections", "Connections");
      await page.getByRole("link", { name: "Mailboxes, jobs and settings" }).first().click();
      await page.getByRole("button", { name: "Test now" }).click();
      await page.getByRole("region", { name: "Test" }).getByText("Everything works").waitFor();
      assert.equal(await page.getByRole("region", { name: "Test" }).getByLabel("passed").count(), 4);
      findings.push(...(await audit(page, "connection tested")));
    },
  },
  "pauses a connection and lets it go on": {
    needs: ["change_connection"],
    async run(page) {
      await at(page, "/connections", "Connections");
      await page.getByRole("link", { name: "Mailboxes, jobs and settings" }).first().click();
      const paused = page.getByRole("switch", { name: "Paused" });
      await paused.check({ force: true });
      await inMain(page).getByText("paused", { exact: true }).waitFor();
      await paused.uncheck({ force: true });
      await inMain(page).getByText("paused", { exact: true }).waitFor({ state: "detached" });
    },
  },
  "finds a mailbox by a part of its address": {
    needs: ["list_mailboxes"],
    async run(page) {
      await at(page, "/mailboxes", "Mailboxes");
      const rows = page.getByRole("table", { name: "Mailboxes" }).getByRole("row");
      await rows.nth(2).waitFor();
      const address = (await rows.nth(2).innerText()).split("\n")[0].trim().split(/\s/)[0];
      await page.getByRole("searchbox", { name: "Search mailboxes" }).fill(address);
      await page.waitForURL(/search=/);
      await page.waitForFunction(() => document.querySelectorAll("table[aria-label=Mailboxes] tbody tr").length === 1);
      assert.match(await rows.nth(1).innerText(), new RegExp(address.replaceAll(".", "\\.")));
    },
  },
  "switches a rule off and on, and sets a threshold": {
    needs: ["get_rule", "change_rule"],
    async run(page) {
      await at(page, "/rules", "Rules");
      await page.getByRole("table", { name: "Rules" }).getByRole("link").first().click();
      const settings = page.getByRole("region", { name: "Settings" });
      await settings.getByRole("switch").uncheck({ force: true });
      await page.getByText("The rule is off.").waitFor();
      findings.push(...(await audit(page, "rule")));
      await settings.getByRole("switch").check({ force: true });
      await page.getByText("The rule is on.").waitFor();
      await settings.getByRole("slider").focus();
      for (let step = 0; step < 4; ++step) await page.keyboard.press("ArrowRight");
      await settings.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved.").waitFor();
      await page.reload();
      await settings.getByText("Least confidence: 20 %").waitFor();
      await settings.getByRole("slider").focus();
      await page.keyboard.press("Home");
      await settings.getByRole("button", { name: "Save" }).click();
      await settings.getByText("Every finding makes an alert.").waitFor();
    },
  },
  "invites a viewer, who joins and opens no message": {
    needs: [
      "list_people",
      "list_invitations",
      "create_invitation",
      "preview_invitation",
      "accept_invitation",
      "change_person",
      "delete_person",
    ],
    async run(page, browser) {
      const email = `viewer-${Date.now()}@northgate.example`;
      await at(page, "/people", "People");
      await page.getByRole("button", { name: "Invite" }).click();
      const dialog = page.getByRole("dialog", { name: "Invite a person" });
      await dialog.getByLabel("E-mail address").fill(email);
      await dialog.getByRole("combobox", { name: "Role" }).click();
      await page.getByRole("option", { name: "viewer" }).click();
      await dialog.getByRole("button", { name: "Make the link" }).click();
      const link = await dialog.getByTestId("secret").innerText();
      await dialog.getByRole("button", { name: "Done" }).click();
      await page.getByRole("table", { name: "Invitations" }).getByText(email).waitFor();

      const other = await open(browser);
      await other.page.goto(link);
      await other.page.getByLabel("Password of your own").fill("a sentence as a password");
      findings.push(...(await audit(other.page, "invitation")));
      await other.page.getByRole("button", { name: "Join" }).click();
      await other.page.getByRole("navigation", { name: "Main" }).waitFor();
      await other.page.goto(`${url}/alerts?status=all`);
      await firstMailAlert(other.page).locator("a.row-link").click();
      await other.page.getByText("Your role, viewer, does not open messages.").waitFor();
      assert.equal(await other.page.getByTestId("message-text").count(), 0);
      await other.page.goto(`${url}/audit-log`);
      await other.page.getByRole("heading", { name: "Your role does not open the audit log" }).waitFor();
      findings.push(...(await audit(other.page, "no permission")), ...other.complaints);
      await other.page.goto(link);
      await other.page.getByText("This link is over, was used already, or is not whole.").waitFor();
      await other.context.close();

      await page.reload();
      await page.getByRole("button", { name: `Remove ${email}` }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
      await page.getByRole("table", { name: "People" }).getByText(email).waitFor({ state: "detached" });
    },
  },
  "gives a forgotten password back by a link, and ends an admin's API key with the admin": {
    needs: ["create_invitation", "accept_invitation", "create_password_reset", "use_password_reset", "create_api_key", "delete_person"],
    async run(page, browser) {
      const email = `admin-${Date.now()}@northgate.example`;
      await at(page, "/people", "People");
      await page.getByRole("button", { name: "Invite" }).click();
      const invite = page.getByRole("dialog", { name: "Invite a person" });
      await invite.getByLabel("E-mail address").fill(email);
      await invite.getByRole("combobox", { name: "Role" }).click();
      await page.getByRole("option", { name: "admin" }).click();
      await invite.getByRole("button", { name: "Make the link" }).click();
      const invitation = await invite.getByTestId("secret").innerText();
      await invite.getByRole("button", { name: "Done" }).click();
      const elsewhere = await open(browser);
      await elsewhere.page.goto(invitation);
      await elsewhere.page.getByLabel("Password of your own").fill("a sentence that is forgotten");
      await elsewhere.page.getByRole("button", { name: "Join" }).click();
      await elsewhere.page.getByRole("navigation", { name: "Main" }).waitFor();
      findings.push(...elsewhere.complaints);

      await page.reload();
      await page.getByRole("button", { name: `New password for ${email}` }).focus();
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog", { name: `New password for ${email}` });
      findings.push(...(await audit(page, "new password")));
      await dialog.getByRole("button", { name: "Make the link" }).click();
      const link = await dialog.getByTestId("secret").innerText();
      await dialog.getByRole("button", { name: "Done" }).click();

      const admin = await open(browser, { viewport: { width: 390, height: 844 } });
      await admin.page.goto(link);
      await admin.page.getByText(`For ${email} of northgate.`).waitFor();
      findings.push(...(await audit(admin.page, "new password by a link, on a phone")));
      assert.equal(await admin.page.evaluate(() => document.documentElement.scrollWidth), 390, "it does not scroll sideways");
      await admin.page.getByLabel("New password", { exact: true }).fill("a sentence that is remembered");
      await admin.page.keyboard.press("Enter");
      await admin.page.getByRole("button", { name: "Open the menu" }).waitFor();
      await elsewhere.page.reload();
      await elsewhere.page.getByRole("button", { name: "Sign in" }).waitFor(); // signed out there
      await signIn(elsewhere.page, email, "a sentence that is remembered");
      await elsewhere.page.getByRole("navigation", { name: "Main" }).waitFor();

      const name = `of ${email}`;
      await at(elsewhere.page, "/api-keys", "API keys");
      await elsewhere.page.getByRole("button", { name: "New API key" }).first().click();
      const making = elsewhere.page.getByRole("dialog", { name: "New API key" });
      await making.getByLabel("Name").fill(name);
      await making.getByRole("checkbox", { name: "alerts:read" }).uncheck();
      assert.ok(await making.getByRole("button", { name: "Make the key" }).isDisabled(), "a key without a scope is not offered");
      await making.getByRole("checkbox", { name: "alerts:read" }).check();
      await making.getByRole("button", { name: "Make the key" }).click();
      const key = await making.getByTestId("secret").innerText();
      const status = async () => (await fetch(`${url}/api/v1/alerts?limit=1`, { headers: { Authorization: `Bearer ${key}` } })).status;
      assert.equal(await status(), 200);
      findings.push(...admin.complaints);
      await admin.context.close();
      await elsewhere.context.close();

      await page.reload();
      await page.getByRole("button", { name: `Remove ${email}` }).click();
      await page.getByRole("dialog").getByText(`Their API keys end: ${name}.`).waitFor();
      await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
      await page.getByRole("table", { name: "People" }).getByText(email).waitFor({ state: "detached" });
      assert.equal(await status(), 401);
      await at(page, "/api-keys", "API keys");
      const row = page.getByRole("row").filter({ hasText: name });
      await row.getByText("ended with its owner").waitFor();
      findings.push(...(await audit(page, "API keys, one ended")));
      await row.getByRole("button", { name: `Revoke ${name}` }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
      await row.waitFor({ state: "detached" });
    },
  },
  "makes an API key that works until it is revoked": {
    needs: ["list_api_keys", "create_api_key", "delete_api_key"],
    async run(page) {
      const name = `journey ${Date.now()}`;
      await at(page, "/api-keys", "API keys");
      await page.getByRole("button", { name: "New API key" }).click();
      const dialog = page.getByRole("dialog", { name: "New API key" });
      await dialog.getByLabel("Name").fill(name);
      findings.push(...(await audit(page, "new API key")));
      await dialog.getByRole("button", { name: "Make the key" }).click();
      const key = await dialog.getByTestId("secret").innerText();
      await dialog.getByRole("button", { name: "Done" }).click();
      const status = async () => (await fetch(`${url}/api/v1/alerts?limit=1`, { headers: { Authorization: `Bearer ${key}` } })).status;
      assert.equal(await status(), 200);
      assert.ok(!(await inMain(page).innerText()).includes(key), "the key is not shown again");
      await page.getByRole("button", { name: `Revoke ${name}` }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
      await page.getByRole("button", { name: `Revoke ${name}` }).waitFor({ state: "detached" });
      assert.equal(await status(), 401);
    },
  },
  "has events sent to another system": {
    needs: ["list_webhooks", "create_webhook", "ping_webhook", "list_deliveries", "delete_webhook", "change_webhook"],
    async run(page) {
      const name = `journey ${Date.now()}`;
      await at(page, "/webhooks", "Webhooks");
      await page.getByRole("button", { name: "New webhook" }).click();
      const dialog = page.getByRole("dialog", { name: "New webhook" });
      await dialog.getByLabel("Name").fill(name);
      await dialog.getByLabel("Address").fill("https://user:secret@hooks.example.com/letterlock");
      await dialog.getByRole("button", { name: "Make the webhook" }).click();
      await dialog.getByRole("alert").waitFor(); // a password would be kept in plain sight
      await dialog.getByLabel("Address").fill("https://hooks.example.com/letterlock");
      await dialog.getByRole("button", { name: "Make the webhook" }).click();
      assert.match(await dialog.getByTestId("secret").innerText(), /^llwh_/);
      await dialog.getByRole("button", { name: "Done" }).click();
      await page.getByRole("link", { name }).click();
      await page.getByRole("button", { name: "Send a ping" }).click();
      await page.getByRole("table", { name: "Deliveries" }).getByText("ping").first().waitFor();
      findings.push(...(await audit(page, "webhook")));
      await page.getByRole("button", { name: "Remove this webhook…" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
      await page.getByRole("heading", { level: 1, name: "Webhooks" }).waitFor();
    },
  },
  "finds in the audit log who read a message": {
    needs: ["list_audit_log"],
    async run(page) {
      await at(page, "/alerts?status=all", "Alerts");
      await firstMailAlert(page).locator("a.row-link").click();
      await page.getByTestId("message-text").waitFor();
      await at(page, "/audit-log?action=message.", "Audit log");
      const row = page.getByRole("table", { name: "Audit log" }).getByRole("row").nth(1);
      await row.waitFor();
      assert.match(await row.innerText(), new RegExp(`${login}[\\s\\S]*message\\.`));
    },
  },
  "as the operator makes a tenant, suspends it and lets it go on": {
    needs: ["create_tenant", "get_tenant", "change_tenant", "get_installation", "list_installation_jobs"],
    operator: true,
    async run(page) {
      const name = `Journey ${Date.now()}`;
      await at(page, "/tenants", "Tenants");
      await page.getByRole("button", { name: "New tenant" }).click();
      const dialog = page.getByRole("dialog", { name: "New tenant" });
      await dialog.getByLabel("Name of the company").fill(name);
      await dialog.getByLabel("Owner’s e-mail address").fill(`owner-${Date.now()}@journey.example`);
      await dialog.getByRole("button", { name: "Make the tenant" }).click();
      assert.match(await dialog.getByTestId("secret").innerText(), /\/invitation#/);
      await dialog.getByRole("button", { name: "Done" }).click();
      await page.getByRole("link", { name }).click();
      await inMain(page).getByText("Nobody has accepted an invitation as owner yet").waitFor();
      findings.push(...(await audit(page, "tenant")));
      await page.getByRole("button", { name: "Suspend…" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Suspend" }).click();
      await inMain(page).getByText("suspended", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Resume" }).click();
      await inMain(page).getByText("suspended", { exact: true }).waitFor({ state: "detached" });
      await at(page, "/health", "Health");
      await page.getByRole("table", { name: "Queues" }).getByText("ingestion").waitFor();
      findings.push(...(await audit(page, "health")));
      await at(page, "/jobs", "Jobs");
      findings.push(...(await audit(page, "jobs of all tenants")));
      assert.equal(await page.getByRole("link", { name: "Alerts" }).count(), 0, "an operator has no way to alerts");
    },
  },
};

const only = process.env.ONLY ?? "";
const browser = await launch();
let failed = 0;
let waiting = 0;
let done = 0;
try {
  for (const operator of [false, true]) {
    const { context, page, complaints } = await open(browser);
    await page.goto(url);
    await signIn(page, operator ? needed("OPERATOR_LOGIN") : login, operator ? needed("OPERATOR_PASSWORD") : password);
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    for (const [name, journey] of Object.entries(journeys)) {
      if (Boolean(journey.operator) !== operator || !name.includes(only)) continue;
      const missing = journey.needs.filter((operation) => planned.includes(operation));
      if (missing.length > 0) {
        waiting += 1;
        console.log(`waits: ${name}: the contract still marks as planned: ${missing.join(", ")}`);
        continue;
      }
      try {
        await journey.run(page, browser);
        done += 1;
        console.log(`ok: ${name}`);
      } catch (error) {
        failed += 1;
        console.log(`FAILED: ${name}: ${error.stack}\n--- the page at ${page.url()}:\n${await page.innerText("body").catch(() => "gone")}`);
      }
    }
    findings.push(...complaints);
    await context.close();
  }
} finally {
  await browser.close();
}
for (const finding of findings) console.log(`FAILED: ${finding}`);
console.log(
  `${done} journeys done, ${failed} failed, ${waiting} wait for the server; ${findings.length} serious findings of axe or complaints of the browser`,
);
process.exit(failed + findings.length === 0 && done > 0 ? 0 : 1);

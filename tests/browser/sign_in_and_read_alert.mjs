// Signs in and reads an alert as a person does, with the keyboard, in light and dark. Needs CONSOLE_URL, LOGIN, PASSWORD.
import assert from "node:assert/strict";

import { audit, launch, needed, nobodysAlert, open, signIn } from "./console.mjs";

const url = needed("CONSOLE_URL");
const login = needed("LOGIN");
const password = needed("PASSWORD");
const findings = [];

const steps = {
  async "a wrong password is refused and says so"(page) {
    await page.goto(url);
    await page.getByRole("heading", { name: "Letterlock" }).waitFor();
    assert.equal(await page.title(), "Sign in · Letterlock");
    findings.push(...(await audit(page, "sign in")));
    await signIn(page, login, password + "-wrong");
    await page.getByRole("alert").getByText("E-mail address or password is wrong").waitFor();
    findings.push(...(await audit(page, "sign in refused")));
  },
  async "the right one shows open alerts"(page) {
    await signIn(page, login, password);
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Alerts" }).click();
    await page.getByRole("heading", { name: "Alerts", level: 1 }).waitFor();
    await page.locator("a.row-link").first().waitFor();
    assert.equal(await page.title(), "Alerts · Letterlock");
    assert.match(await page.getByRole("main").getByRole("status").innerText(), /^[1-9][0-9]*\+? alerts?/);
    findings.push(...(await audit(page, "alerts")));
  },
  async "j and Enter open an alert with reasons, message and evidence"(page) {
    // To the first alert that is about a message; others are about what a mailbox does by itself.
    let title = "";
    for (let rows = await page.locator("a.row-link").count(); rows > 0; --rows) {
      await page.keyboard.press("j");
      title = await page.evaluate(() => document.activeElement.textContent);
      if (title !== "A mailbox hides or sends away mail by itself") break;
    }
    assert.ok(title, "j moves to an alert");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: title, level: 1 }).waitFor();
    assert.match(page.url(), /\/alerts\/[0-9a-f-]{36}$/);
    assert.ok((await page.getByRole("list", { name: "Reasons" }).getByRole("listitem").count()) > 0, "the reasons are said in words");
    await page.getByText(/^All \d+ signals$/).click();
    const signals = page.getByTestId("signals").locator("dd");
    assert.ok((await signals.count()) > 0 && (await signals.first().innerText()), "an alert names its signals");
    const text = await page.getByTestId("message-text").innerText();
    assert.ok(text.trim().length > 0, "the message's text is shown");
    assert.equal(await page.locator("section[aria-label='The message'] a[href]").count(), 0, "nothing in a message can be clicked");
    await page.getByText("Rows, statement and parameters").click();
    assert.match(await page.getByRole("region", { name: "Evidence" }).innerText(), /SELECT[\s\S]*/i);
    assert.match(await page.getByRole("region", { name: "Evidence" }).innerText(), /"provider_message_id"/);
    findings.push(...(await audit(page, "alert")));
  },
  async "nothing covers its neighbour, and a phone needs no sideways scrolling"(page) {
    const evidence = await page.getByRole("region", { name: "Evidence" }).boundingBox();
    const beside = await page.getByRole("region", { name: "What to do" }).boundingBox();
    assert.ok(evidence.x + evidence.width <= beside.x, "the statement keeps to its column");
    const wide = page.viewportSize();
    await page.setViewportSize({ width: 390, height: 844 });
    for (const path of ["", "/alerts", "/connections", "/rules"]) {
      if (path) await page.goto(url + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      // The menu slides away first.
      await page.waitForFunction(() => document.documentElement.scrollWidth === 390, undefined, { timeout: 30_000 });
      findings.push(...(await audit(page, `${path || "an alert"} on a phone`)));
      if (path) await page.goBack();
    }
    await page.setViewportSize(wide);
    await page.getByRole("region", { name: "History" }).waitFor();
  },
  async "a note and a status are kept"(page) {
    const note = `Asked the vendor by telephone ${Date.now()}`;
    await page.getByLabel("Note").fill(note);
    await page.getByRole("button", { name: "Start work" }).click();
    await page.getByRole("region", { name: "History" }).getByText(note).waitFor();
    await page.reload();
    await page.getByRole("region", { name: "History" }).getByText(note).waitFor();
    await page.getByRole("button", { name: "Open again" }).click();
    await page.getByRole("button", { name: "Start work" }).waitFor();
  },
  async "u leads back to the list and to the same alert"(page) {
    const title = await page.getByRole("heading", { level: 1 }).innerText();
    await page.keyboard.press("u");
    await page.getByRole("heading", { name: "Alerts", level: 1 }).waitFor();
    await page.waitForFunction((text) => document.activeElement.textContent === text, title);
  },
  async "a poll that brings nothing is answered 304"(page) {
    const network = await page.context().newCDPSession(page);
    await network.send("Network.enable");
    const asked = new Set();
    network.on("Network.requestWillBeSent", ({ requestId, request }) => request.url.includes("/api/v1/alerts?") && asked.add(requestId));
    await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error("no poll was answered 304 within 60 s")), 60_000).unref();
      network.on(
        "Network.responseReceivedExtraInfo",
        ({ requestId, statusCode }) => asked.has(requestId) && statusCode === 304 && resolve(),
      );
    });
    await network.detach();
  },
  async "connections show how far reading is"(page) {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Connections" }).click();
    await page.getByRole("heading", { name: "Connections", level: 1 }).waitFor();
    const card = page.getByRole("region").first();
    assert.match(await card.innerText(), /(active|syncing|paused|broken)[\s\S]*messages stored/);
    await page.getByRole("table", { name: "Jobs" }).getByRole("row").nth(1).waitFor();
    findings.push(...(await audit(page, "connections")));
    await card.getByRole("link", { name: "Mailboxes, jobs and settings" }).click();
    const mailbox = page.getByRole("table", { name: "Mailboxes" }).getByRole("row").nth(1);
    await mailbox.waitFor();
    assert.match(await mailbox.innerText(), /@/);
    findings.push(...(await audit(page, "connection")));
    await page.getByRole("link", { name: "Connections" }).last().click();
    await page.getByRole("heading", { name: "Connections", level: 1 }).waitFor();
  },
  async "connecting mail shows scopes and steps, and refuses what is no key"(page) {
    await page.getByRole("link", { name: "Connect mail" }).click();
    await page.getByRole("heading", { name: "Connect mail", level: 1 }).waitFor();
    await page.getByRole("radio", { name: /Google Workspace/ }).check();
    await page.getByText("https://www.googleapis.com/auth/admin.directory.user.readonly,").waitFor();
    await page.getByLabel("Administrator").fill("admin@company.example");
    const wrongKey = { name: "key.json", mimeType: "application/json", buffer: Buffer.from('{"type": "authorized_user"}') };
    await page.locator("input[type=file]").setInputFiles(wrongKey);
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByRole("alert").getByText("This is not a service-account key").waitFor();
    findings.push(...(await audit(page, "connect Google Workspace")));
    await page.getByRole("radio", { name: /Microsoft 365/ }).check();
    await page.getByText("MailboxSettings.Read").waitFor();
    findings.push(...(await audit(page, "connect Microsoft 365")));
  },
  async "rules say what they look for"(page) {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Rules" }).click();
    await page.getByRole("heading", { name: "Rules", level: 1 }).waitFor();
    await page.getByRole("table", { name: "Rules" }).getByRole("row").nth(1).waitFor();
    findings.push(...(await audit(page, "rules")));
  },
  async "an address of an alert that is not ours says so"(page) {
    const refused = page.waitForResponse((response) => response.status() === 404);
    await page.goto(`${url}/alerts/${nobodysAlert}`);
    await refused;
    await page.getByRole("alert").getByText("It does not exist, or it belongs to another company.").waitFor();
  },
  async "signing out ends the session"(page) {
    await page.getByRole("button", { name: /^Account of/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.goto(`${url}/alerts`);
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  },
};

const browser = await launch();
let failed = 0;
try {
  for (const colorScheme of ["light", "dark"]) {
    const { context, page, complaints } = await open(browser, { colorScheme });
    for (const [name, step] of Object.entries(steps)) {
      try {
        await step(page);
        console.log(`ok: ${colorScheme}: ${name}`);
      } catch (error) {
        failed += 1;
        console.log(
          `FAILED: ${colorScheme}: ${name}: ${error.stack}\n--- the page at ${page.url()}:\n${await page.innerText("body").catch(() => "gone")}`,
        );
        break; // each step stands on the one before
      }
    }
    findings.push(...complaints);
    await context.close();
  }
} finally {
  await browser.close();
}
for (const finding of findings) console.log(`FAILED: ${finding}`);
console.log(`${failed} steps failed; ${findings.length} serious findings of axe or complaints of the browser`);
process.exit(failed + findings.length === 0 ? 0 : 1);

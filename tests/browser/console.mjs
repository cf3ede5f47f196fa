// What the browser programs share: Chromium from the toolbox, a watch over its complaints, signing in, and axe.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** An id that no alert has; the answer 404 to it is meant. */
export const nobodysAlert = "00000000-0000-4000-8000-000000000000";

export function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; remedy: run through ./dev test or ./dev screenshots`);
  return value;
}

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page of its own session, and everything that the browser complained about on it. */
export async function open(browser, options = {}) {
  // A split installation has a certificate authority of its own.
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    ignoreHTTPSErrors: true,
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(90_000); // a machine that is busy with other tests
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    // Nobody is signed in yet, or the password was wrong: the answer 401 is meant.
    if (message.text().includes("401") && message.location().url.endsWith("/api/v1/session")) return;
    if (message.text().includes("404") && message.location().url.includes(nobodysAlert)) return;
    // A webhook's address that is not public: the answer 400 is meant.
    if (message.text().includes("400") && message.location().url.endsWith("/api/v1/webhooks")) return;
    complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`Content-Security-Policy: ${event.violatedDirective} refused ${event.blockedURI || "inline"}`),
    );
  });
  return { context, page, complaints };
}

export async function signIn(page, login, password) {
  await page.getByRole("textbox", { name: "E-mail address" }).fill(login);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** axe's findings that keep people out, as lines; prints how many of each impact there are. */
export async function audit(page, name) {
  await page.evaluate(axe); // not as a script tag, which the policy forbids
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const counts = { minor: 0, moderate: 0, serious: 0, critical: 0 };
  for (const violation of violations) counts[violation.impact] += violation.nodes.length;
  const listed = Object.entries(counts).map(([impact, count]) => `${count} ${impact}`);
  console.log(`axe: ${name}: ${listed.join(", ")}; ${passes.length} rules passed`);
  for (const { id, impact, help, nodes } of violations)
    console.log(`axe: ${name}: ${impact}: ${id}: ${help}: ${nodes[0].html.slice(0, 160)}`);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${name}: ${id}: ${help}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ""}`),
    );
}

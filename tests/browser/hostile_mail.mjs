// Mail whose HTML attacks whoever reads it, opened in the console: each attack is shown to work in a bare page first, and then to do
// nothing here. Needs CONSOLE_URL, LOGIN, PASSWORD, SINK: the address that the attacks call, which answers GET /hits with the paths called.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";

import { launch, needed, open, signIn } from "./console.mjs";

const url = needed("CONSOLE_URL");
const sink = needed("SINK");
const folder = new URL("hostile/", import.meta.url);
const attacks = readdirSync(folder)
  .map((file) => file.replace(".html", ""))
  .sort();
const htmlOf = (attack) => readFileSync(new URL(`${attack}.html`, folder), "utf8").replaceAll("SINK", sink);
const hits = async () => (await (await fetch(`${sink}/hits`)).json()).filter((path) => path !== "/hits");

/** How each attack shows in a page that renders the mail's HTML: the proof that it is one. */
const worksWhenRendered = {
  script: (page) => page.waitForFunction(() => globalThis.taken !== undefined),
  form: (page) => page.waitForFunction(() => document.querySelector("form").action.endsWith("/password")),
  overlay: (page) => page.waitForFunction(() => document.elementFromPoint(20, 20)?.id === "veil"),
  remote_image: async (page) => {
    for (let tries = 0; !(await hits()).includes("/pixel.png"); ++tries) {
      assert.ok(tries < 200, "the sink counts a remote image");
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  },
  svg: (page) => page.waitForFunction(() => globalThis.taken !== undefined),
  meta_refresh: (page) => page.waitForURL(`${sink}/refreshed`),
};

async function showThatItIsAnAttack(browser, attack) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.setContent(htmlOf(attack), { waitUntil: "commit" }).catch(() => {}); // the attack may have led the page away already
  await worksWhenRendered[attack](page);
  await context.close();
}

async function openAlertOf(page, attack) {
  await page.goto(`${url}/alerts?status=all`);
  await page
    .getByRole("listitem")
    .filter({ hasText: `${attack.replace("_", "-")}@target.example` })
    .locator("a.row-link")
    .first()
    .click();
  await page.getByTestId("message-text").waitFor();
}

const browser = await launch();
let failed = 0;
try {
  assert.deepEqual(attacks, Object.keys(worksWhenRendered).sort(), "each attack has its proof");
  const { page, complaints } = await open(browser);
  const dialogs = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const answer = await page.goto(url);
  const policy = answer.headers()["content-security-policy"] ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'(;|$)/, "no inline script is allowed");
  await signIn(page, needed("LOGIN"), needed("PASSWORD"));
  await page.getByRole("navigation", { name: "Main" }).waitFor();

  for (const attack of attacks) {
    try {
      await showThatItIsAnAttack(browser, attack);
      const before = (await hits()).length;
      await openAlertOf(page, attack);
      const address = page.url();
      const text = await page.getByTestId("message-text").innerText();
      assert.match(text, new RegExp(`Read me: ${attack.replace("_", " ")}`), "what the mail says is still read");
      // Whatever an attack loads or runs has had its time once the console has polled twice more.
      for (let polls = 0; polls < 2; ++polls) await page.waitForResponse((response) => response.url().includes("/api/v1/alerts?"));
      assert.equal(page.url(), address, "the page stays");
      assert.equal(await page.evaluate(() => globalThis.taken), undefined, "nothing of the mail ran");
      const section = page.getByRole("region", { name: "The message" });
      for (const element of [
        "script",
        "iframe",
        "object",
        "form",
        "input",
        "img",
        "picture",
        "video",
        "svg",
        "style",
        "link",
        "meta",
        "base",
        "a",
        "[style*=fixed]",
      ])
        assert.equal(await section.locator(element).count(), 0, `no <${element}> of the mail is in the page`);
      assert.equal(await page.locator("#veil, #stolen").count(), 0);
      const button = page.getByRole("button", { name: "Start work" });
      await button.scrollIntoViewIfNeeded();
      const box = await button.boundingBox();
      const covered = await page.evaluate(
        ([x, y]) => document.elementFromPoint(x, y)?.closest("button")?.innerText,
        [box.x + box.width / 2, box.y + box.height / 2],
      );
      assert.equal(covered, "Start work", "nothing lies over the console's buttons");
      assert.deepEqual((await hits()).slice(before), [], "nothing remote was loaded");
      const heading = await page.getByRole("region", { name: "The message" }).innerText();
      assert.match(heading, /<b onmouseover=/, "HTML in a name is text");
      console.log(`ok: ${attack}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED: ${attack}: ${error.stack}\n--- the page at ${page.url()}:\n${await page.innerText("body").catch(() => "gone")}`);
    }
  }
  // The policy behind all of this: even a script that found its way into the page would not run.
  assert.deepEqual([...complaints, ...dialogs], [], "the browser had nothing to refuse");
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "globalThis.taken = 'injected'";
    document.body.append(script);
  });
  assert.equal(await page.evaluate(() => globalThis.taken), undefined, "the policy refuses an inline script");
  assert.ok(
    complaints.some((complaint) => complaint.includes("Content-Security-Policy")),
    "and the browser says so",
  );
  console.log("ok: the policy refuses a script that is in the page");
} catch (error) {
  failed += 1;
  console.log(`FAILED: ${error.stack}`);
} finally {
  await browser.close();
}
console.log(`${attacks.length} attacks, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

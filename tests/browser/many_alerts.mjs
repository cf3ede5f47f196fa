// A list of several thousand alerts moves as a list of few: only rows in sight are in the page, and a key costs the same at the end as at
// the start. Needs CONSOLE_URL, LOGIN, PASSWORD, ALERTS: how many there are.
import assert from "node:assert/strict";

import { launch, needed, open, signIn } from "./console.mjs";

const url = needed("CONSOLE_URL");
const alerts = Number(needed("ALERTS"));
const rowsMax = 80; // in a window of 900 pixels: those in sight, and some beyond each edge
const presses = 60;
const browser = await launch();
let status = 1;
try {
  const { page, complaints } = await open(browser);
  await page.goto(url);
  await signIn(page, needed("LOGIN"), needed("PASSWORD"));
  await page.getByRole("navigation", { name: "Main" }).waitFor();
  await page.goto(`${url}/alerts?status=all`);
  const rows = page.getByRole("list", { name: "Alerts" }).getByRole("listitem");
  await rows.first().waitFor();
  const network = await page.context().newCDPSession(page);
  await network.send("Performance.enable");
  /** Milliseconds of the page's own thread for one press of j. */
  const costOfMoving = async () => {
    const busy = async () => (await network.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value;
    const before = await busy();
    for (let press = 0; press < presses; ++press) {
      await page.keyboard.press("j");
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    return ((await busy()) - before) * (1_000 / presses);
  };
  const few = await costOfMoving();
  const loaded = () => page.evaluate(() => Number.parseInt(document.querySelector("main [role=status]").textContent.replaceAll(",", "")));
  let most = 0;
  for (let known = await loaded(); known < alerts; known = await loaded()) {
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForFunction(
      (before) => Number.parseInt(document.querySelector("main [role=status]").textContent.replaceAll(",", "")) > before,
      known,
    );
    most = Math.max(most, await rows.count());
  }
  assert.equal(await loaded(), alerts, "the whole list can be reached");
  assert.ok(most < rowsMax, `${most} rows are in the page`);
  await page.evaluate(() => window.scrollTo(0, 0));
  await rows.first().locator("a.row-link").focus();
  const many = await costOfMoving();
  console.log(
    `a press of j: ${few.toFixed(1)} ms among the first 200, ${many.toFixed(1)} ms among ${alerts}; at most ${most} rows in the page`,
  );
  assert.ok(many < 2.5 * few, "a key costs much more in a long list");
  assert.deepEqual(complaints, []);
  status = 0;
} catch (error) {
  console.log(`FAILED: ${error.stack}`);
} finally {
  await browser.close();
}
process.exit(status);

// Pictures of every page, wide and on a phone, light and dark, into the folder OUT. Needs CONSOLE_URL, LOGIN, PASSWORD, OUT.
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { launch, needed, open, signIn } from "./console.mjs";

const url = needed("CONSOLE_URL");
const out = needed("OUT");
const sizes = {
  wide: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};
mkdirSync(out, { recursive: true });

const browser = await launch();
try {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      const { context, page } = await open(browser, {
        viewport,
        colorScheme,
        reducedMotion: "reduce",
      });
      const shoot = async (name, whole = false) => {
        await page.waitForLoadState("networkidle");
        await page.screenshot({
          path: join(out, `${name}-${size}-${colorScheme}.png`),
          fullPage: whole,
        });
      };
      await page.goto(url);
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await shoot("sign-in");
      await signIn(page, needed("LOGIN"), needed("PASSWORD"));
      await page.getByRole("heading", { level: 1, name: "Alerts" }).waitFor();
      await page
        .locator("a.row-link")
        .or(page.getByRole("heading", { level: 2 }))
        .first()
        .waitFor();
      await shoot("alerts");
      if (await page.locator("a.row-link").count()) {
        await page.locator("a.row-link").first().click();
        await page.getByRole("region", { name: "Why this alert" }).waitFor();
        await page.getByText("Received", { exact: true }).or(page.getByRole("alert")).first().waitFor();
        await shoot("alert");
        await shoot("alert-whole", true);
      }
      await page.goto(`${url}/connections`);
      await page.getByRole("heading", { level: 2 }).first().waitFor();
      const mailboxes = page.getByRole("button", { name: "Show mailboxes" }).first();
      if (await mailboxes.count()) {
        await mailboxes.click();
        await page.getByRole("table").first().waitFor();
      }
      await shoot("connections", true);
      if (await page.getByRole("button", { name: "Connect mail" }).count()) {
        await page.getByRole("button", { name: "Connect mail" }).first().click();
        await page.getByRole("dialog").waitFor();
        await shoot("connect");
      }
      await page.goto(`${url}/rules`);
      await page.getByRole("main").getByRole("listitem").first().waitFor();
      await shoot("rules", true);
      await context.close();
    }
  }
} finally {
  await browser.close();
}
console.log(`pictures: ${out}`);

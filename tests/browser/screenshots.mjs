// Pictures of every page, wide and on a phone, light and dark, into the folder OUT. Needs CONSOLE_URL, LOGIN, PASSWORD, OUT, and
// OPERATOR_LOGIN, OPERATOR_PASSWORD for the operator's pages. ONLY=words: those whose name holds one of the words.
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { launch, needed, open, signIn } from "./console.mjs";
import { companyPages, operatorPages, settled } from "./pages.mjs";

const url = needed("CONSOLE_URL");
const out = needed("OUT");
const only = (process.env.ONLY ?? "").split(" ").filter(Boolean);
const sizes = {
  wide: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};
mkdirSync(out, { recursive: true });

let taken = 0;
const browser = await launch();
try {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      const { context, page } = await open(browser, { viewport, colorScheme, reducedMotion: "reduce" });
      const shoot = async (name) => {
        if (only.length > 0 && !only.some((word) => name.includes(word))) return;
        await settled(page);
        await page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.png`) });
        // What lies below the fold: the page as high as its content.
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        if (height > viewport.height + 40) {
          await page.setViewportSize({ width: viewport.width, height: Math.min(height, 6_000) });
          await settled(page);
          await page.screenshot({ path: join(out, `${name}-whole-${size}-${colorScheme}.png`) });
          await page.setViewportSize(viewport);
        }
        taken += 1;
      };
      const wanted = (name) => only.length === 0 || only.some((word) => name.includes(word));
      await page.goto(url);
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await shoot("sign-in");
      for (const [login, password, pages] of [
        [needed("LOGIN"), needed("PASSWORD"), companyPages],
        [needed("OPERATOR_LOGIN"), needed("OPERATOR_PASSWORD"), operatorPages],
      ]) {
        await signIn(page, login, password);
        await page.getByRole("navigation", { name: "Main" }).waitFor({ state: "attached" });
        for (const { name, visit } of pages) {
          if (!wanted(name)) continue;
          if (await visit(page, url)) await shoot(name);
          else console.log(`left out: ${name}: the server does not offer it, or there is none of it`);
        }
        await context.clearCookies();
        await page.goto(url);
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
console.log(`${taken} pictures: ${out}`);

// Pictures of every page, wide and on a phone, light and dark, into the folder OUT. Needs CONSOLE_URL, LOGIN, PASSWORD, OUT, and
// OPERATOR_LOGIN, OPERATOR_PASSWORD for the operator's pages. ONLY="alert rule": pages whose name holds one of the words; SIZES="phone", SCHEMES="dark": those alone.
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { launch, needed, open, signIn } from "./console.mjs";
import { companyPages, operatorPages, settled } from "./pages.mjs";

const url = needed("CONSOLE_URL");
const out = needed("OUT");
const only = (process.env.ONLY ?? "").split(" ").filter(Boolean);
const heightMax = 6_000;
const sizes = {
  wide: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};
mkdirSync(out, { recursive: true });

let taken = 0;
const browser = await launch();
try {
  for (const [size, viewport] of Object.entries(sizes).filter(([size]) => (process.env.SIZES ?? size).includes(size))) {
    for (const colorScheme of ["light", "dark"].filter((scheme) => (process.env.SCHEMES ?? scheme).includes(scheme))) {
      const { context, page } = await open(browser, { viewport, colorScheme, reducedMotion: "reduce" });
      const shoot = async (name) => {
        await settled(page);
        // As high as its content: what stands below the fold is seen, and what sticks to an edge keeps its place.
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        await page.setViewportSize({ width: viewport.width, height: Math.min(Math.max(height, viewport.height), heightMax) });
        await settled(page);
        await page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.png`) });
        await page.setViewportSize(viewport);
        taken += 1;
      };
      const wanted = (name) => only.length === 0 || only.some((word) => name.includes(word));
      await page.goto(url);
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      if (wanted("sign-in")) await shoot("sign-in");
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
        await page.getByRole("button", { name: "Sign in" }).waitFor();
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
console.log(`${taken} pictures: ${out}`);

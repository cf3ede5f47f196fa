// axe on every page of the console, wide and on a phone. Needs CONSOLE_URL, LOGIN, PASSWORD, OPERATOR_LOGIN, OPERATOR_PASSWORD.
import { audit, launch, needed, open, signIn } from "./console.mjs";
import { companyPages, operatorPages } from "./pages.mjs";

const url = needed("CONSOLE_URL");
const findings = [];
let audited = 0;
const browser = await launch();
try {
  for (const { viewport, colorScheme } of [
    { viewport: { width: 1440, height: 900 }, colorScheme: "light" },
    { viewport: { width: 390, height: 844 }, colorScheme: "dark" },
  ]) {
    for (const [login, password, pages] of [
      [needed("LOGIN"), needed("PASSWORD"), companyPages],
      [needed("OPERATOR_LOGIN"), needed("OPERATOR_PASSWORD"), operatorPages],
    ]) {
      const { context, page, complaints } = await open(browser, { viewport, colorScheme, reducedMotion: "reduce" });
      await page.goto(url);
      await signIn(page, login, password);
      await page.getByRole("navigation", { name: "Main" }).waitFor({ state: "attached" });
      for (const { name, visit } of pages) {
        if (!(await visit(page, url))) {
          console.log(`left out: ${name}: the server does not offer it, or there is none of it`);
          continue;
        }
        const where = `${name}, ${viewport.width} px, ${colorScheme}`;
        findings.push(...(await audit(page, where)));
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        if (width > viewport.width) findings.push(`${where}: ${width} px wide: it scrolls sideways`);
        audited += 1;
      }
      findings.push(...complaints);
      await context.close();
    }
  }
} finally {
  await browser.close();
}
for (const finding of findings) console.log(`FAILED: ${finding}`);
console.log(`${audited} pages audited; ${findings.length} serious findings of axe or complaints of the browser`);
process.exit(findings.length === 0 && audited > 20 ? 0 : 1);

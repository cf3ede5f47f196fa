// Every page of the console, and how a browser that is signed in gets there. `visit` answers false where this server does not offer
// the page yet, or has nothing to show on it.

/** Nothing is being loaded any more. */
export async function settled(page) {
  await page.waitForFunction(
    () =>
      !document.querySelector("[role=status] .mantine-Loader-root, .loading-rows, .mantine-Skeleton-root") &&
      document.getAnimations().every((animation) => animation.playState !== "running"),
  );
  await page.evaluate(() => document.fonts.ready);
}

/** A page of its own address; the console leads elsewhere from one that it does not offer. */
async function at(page, url, path) {
  await page.goto(url + path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await settled(page);
  return new URL(page.url()).pathname === path.split("?")[0];
}

/** The page behind the first link that the selector finds on another page. */
async function behind(page, url, path, selector) {
  if (!(await at(page, url, path))) return false;
  const link = page.locator(selector).first();
  if (!(await link.count())) return false;
  await link.click();
  await page.waitForFunction((from) => location.pathname !== from, path.split("?")[0]);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await settled(page);
  return true;
}

const simple = (name, path) => ({ name, visit: (page, url) => at(page, url, path) });

/** Clicks a button of a page and waits for the dialog. */
const dialog = (name, path, button) => ({
  name,
  visit: async (page, url) => {
    if (!(await at(page, url, path))) return false;
    const found = page.getByRole("main").getByRole("button", { name: button }).first();
    if (!(await found.count())) return false;
    await found.click();
    await page.getByRole("dialog").waitFor();
    return true;
  },
});

export const companyPages = [
  simple("overview", "/overview"),
  simple("alerts", "/alerts"),
  simple("alerts-all", "/alerts?status=all"),
  {
    name: "alerts-chosen",
    visit: async (page, url) => {
      if (!(await at(page, url, "/alerts?status=all"))) return false;
      const boxes = page.getByRole("listitem").getByRole("checkbox");
      if ((await boxes.count()) < 3) return false;
      for (let index = 0; index < 3; ++index) await boxes.nth(index).check();
      return true;
    },
  },
  simple("alerts-none", "/alerts?rule_id=mail%2Fno_such_rule"),
  {
    name: "alert",
    visit: async (page, url) => {
      if (!(await behind(page, url, "/alerts?status=all", "a.row-link"))) return false;
      await page
        .getByText("Received", { exact: true })
        .or(page.getByText("Switched on", { exact: true }))
        .or(page.getByRole("alert"))
        .first()
        .waitFor();
      await settled(page);
      return true;
    },
  },
  {
    name: "alert-suppress",
    visit: async (page, url) => {
      if (!(await behind(page, url, "/alerts?status=all", "a.row-link"))) return false;
      await page.getByRole("button", { name: /^Suppress/ }).click();
      await page.getByRole("dialog").waitFor();
      return true;
    },
  },
  {
    name: "entity",
    visit: async (page, url) =>
      (await behind(page, url, "/alerts?status=all", "a.row-link")) &&
      (await behind(page, url, new URL(page.url()).pathname, ".alert-whom a")),
  },
  simple("suppressions", "/suppressions"),
  simple("connections", "/connections"),
  { name: "connection", visit: (page, url) => behind(page, url, "/connections", "main section a[href^='/connections/']") },
  simple("connect", "/connections/new"),
  {
    name: "connect-google",
    visit: async (page, url) => {
      await at(page, url, "/connections/new");
      await page.getByRole("radio", { name: /Google/ }).check();
      return true;
    },
  },
  {
    name: "connect-microsoft",
    visit: async (page, url) => {
      await at(page, url, "/connections/new");
      await page.getByRole("radio", { name: /Microsoft/ }).check();
      return true;
    },
  },
  simple("mailboxes", "/mailboxes"),
  simple("rules", "/rules"),
  { name: "rule", visit: (page, url) => behind(page, url, "/rules", "main tbody a[href^='/rules/']") },
  simple("people", "/people"),
  dialog("people-invite", "/people", "Invite"),
  dialog("people-new-password", "/people", /^New password for/),
  dialog("people-remove", "/people", /^Remove /),
  simple("api-keys", "/api-keys"),
  dialog("api-key-new", "/api-keys", "New API key"),
  simple("webhooks", "/webhooks"),
  dialog("webhook-new", "/webhooks", "New webhook"),
  { name: "webhook", visit: (page, url) => behind(page, url, "/webhooks", "main tbody a[href^='/webhooks/']") },
  simple("audit-log", "/audit-log"),
  simple("sessions", "/sessions"),
  {
    name: "commands",
    visit: async (page, url) => {
      await at(page, url, "/alerts");
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("Go to a page, search alerts…").waitFor();
      return true;
    },
  },
  {
    name: "keyboard",
    visit: async (page, url) => {
      await at(page, url, "/alerts");
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
      return true;
    },
  },
  {
    name: "menu",
    visit: async (page, url) => {
      await at(page, url, "/alerts");
      const burger = page.getByRole("button", { name: "Open the menu" });
      if (!(await burger.isVisible())) return false;
      await burger.click();
      await page.getByRole("navigation", { name: "Main" }).getByRole("link").first().waitFor();
      return true;
    },
  },
];

export const operatorPages = [
  simple("tenants", "/tenants"),
  dialog("tenant-new", "/tenants", "New tenant"),
  { name: "tenant", visit: (page, url) => behind(page, url, "/tenants", "main tbody a[href^='/tenants/']") },
  simple("health", "/health"),
  simple("jobs", "/jobs"),
];
